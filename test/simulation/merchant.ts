/** Sends the requests of merchants (refunds, transfers, reversals), and notes the answers. */
import { expect } from 'vitest'
import { answerOnce, type OnceAnswer } from '../../src/api/answer-once.ts'
import { type IdempotentRequest, identifyRequest } from '../../src/api/idempotency.ts'
import type {
  PaymentAttemptId,
  RefundId,
  TransferId,
  TransferReversalId,
} from '../../src/domain/id.ts'
import { recordReportedDispute } from '../../src/operations/dispute-payment.ts'
import { lockPayment, lockTransfer } from '../../src/operations/lock-payment.ts'
import { makeTransfers } from '../../src/operations/make-transfers.ts'
import { refundPayment } from '../../src/operations/refund-payment.ts'
import { reverseTransfer } from '../../src/operations/reverse-transfer.ts'
import type { ReportedDispute } from '../../src/processors/dispute-reports.ts'
import { CONNECTED_ACCOUNT_ID, disputedMinorOf, grantedMinor, openDisputeOf, sum } from './notes.ts'
import type { Run } from './run.ts'

/** The requested part of the remaining amount: in thousandths, all of it, or more than all. */
export type Portion = number | 'all' | 'more'

/** An answer as the merchant reads it. */
type AnswerRow = { readonly id?: string; readonly leftMinor?: string; readonly amountMinor: string }

/** The number of accepted and refused requests by kind, which shows the simulation's coverage. */
export const TALLY = new Map<string, number>()

/** Adds one to a number of the tally. */
export const count = (what: string) => TALLY.set(what, (TALLY.get(what) ?? 0) + 1)
const withKey = (run: Run, key: string, body: string): IdempotentRequest =>
  identifyRequest({ callerId: run.agreement.accountId, path: '/simulation', key, body })

/** Returns the amount of a portion, which is above zero. */
export function portionOf(leftMinor: bigint, portion: Portion): bigint {
  const minor =
    portion === 'all'
      ? leftMinor
      : portion === 'more'
        ? leftMinor + 1n
        : (leftMinor * BigInt(portion)) / 1_000n
  return minor > 0n ? minor : 1n
}

function rowsOf(once: OnceAnswer<unknown>): readonly AnswerRow[] {
  return JSON.parse(('answer' in once ? once.answer : once.replay).body) as readonly AnswerRow[]
}

/** Makes the answer with one row. */
function answerOf(
  resourceId: string,
  { amountMinor, ...rest }: Omit<AnswerRow, 'amountMinor'> & { readonly amountMinor: bigint },
) {
  const body = JSON.stringify([{ ...rest, amountMinor: String(amountMinor) }])
  return { status: 201, body, resourceId }
}

/** Returns the refundable amount of a payment by the auditor's own sums. An open dispute stops all refunds. */
export async function refundableOf(run: Run, id: PaymentAttemptId): Promise<bigint> {
  if (openDisputeOf(run.notes, id) !== undefined) return 0n
  const leftMinor = (await notRefundedOf(run, id)) - disputedMinorOf(run.notes, id)
  return leftMinor > 0n ? leftMinor : 0n
}

/** Returns the remaining amount of a payment after its refunds, by the auditor's own sums. */
async function notRefundedOf(run: Run, id: PaymentAttemptId): Promise<bigint> {
  const { processor, deps } = run.world
  const statuses = run.notes.statuses.get(id)
  // Late money is refunded automatically; the merchant can repeat a failed refund.
  if (!(statuses?.has('succeeded') || statuses?.has('refunded'))) return 0n
  const refunds = (await deps.store.refunds.listByPayment(id)).filter(
    ({ status }) => status !== 'failed',
  )
  const takenMinor = processor.charges.get(id)?.amountMinor ?? 0n
  return takenMinor - sum(refunds.map(({ amount }) => amount.amountMinor))
}

/** Returns the amount of a payment that connected accounts have, by the auditor's own sums. */
async function transferredOf(run: Run, id: PaymentAttemptId): Promise<bigint> {
  const transfers = await run.world.deps.store.transfers.listByPayment(id)
  const backMinor = sum(transfers.map((one) => grantedMinor(run.notes.reversals.values(), one.id)))
  return sum(transfers.map(({ amount }) => amount.amountMinor)) - backMinor
}

/** Returns the transferable amount of a payment by the auditor's own sums. */
export async function transferableOf(run: Run, id: PaymentAttemptId): Promise<bigint> {
  if (!run.notes.statuses.get(id)?.has('succeeded')) return 0n
  const leftMinor = (await notRefundedOf(run, id)) - (await transferredOf(run, id))
  return leftMinor > 0n ? leftMinor : 0n
}

/** Requests a refund. Returns the refund's id; undefined if it was refused. */
export async function askRefund(
  run: Run,
  id: PaymentAttemptId,
  amountMinor: bigint,
  key?: string,
): Promise<RefundId | undefined> {
  const { deps } = run.world
  const request = { type: 'initiated_by_merchant', reason: 'others' } as const
  const payment = await deps.store.paymentAttempts.find(id)
  if (payment?.accountId !== run.agreement.accountId) throw new Error('there is no such payment')
  const once = await answerOnce(
    deps,
    key === undefined ? undefined : withKey(run, key, String(amountMinor)),
    {
      bucket: deps.store.publicIds.bucketOf(id),
      lock: (tx) => lockPayment(tx, payment),
      change: (tx, lockedObject) => {
        const amount = { ...lockedObject.session.amount, amountMinor }
        return refundPayment(tx, deps, lockedObject, { ...request, amount })
      },
      render: (result) =>
        'refused' in result
          ? answerOf(id, { leftMinor: String(result.remaining.amountMinor), amountMinor })
          : answerOf(result.id, { id: result.id, amountMinor }),
    },
  )
  const [row] = rowsOf(once)
  count(row?.id === undefined ? 'refund refused' : 'refund granted')
  if (row?.id === undefined) return undefined
  run.notes.refunds.set(row.id as RefundId, { ownerId: id, amountMinor })
  return row.id as RefundId
}

