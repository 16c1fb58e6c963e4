import { describe, expect, test } from 'vitest'
import { operationsOf } from '../api/http-route.ts'
import { API_ROUTES } from '../api/routes.ts'
import type { AccountId } from '../domain/id.ts'
import {
  coversServer,
  mayActFor,
  OPERATOR_PERMISSION_NAMES,
  OPERATOR_PERMISSIONS,
  OPERATOR_ROLES,
  type OperatorPermission,
  type OperatorRole,
  operatorHas,
  permissionOf,
  roleHas,
} from '../domain/operator.ts'
import { CONSOLE_ACCOUNT_ROUTES, CONSOLE_SERVER_ROUTES } from './console-routes.ts'

/** The permission table, written a second time: each role with what it has beyond the role before. */
const ROWS: Readonly<Record<OperatorRole, readonly OperatorPermission[]>> = {
  viewer: ['view'],
  support: ['open_contacts', 'export', 'refund'],
  manager: [
    'export_contacts',
    'approve_refunds',
    'change_customers',
    'cancel_sessions',
    'change_links',
    'cancel_mandates',
    'change_virtual_accounts',
    'resend_webhooks',
    'check_ledger',
  ],
  administrator: [
    'change_webhooks',
    'manage_account',
    'create_accounts',
    'change_fees',
    'manage_operators',
    'view_audit_log',
  ],
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
  const listedOperations = OPERATOR_PERMISSION_NAMES.flatMap(
    (name) => OPERATOR_PERMISSIONS[name].operations,
  )
  expect(new Set(listedOperations).size).toBe(listedOperations.length)
  const consoleRoutes = operationsOf([...CONSOLE_SERVER_ROUTES, ...CONSOLE_ACCOUNT_ROUTES])
  const knownOperations = [...changing, ...consoleRoutes].map(({ operationId }) => operationId)
  expect(listedOperations.filter((operation) => !knownOperations.includes(operation))).toEqual([])
})

test('each of the console’s own routes has a listed permission, and each of those for the whole server has a permission that covers all accounts', () => {
  const listedOperations: ReadonlySet<string> = new Set(
    OPERATOR_PERMISSION_NAMES.flatMap((name) => OPERATOR_PERMISSIONS[name].operations),
  )
  const ids = (routes: Parameters<typeof operationsOf>[0]) =>
    operationsOf(routes).map(({ operationId }) => operationId)
  const own = [...CONSOLE_SERVER_ROUTES, ...CONSOLE_ACCOUNT_ROUTES]
  expect(ids(own).filter((id) => !listedOperations.has(id))).toEqual([])
  const ofServer = operationsOf(CONSOLE_SERVER_ROUTES).map(permissionOf)
  expect(ofServer.filter((one) => one === undefined || !coversServer(one))).toEqual([])
  const apiOperations = new Set(ids(API_ROUTES))
  expect(ids(own).filter((id) => apiOperations.has(id))).toEqual([])
})

test('a permission for the whole server needs the role and all accounts', () => {
  const one = '1' as AccountId
  expect(operatorHas({ role: 'administrator', accountIds: undefined }, 'view_audit_log')).toBe(true)
  expect(operatorHas({ role: 'administrator', accountIds: [one] }, 'view_audit_log')).toBe(false)
  expect(operatorHas({ role: 'manager', accountIds: undefined }, 'view_audit_log')).toBe(false)
  expect(operatorHas({ role: 'administrator', accountIds: [one] }, 'change_webhooks')).toBe(true)
})

test('an operator acts for the listed accounts, or for all', () => {
  const [one, other] = ['1', '2'] as AccountId[]
  if (one === undefined || other === undefined) throw new Error('two ids are needed')
  expect(mayActFor({ accountIds: [one] }, one)).toBe(true)
  expect(mayActFor({ accountIds: [one] }, other)).toBe(false)
  expect(mayActFor({ accountIds: [] }, one)).toBe(false)
  expect(mayActFor({ accountIds: undefined }, other)).toBe(true)
})
