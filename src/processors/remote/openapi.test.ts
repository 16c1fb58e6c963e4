import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, test } from 'vitest'
import { EXAMPLE_BANK_ACCOUNT } from '../../../test/support/example-bank.ts'
import { exampleUnderTest } from '../../../test/support/example-processor.ts'
import { drawBytes, machineClock } from '../machine.ts'
import {
  answerSchema,
  bodySchema,
  COMPONENTS,
  describeProcessorServer,
  type Schema,
} from './openapi.ts'
import type { CallName } from './protocol.ts'
import { createCallSender } from './send-call.ts'

const ajv = new Ajv2020({ strict: false, formats: { int64: true } })
const isValid = (schema: Schema, value: unknown) =>
  ajv.validate({ ...schema, components: COMPONENTS }, value)

test('the description of a processor server is valid OpenAPI', async () => {
  const { errors, valid } = await new Validator().validate(
    JSON.parse(JSON.stringify(describeProcessorServer())),
  )
  expect([valid, errors]).toEqual([true, undefined])
})

const { amount, instruments } = exampleUnderTest()
const money = { amountMinor: Number(amount.amountMinor), currency: amount.currency }
const ids = { attemptId: '8123456789012345', refundId: '8223456789012345' }
const transfer = {
  virtualAccountId: ids.attemptId,
  utr: 'U1',
  amount: money,
  mode: 'NEFT',
  payerName: 'Asha Rao',
  payerIfscCode: 'HDFC0000001',
}
const payout = {
  payoutReference: 'po_1',
  amount: money,
  initiatedAtMs: 1_795_000_000_000,
  bankAccount: EXAMPLE_BANK_ACCOUNT,
  result: { status: 'initiated' },
}
const notice = {
  notificationId: ids.refundId,
  mandateId: ids.attemptId,
  amount: money,
  executionOn: '2026-12-05',
  description: 'Monthly fee',
  invoiceNumber: 'INV-2',
  requestedAtMs: 1_795_000_000_000,
}
const terms = {
  amountRule: 'fixed',
  frequency: 'monthly',
  description: 'Monthly fee',
  amountMinor: 50_000,
  startOn: '2026-12-05',
  debitDay: 5,
  debitRule: 'on',
}
const enrollment = {
  type: 'mandate_enrollment',
  mandateId: ids.attemptId,
  terms,
  channel: 'collect',
  upiId: 'asha@okbank',
}
const debit = { type: 'mandate_debit', mandateId: ids.attemptId, notificationId: ids.refundId }
const page = { description: 'Order 1', returnUrl: 'https://shop.example/back' }
test.each<[CallName, object]>([
  ['describe', {}],
  [
    'charge',
    { attemptId: ids.attemptId, amount: money, instrument: instruments.approved, ...page },
  ],
  ['charge', { attemptId: ids.attemptId, amount: money, instrument: enrollment, ...page }],
  ['charge', { attemptId: ids.attemptId, amount: money, instrument: debit, ...page }],
  ['notifyOfDebit', notice],
  ['notifyOfDebit', { ...notice, upiId: 'asha@okbank' }],
  ['findMandate', { mandateId: ids.attemptId }],
  ['cancelMandate', { mandateId: ids.attemptId }],
  ['completeNotice', { notificationId: ids.refundId }],
  ['findCharge', { attemptId: ids.attemptId }],
  ['cancelCharge', { attemptId: ids.attemptId }],
  ['refund', { ...ids, amount: money }],
  [
    'save',
    {
      paymentMethodId: ids.attemptId,
      instrument: instruments.approved,
      billingAddress: { country: 'US', postalCode: '10001' },
      customer: { name: 'Ben Ode', email: 'ben@shop.example' },
      returnUrl: page.returnUrl,
    },
  ],
  ['findSaved', { paymentMethodId: ids.attemptId }],
  ['forget', { paymentMethodId: ids.attemptId, token: 'tok_1' }],
  [
    'openVirtualAccount',
    { virtualAccountId: ids.attemptId, beneficiaryName: 'Shop', description: 'Deposits' },
  ],
  ['closeVirtualAccount', { virtualAccountId: ids.attemptId }],
  ['listTransfers', {}],
  ['listTransfers', { after: 'p2' }],
  [
    'decideTransfer',
    { virtualAccountId: ids.attemptId, utr: 'U1', attemptId: ids.refundId, decision: 'returned' },
  ],
  ['listPayouts', { after: 'p2' }],
  ['listPayoutTransactions', { payoutReference: 'po_1' }],
  ['testSetup', {}],
  ['completeCharge', { attemptId: ids.attemptId }],
  ['completeRefund', { refundId: ids.refundId }],
  ['completeSave', { paymentMethodId: ids.attemptId }],
  ['sendTransfer', { virtualAccountId: ids.attemptId, accountNumber: 'ACME1X', amount: money }],
  ['makePayout', { attemptId: ids.attemptId }],
])('a request of the call %s matches its description', (name, fields) => {
  const server = { url: 'http://127.0.0.1', keys: [] }
  const sender = createCallSender(server, { clock: machineClock, drawBytes })
  const { body } = sender.sign(name, fields, 0)
  sender.close()
  expect(isValid(bodySchema(name), JSON.parse(body))).toBe(true)
  expect(isValid(bodySchema(name), { ...JSON.parse(body), call: 'other' })).toBe(false)
})

