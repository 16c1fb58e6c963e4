import { expect, test } from 'vitest'
import { parseScopes } from './scope.ts'

test.each([
  ['ZohoPay.payments.CREATE', 'sandbox', ['payments.CREATE']],
  ['ZohoPaySandbox.payments.CREATE', 'sandbox', ['payments.CREATE']],
  ['ZohoPay.payments.CREATE,ZohoPaySandbox.payments.CREATE', 'sandbox', ['payments.CREATE']],
  ['ZohoPay.payments.CREATE, ZohoPay.payments.READ', 'live', ['payments.CREATE', 'payments.READ']],
  ['ZohoPay.payments.CREATE ZohoPay.refunds.READ', 'live', ['payments.CREATE', 'refunds.READ']],
  ['', 'live', []],
] as const)('%j is a list of scopes in %s mode', (text, mode, scopes) => {
  expect(parseScopes(text, mode)).toEqual({ scopes })
})

test.each([
  ['ZohoPaySandbox.payments.CREATE', 'live'],
  ['ZohoPayments.payments.CREATE', 'sandbox'],
  ['ZohoCheckout.payments.CREATE', 'sandbox'],
  ['ZohoPay.payments.create', 'sandbox'],
  ['ZohoPay.constructor', 'sandbox'],
  ['payments.CREATE', 'sandbox'],
] as const)('%j is no scope in %s mode', (text, mode) => {
  expect(parseScopes(`ZohoPay.payments.READ,${text}`, mode)).toEqual({ unknownScope: text })
})
