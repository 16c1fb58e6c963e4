import { expect, test } from 'vitest'
import type { AccountId, PaymentAttemptId, RefundApprovalId } from './id.ts'
import { decideRefundApproval, type RefundApproval } from './refund-approval.ts'

const REQUEST: RefundApproval = {
  id: '1' as RefundApprovalId,
  accountId: '2' as AccountId,
  paymentAttemptId: '3' as PaymentAttemptId,
  amount: { amountMinor: 500n, currency: 'INR' },
  reason: 'others',
  requestedBy: 'op_1',
  createdAtMs: 0,
  expiresAtMs: 100,
  status: 'waiting',
}
const OTHER = { id: 'op_2', role: 'manager', accountIds: undefined } as const
const SELF = { id: 'op_1', role: 'administrator', accountIds: undefined } as const

test.each([
  ['another manager approves', {}, 'approved', OTHER, 99, 'approved'],
  ['another manager rejects', {}, 'rejected', OTHER, 99, 'rejected'],
  ['nobody approves their own request', {}, 'approved', SELF, 99, 'own_request'],
  ['a person withdraws their own request', {}, 'rejected', SELF, 99, 'rejected'],
  [
    'the role support approves nothing',
    {},
    'approved',
    { ...OTHER, role: 'support' },
    1,
    'not_permitted',
  ],
  [
    'the role support rejects only its own',
    {},
    'rejected',
    { ...OTHER, role: 'support' },
    1,
    'not_permitted',
  ],
  [
    'a manager who has lost the account approves nothing',
    {},
    'approved',
    { ...OTHER, accountIds: ['4' as AccountId] },
    1,
    'not_permitted',
  ],
  ['a request ends', {}, 'approved', OTHER, 100, 'expired'],
  [
    'an approved request is not decided again',
    { status: 'approved' },
    'rejected',
    OTHER,
    1,
    'already_decided',
  ],
  [
    'a rejected request is not decided again',
    { status: 'rejected' },
    'approved',
    OTHER,
    1,
    'already_decided',
  ],
] as const)('%s', (_name, more, decision, by, nowMs, expected) => {
  const result = decideRefundApproval({ ...REQUEST, ...more }, decision, by, nowMs)
  expect('refused' in result ? result.refused : result.status).toBe(expected)
})