test.each<[CallName, object, boolean]>([
  ['charge', { kind: 'approved', processorReference: 'r', addedLater: 1 }, true],
  ['charge', { kind: 'approved' }, false],
  ['charge', { kind: 'declined', declineCode: 'card_declined' }, true],
  ['charge', { kind: 'declined', declineCode: 'moon' }, false],
  [
    'findCharge',
    { kind: 'pending', processorReference: 'r', action: { kind: 'upi_approve' } },
    true,
  ],
  ['findCharge', { kind: 'pending', processorReference: 'r', action: { kind: 'dance' } }, false],
  ['notifyOfDebit', { kind: 'succeeded', processorReference: 'n1' }, true],
  ['notifyOfDebit', { kind: 'approved' }, false],
  ['findMandate', { kind: 'paused' }, true],
  ['findMandate', { kind: 'ended' }, false],
  ['cancelMandate', { kind: 'revoked' }, true],
  ['refund', { kind: 'succeeded' }, true],
  ['refund', { kind: 'approved' }, false],
  ['save', { kind: 'saved', token: 'tok_1' }, true],
  ['save', { kind: 'saved' }, false],
  ['save', { kind: 'verifying', token: 'tok_1', askAfterMs: 5_000 }, true],
  ['findSaved', { kind: 'pending', action: { kind: 'redirect', to: 'issuer', url: '/x' } }, true],
  ['findSaved', { kind: 'pending', action: { kind: 'upi_approve' } }, false],
  ['forget', { kind: 'forgotten' }, true],
  ['forget', { kind: 'deleted' }, false],
  [
    'openVirtualAccount',
    { kind: 'opened', accountNumber: 'ACME1001X', ifscCode: 'ACME0000001' },
    true,
  ],
  ['openVirtualAccount', { kind: 'opened', accountNumber: '1', ifscCode: 'ACME0000001' }, false],
  ['openVirtualAccount', { kind: 'refused' }, true],
  ['closeVirtualAccount', { kind: 'closed' }, true],
  ['listTransfers', { kind: 'page', items: [transfer], next: 'p1' }, true],
  ['listTransfers', { kind: 'page', items: [{ ...transfer, mode: 'UPI' }], next: 'p1' }, false],
  ['decideTransfer', { kind: 'unknown', reason: 'x' }, true],
  ['listPayouts', { kind: 'page', items: [payout], next: 'p1' }, true],
  ['listPayouts', { kind: 'page', items: [{ ...payout, result: {} }], next: 'p1' }, false],
  ['listPayoutTransactions', { kind: 'page', items: [{ kind: 'payment', id: '7' }] }, true],
  ['listPayoutTransactions', { kind: 'page', items: [{ kind: 'charge', id: '7' }] }, false],
  ['describe', { name: 'r', canCancel: true, banks: [{ code: 'x', name: 'X' }] }, true],
  ['describe', { name: 'r', banks: ['X'] }, false],
  ['testSetup', { amount: money, instruments }, true],
  ['testSetup', { amount: money, instruments, mandatePayer: { channel: 'qr' } }, true],
  ['testSetup', { amount: money, instruments, mandatePayer: { channel: 'sms' } }, false],
])('the description of %s allows the answer %j', (name, answer, expected) => {
  expect(isValid(answerSchema(name), answer)).toBe(expected)
})
