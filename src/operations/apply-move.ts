import { statementDescriptorOf } from '../domain/account.ts'
import type { Clock } from '../domain/clock.ts'
import { feeOn, feeRatesAt } from '../domain/fee.ts'
import type { PaymentSessionId } from '../domain/id.ts'
import type { Ids } from '../domain/ids.ts'
import { postingsFor } from '../domain/ledger.ts'
import type { PaymentAttempt } from '../domain/payment-attempt.ts'
import {
  type Moved,
  movePaymentSession,
  type PaymentSessionMove,
  type Refused,
} from '../domain/payment-session.ts'
import type { Refund } from '../domain/refund.ts'
import { splitCaptured, type Transfer, type TransferDetail } from '../domain/transfer.ts'
import { paymentFields } from '../wire/payment.ts'
import { allEnded } from './all-ended.ts'
import type { MoneyCounter } from './money-counter.ts'
import type { QueueDeps } from './queue-message.ts'
import { queueReceipt } from './queue-receipt.ts'
import type { PaymentSessionRecord, SessionTransaction, Store } from './store.ts'
import { storeDrawn } from './store-drawn.ts'
import { eventSourceOf, writeWebhookEvent } from './write-webhook-event.ts'

/** A move that was made on a stored session. */
export type MovedRecord = Moved & {
  readonly session: PaymentSessionRecord
  /** True: the move changed the status of its attempt. */
  readonly hasNewAttemptStatus?: boolean
}

/** The dependencies of a move of a stored session. */
export type MoveDeps = Omit<QueueDeps, 'messageChannels'> & {
  readonly store: Pick<Store, 'sessionTransaction'>
  readonly clock: Clock
  readonly ids: Ids
  /** Undefined: no receipts are queued. */
  readonly messageChannels?: QueueDeps['messageChannels']
  /** Undefined: nothing is counted. */
  readonly moneyCounter?: MoneyCounter
}

/** The dependencies of a move inside a transaction. */
type ConsequenceDeps = Omit<MoveDeps, 'store' | 'moneyCounter'>

/** The new attempt's id is taken, so another one has to be drawn. Nothing was written. */
export class AttemptIdTaken extends Error {}

/**
 * Moves a stored payment session: locks its row, decides, and stores the session, its attempt and the consequences in
 * one transaction. No other function changes a stored session. Undefined: there is no such session. Throws RowHeld
 * and AttemptIdTaken.
 */
export async function applyMove(
  deps: MoveDeps,
  id: PaymentSessionId,
  move: PaymentSessionMove,
): Promise<MovedRecord | Refused | undefined> {
  const moved = await deps.store.sessionTransaction(id, (tx) => applyMoveIn(tx, deps, id, move))
  // Counted after the commit, because a transaction can run twice.
  if (moved !== undefined && 'attempt' in moved && moved.hasNewAttemptStatus === true) {
    deps.moneyCounter?.countPayment(moved.attempt)
  }
  return moved
}

/** Does the same as `applyMove`, as a part of a larger transaction. */
export async function applyMoveIn(
  tx: SessionTransaction,
  deps: ConsequenceDeps,
  id: PaymentSessionId,
  move: PaymentSessionMove,
): Promise<MovedRecord | Refused | undefined> {
  const before = await tx.paymentSessions.lock(id)
  if (before === undefined) return undefined

  const storedAttempt =
    'attemptId' in move && move.type !== 'start_attempt'
      ? await tx.paymentAttempts.find(move.attemptId)
      : undefined
  // An attempt of another session is ignored.
  const attemptBefore = storedAttempt?.paymentSessionId === id ? storedAttempt : undefined
  const result = movePaymentSession(before, attemptBefore, move, deps.clock.nowMs())
  if ('refused' in result) return result

  const session = { ...before, ...result.session }
  const updating = tx.paymentSessions.update(session)
  if (result.attempt === undefined) {
    await updating
    return { ...result, session }
  }
  const [attempt] = await allEnded([withAccountValues(tx, session, result.attempt), updating])
  if (move.type !== 'start_attempt') await tx.paymentAttempts.update(attempt)
  else if (!(await tx.paymentAttempts.insert(attempt))) throw new AttemptIdTaken()
  // A repeated "pending" is not an event.
  const hasNewAttemptStatus = attempt.status !== attemptBefore?.status
  if (hasNewAttemptStatus) await writeConsequences(tx, deps, session, attempt)
  return { ...result, session, attempt, hasNewAttemptStatus }
}