/** Requests transfers, and compares the remaining amount. Returns the successful ones. */
export async function askTransfers(
  run: Run,
  id: PaymentAttemptId,
  amountsMinor: readonly bigint[],
  key?: string,
): Promise<readonly boolean[]> {
  const before = await notRefundedOf(run, id)
  const { deps } = run.world
  const payment = await deps.store.paymentAttempts.find(id)
  if (payment?.accountId !== run.agreement.accountId) throw new Error('there is no such payment')
  const once = await answerOnce(
    deps,
    key === undefined ? undefined : withKey(run, key, String(amountsMinor)),
    {
      lock: (tx) => lockPayment(tx, payment),
      change: (tx, lockedObject) => {
        const requests = amountsMinor.map((amountMinor) => ({
          connectedAccountId: CONNECTED_ACCOUNT_ID,
          amount: { ...lockedObject.session.amount, amountMinor },
        }))
        return makeTransfers(tx, deps, lockedObject, requests)
      },
      render: (results) => {
        const rows = results.map((result) =>
          'transfer' in result
            ? { id: result.transfer.id, amountMinor: String(result.transfer.amount.amountMinor) }
            : {
                leftMinor: String(result.remaining.amountMinor),
                amountMinor: String(result.request.amount.amountMinor),
              },
        )
        return { status: 201, body: JSON.stringify(rows), resourceId: id }
      },
    },
  )
  const rows = rowsOf(once)
  for (const one of rows) {
    count(one.id === undefined ? 'transfer refused' : 'transfer granted')
    if (one.id === undefined) continue
    const amountMinor = BigInt(one.amountMinor)
    run.notes.transfers.set(one.id as TransferId, { ownerId: id, amountMinor })
  }
  if (rows.some((one) => one.id !== undefined)) {
    // Connected accounts have at most the amount that was not refunded before the request.
    expect(await transferredOf(run, id), 'transferred').toBeLessThanOrEqual(before)
  }
  return rows.map((one) => one.id !== undefined)
}

/** Requests the reversal of a part of a transfer. Returns true if it was made. */
export async function askReversal(
  run: Run,
  id: TransferId,
  amountMinor: bigint,
  key?: string,
): Promise<boolean> {
  const { deps } = run.world
  const transfer = await deps.store.transfers.find(id)
  if (transfer?.accountId !== run.agreement.accountId) throw new Error('there is no such transfer')
  const once = await answerOnce(
    deps,
    key === undefined ? undefined : withKey(run, key, String(amountMinor)),
    {
      lock: (tx) => lockTransfer(tx, transfer),
      change: (tx, lockedObject) =>
        reverseTransfer(tx, deps, lockedObject, { amount: { ...transfer.amount, amountMinor } }),
      render: (result) =>
        'refused' in result
          ? answerOf(id, { leftMinor: String(result.remaining.amountMinor), amountMinor })
          : answerOf(result.reversal.id, { id: result.reversal.id, amountMinor }),
    },
  )
  const [row] = rowsOf(once)
  count(row?.id === undefined ? 'reversal refused' : 'reversal granted')
  if (row?.id === undefined) return false
  run.notes.reversals.set(row.id as TransferReversalId, { ownerId: id, amountMinor })
  return true
}

let reportCount = 0

/** The processor reports a dispute of a part of a payment, twice at the same time. */
export async function reportDispute(
  run: Run,
  id: PaymentAttemptId,
  portion: Portion,
): Promise<void> {
  const { clock, deps, processor } = run.world
  const payment = await deps.store.paymentAttempts.find(id)
  const capturedMinor = processor.charges.get(id)?.amountMinor ?? 0n
  const leftMinor = capturedMinor - disputedMinorOf(run.notes, id)
  const amountMinor = portionOf(leftMinor, portion)
  reportCount += 1
  const report: ReportedDispute = {
    disputeReference: `dispute-${reportCount}`,
    attemptId: id,
    amount: { amountMinor, currency: 'INR' },
    reason: 'fraudulent',
    openedAtMs: clock.nowMs(),
    result: { status: 'open' },
  }
  const isOpen = openDisputeOf(run.notes, id) !== undefined
  const isAllowed = payment?.status === 'succeeded' && !isOpen && amountMinor <= leftMinor
  const record = () => recordReportedDispute(deps, report)
  const [first, second] = await Promise.all([record(), record()])
  expect(second, 'a repeated report').toEqual(first)
  const isRecorded = first !== undefined && !('refused' in first)
  expect(isRecorded, 'a dispute is recorded').toBe(isAllowed)
  count(isRecorded ? 'dispute granted' : 'dispute refused')
  if (!isRecorded) return
  run.notes.disputes.set(report.disputeReference, { ownerId: id, amountMinor, report })
}

/** The processor reports the decision about an open dispute twice at the same time, and then the opening again. */
export async function decideDispute(
  run: Run,
  id: PaymentAttemptId,
  status: 'won' | 'lost',
): Promise<void> {
  const note = openDisputeOf(run.notes, id)
  if (note === undefined) return
  const { clock, deps } = run.world
  const report = { ...note.report, result: { status, decidedAtMs: clock.nowMs() } } as const
  await Promise.all([recordReportedDispute(deps, report), recordReportedDispute(deps, report)])
  expect(await recordReportedDispute(deps, note.report)).toMatchObject({ status })
  count(`dispute ${status}`)
  run.notes.disputes.set(report.disputeReference, { ...note, report })
}
