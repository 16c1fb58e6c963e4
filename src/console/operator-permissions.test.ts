import { describe, expect, test } from 'vitest'
import { operationsOf } from '../api/http-route.ts'
import { API_ROUTES } from '../api/routes.ts'
import type { AccountId } from '../domain/id.ts'
import {
  mayActFor,
  OPERATOR_PERMISSION_NAMES,
  OPERATOR_PERMISSIONS,
  OPERATOR_ROLES,
  type OperatorPermission,
  type OperatorRole,
  permissionOf,
  refundLimitOf,
  roleHas,
} from '../domain/operator.ts'

/** The permission table, written a second time: each role with what it has beyond the role before. */
const ROWS: Readonly<Record<OperatorRole, readonly OperatorPermission[]>> = {
  viewer: ['view'],
  support: ['open_contacts', 'refund'],
  manager: [
    'change_customers',
    'cancel_sessions',
    'change_links',
    'cancel_mandates',
    'change_virtual_accounts',
    'resend_webhooks',
  ],
  administrator: ['change_webhooks'],
}

describe.each(OPERATOR_PERMISSION_NAMES)('the permission %s', (permission) => {
  test.each(OPERATOR_ROLES)('of the role %s', (role) => {
    const roles = OPERATOR_ROLES.slice(0, OPERATOR_ROLES.indexOf(role) + 1)
    const isExpected = roles.some((one) => ROWS[one].includes(permission))
    expect(roleHas(role, permission)).toBe(isExpected)
  })
})

test('every changing operation of the API has one permission, or belongs to the application of the merchant', () => {
  const changing = operationsOf(API_ROUTES).filter(({ method }) => method !== 'GET')
  const withoutPermission = changing.filter((one) => permissionOf(one) === undefined)
  expect(withoutPermission.map(({ operationId }) => operationId).toSorted()).toEqual([
    'createConnectedAccount',
    'createMandateEnrollment',
    'createMandateExecution',
    'createPayment',
    'createPaymentMethodSession',
    'createPaymentSession',
    'createTerminalSession',
    'createTransferReversal',
    'createTransfers',
    'createTypedTerminalSession',
    'executeMandate',
    'notifyMandate',
  ])
  const listed = OPERATOR_PERMISSION_NAMES.flatMap((name) => OPERATOR_PERMISSIONS[name].operations)
  expect(new Set(listed).size).toBe(listed.length)
  const known = changing.map(({ operationId }) => operationId)
  expect(listed.filter((operation) => !known.includes(operation))).toEqual([])
})

test('an operator acts for the listed accounts, or for all', () => {
  const [one, other] = ['1', '2'] as AccountId[]
  if (one === undefined || other === undefined) throw new Error('two ids are needed')
  expect(mayActFor({ accountIds: [one] }, one)).toBe(true)
  expect(mayActFor({ accountIds: [one] }, other)).toBe(false)
  expect(mayActFor({ accountIds: [] }, one)).toBe(false)
  expect(mayActFor({ accountIds: undefined }, other)).toBe(true)
})

test('the refund limit binds the role support only', () => {
  expect(refundLimitOf({ role: 'support', refundMaxMinor: 5n })).toBe(5n)
  expect(refundLimitOf({ role: 'manager', refundMaxMinor: 5n })).toBeUndefined()
  expect(refundLimitOf({ role: 'support', refundMaxMinor: undefined })).toBeUndefined()
})