/**
 * Writes the consequences of an outcome: the transfers and the receipt of a success, the refund of an approval that
 * came too late, and the postings and the event of each.
 */
async function writeConsequences(
  tx: SessionTransaction,
  deps: ConsequenceDeps,
  session: PaymentSessionRecord,
  attempt: PaymentAttempt,
): Promise<void> {
  const nowMs = deps.clock.nowMs()
  const { accountId, amount } = session
  const source = { accountId, paymentAttemptId: attempt.id, createdAtMs: nowMs }
  if (attempt.status === 'refunded') {
    const draw = (): Refund => ({
      ...source,
      id: deps.ids.refund(attempt.id),
      amount,
      type: 'initiated_by_system',
      reason: 'system_initiated',
      status: 'initiated',
      nextQueryAtMs: nowMs,
      queryCount: 0,
    })
    await storeDrawn(draw, tx.refunds.insert)
  }
  const details =
    attempt.status === 'succeeded'
      ? splitCaptured(amount.amountMinor, transferDetailsOf(session)).transfers
      : []
  const transfers = await allEnded(
    details.map(({ amountMinor, connectedAccountId }, index) => {
      const draw = (): Transfer => ({
        ...source,
        id: deps.ids.transfer(attempt.id),
        number: index + 1,
        connectedAccountId,
        amount: { amountMinor, currency: amount.currency },
        reversedMinor: 0n,
      })
      return storeDrawn(draw, tx.transfers.insert)
    }),
  )
  const writes: Promise<void>[] = []
  if (attempt.status === 'succeeded' || attempt.status === 'refunded') {
    const posting = tx.ledger.insert([
      ...postingsFor({ type: 'attempt', attempt, currency: amount.currency }, nowMs),
      ...transfers.flatMap((transfer) => postingsFor({ type: 'transfer', transfer }, nowMs)),
    ])
    writes.push(posting)
  }
  const type = eventTypeOf(attempt)
  if (type !== undefined) {
    const object = { payment: paymentFields({ attempt, session }) }
    writes.push(writeWebhookEvent(tx, deps, eventSourceOf(session), { type, object }))
  }
  if (attempt.status === 'succeeded') writes.push(queueReceipt(tx, deps, session, attempt))
  await allEnded(writes)
}

/** Returns the event type to publish for an attempt, if any. Late money is announced when it is refunded. */
function eventTypeOf({ action, instrument, status }: PaymentAttempt) {
  switch (status) {
    case 'succeeded':
      return 'payment.succeeded'
    case 'failed':
      return 'payment.failed'
    case 'pending':
      // The real service publishes this event for bank debits, which take days, but not while the customer is on a
      // page.
      return instrument.type === 'ach_debit' && action === undefined ? 'payment.pending' : undefined
    default:
      return undefined
  }
}

/**
 * Returns the attempt with values from the account's settings: a new attempt gets the statement text, a success the fee
 * by the rates at its time.
 */
async function withAccountValues(
  tx: SessionTransaction,
  session: PaymentSessionRecord,
  attempt: PaymentAttempt,
): Promise<PaymentAttempt> {
  if (attempt.status !== 'succeeded' && attempt.status !== 'initiated') return attempt
  const account = await tx.accounts.find(session.accountId)
  if (account === undefined) throw new Error(`session ${session.id} has no account`)
  if (attempt.status === 'initiated') {
    return { ...attempt, statementDescriptor: statementDescriptorOf(account) }
  }
  const { capturedMinor } = attempt.money
  // The time that the payment shows as its date.
  const rates = feeRatesAt(account, attempt.decidedAtMs ?? attempt.createdAtMs)
  const { feeMinor, taxMinor } = feeOn(capturedMinor, rates)
  const { merchantMinor } = splitCaptured(capturedMinor, transferDetailsOf(session))
  const transferredMinor = capturedMinor - merchantMinor
  return { ...attempt, money: { ...attempt.money, feeMinor, taxMinor, transferredMinor } }
}

function transferDetailsOf({ transferDetailsJson }: PaymentSessionRecord): TransferDetail[] {
  if (transferDetailsJson === undefined) return []
  const details = JSON.parse(transferDetailsJson) as {
    connected_account_id: string
    amount_minor: string
  }[]
  return details.map((detail) => ({
    connectedAccountId: detail.connected_account_id as TransferDetail['connectedAccountId'],
    amountMinor: BigInt(detail.amount_minor),
  }))
}
