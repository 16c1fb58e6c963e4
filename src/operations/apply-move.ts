import { type Account, statementDescriptorOf } from '../domain/account.ts'
import {
  type BalanceTransaction,
  chargeOf,
  transferTransactionsOf,
} from '../domain/balance-transaction.ts'
import type { Clock } from '../domain/clock.ts'
import { feeOn, feeRatesAt } from '../domain/fee.ts'
import type { PaymentLinkId, PaymentSessionId } from '../domain/id.ts'
import type { Ids } from '../domain/ids.ts'
import { postingsFor } from '../domain/ledger.ts'
import type { Currency } from '../domain/money.ts'
import type { PaymentAttempt } from '../domain/payment-attempt.ts'
import {
  movePaymentLink,
  type PaymentLink,
  type PaymentLinkMove,
  type RefusedLinkMove,
} from '../domain/payment-link.ts'
import {
  type MovedSession,
  movePaymentSession,
  type PaymentSessionMove,
  type RefusedMove,
  statusAt,
} from '../domain/payment-session.ts'
import { isMandateSession } from '../domain/records.ts'
import type { Refund } from '../domain/refund.ts'
import { splitCapturedAmount, type Transfer, type TransferDetail } from '../domain/transfer.ts'
import { paymentFields } from '../wire/payment.ts'
import { allEnded } from './all-ended.ts'
import { followMandatePayment } from './follow-mandate-payment.ts'
import type { MoneyCounter } from './money-counter.ts'
import { moveLink } from './move-payment-link.ts'
import type { QueueDeps } from './queue-message.ts'
import { queueReceipt } from './queue-receipt.ts'
import type { PaymentSessionRecord, SessionTransaction, Store, Transaction } from './store.ts'
import { storeWithFreeId } from './store-drawn.ts'
import { eventSourceOf, writeWebhookEvent } from './write-webhook-event.ts'

/** A move that was made on a stored session. */
export type MovedRecord = MovedSession & {
  readonly session: PaymentSessionRecord
  /** True: the move changed the status of its attempt. */
  readonly hasNewAttemptStatus?: boolean
}

/** The dependencies of a move of a stored session. */
export type MoveDeps = Omit<QueueDeps, 'messageChannels'> & {
  readonly store: Pick<Store, 'sessionTransaction' | 'transaction'>
  readonly clock: Clock
  readonly ids: Ids
  /** Undefined: no receipts are queued. */
  readonly messageChannels?: QueueDeps['messageChannels']
  /** Undefined: nothing is counted. */
  readonly moneyCounter?: MoneyCounter
}

type ConsequenceDeps = Omit<MoveDeps, 'store' | 'moneyCounter'>

/** The id of the new attempt, or of its new mandate, is taken: new ids have to be drawn. Nothing was written. */
export class AttemptIdTaken extends Error {}

/** The reason for a refused move: that of the session, or that of its payment link. */
export type RefusedPaymentMove = RefusedMove | RefusedLinkMove

/**
 * Moves a stored payment session: locks its row, decides, and stores the session, its attempt and the consequences in
 * one transaction. Only the functions of this file change the status of a stored session. Undefined: there is no such
 * session. Throws LockedRowError and AttemptIdTaken.
 */
export async function applyMove(
  deps: MoveDeps,
  id: PaymentSessionId,
  move: PaymentSessionMove,
): Promise<MovedRecord | RefusedPaymentMove | undefined> {
  const first = await deps.store.sessionTransaction(id, (tx) => moveIn(tx, deps, { id, move }))
  const result =
    first !== undefined && 'needs' in first
      ? await deps.store.transaction((tx) => moveWithOwner(tx, deps, first.needs, { id, move }))
      : first
  // Counted after the commit, because a transaction can run twice.
  if (result !== undefined && 'attempt' in result && result.hasNewAttemptStatus === true) {
    deps.moneyCounter?.countPayment(result.attempt)
  }
  return result
}

type MoveRequest = {
  readonly id: PaymentSessionId
  readonly move: PaymentSessionMove
  /**
   * True: the transaction holds the session's payment link, or it also writes the session's
   * mandate.
   */
  readonly hasOwner?: boolean
}

/**
 * The object that changes together with the payments of a session: a payment link, which is locked
 * first, or a mandate.
 */
type Owner = PaymentLinkId | 'mandate'

/** Nothing was done, because the move needs a transaction that also changes the session's owner. */
type OwnerRequest = { readonly needs: Owner }

/** The moves that begin or end a payment, which also change the session's owner. */
const OWNER_MOVES: ReadonlySet<PaymentSessionMove['type']> = new Set([
  'start_attempt',
  'record_approval',
  'record_decline',
])

/** Cancels a session as a part of a larger transaction. Undefined: there is no such session. */
export function cancelSessionIn(
  tx: SessionTransaction,
  deps: ConsequenceDeps,
  id: PaymentSessionId,
): Promise<MovedRecord | RefusedMove | undefined> {
  return moveSessionIn(tx, deps, id, { type: 'cancel' })
}

/**
 * Moves a session as a part of a larger transaction. The caller counts the payment. A move that begins or ends a
 * payment is possible only for a session without a payment link and without a mandate. Undefined: there is no such
 * session. Throws AttemptIdTaken.
 */
export async function moveSessionIn(
  tx: SessionTransaction,
  deps: ConsequenceDeps,
  id: PaymentSessionId,
  move: PaymentSessionMove,
): Promise<MovedRecord | RefusedMove | undefined> {
  const result = await moveIn(tx, deps, { id, move })
  if (result !== undefined && 'needs' in result)
    throw new Error(`session ${id} must move together with its payment link or mandate`)
  return result
}

function moveWithOwner(
  tx: Transaction,
  deps: ConsequenceDeps,
  owner: Owner,
  request: MoveRequest,
): Promise<MovedRecord | RefusedPaymentMove | undefined> {
  return owner === 'mandate'
    ? moveMandateSessionIn(tx, deps, request)
    : moveWithLink(tx, deps, owner, request)
}

/**
 * Moves the session of an enrollment or a debit, and then its mandate. The session is locked before the mandate. A
 * session whose customer was deleted is canceled instead of paid. Undefined: there is no such session. Throws
 * AttemptIdTaken.
 */
export async function moveMandateSessionIn(
  tx: Transaction,
  deps: ConsequenceDeps,
  { id, move }: MoveRequest,
): Promise<MovedRecord | RefusedMove | undefined> {
  if (move.type === 'start_attempt' && (await hasDeletedCustomer(tx, id))) {
    const cancellation = await cancelSessionIn(tx, deps, id)
    return cancellation !== undefined && 'refused' in cancellation
      ? cancellation
      : { refused: 'session_canceled' }
  }
  const result = await moveIn(tx, deps, { id, move, hasOwner: true })
  if (result === undefined || 'refused' in result) return result
  if ('needs' in result) throw new Error(`session ${id} needs another owner`)
  const { attempt, session } = result
  if (attempt === undefined || result.hasNewAttemptStatus !== true) return result
  if (!(await followMandatePayment(tx, deps, { attempt, session }))) throw new AttemptIdTaken()
  return result
}

/** No debit of a mandate is possible after its customer was deleted. */
async function hasDeletedCustomer(tx: Transaction, id: PaymentSessionId): Promise<boolean> {
  const session = await tx.paymentSessions.lock(id)
  // The lock keeps the customer from being deleted before the mandate is stored.
  const customer = session?.customerId && (await tx.customers.lock(session.customerId))
  return customer !== undefined && customer.deletedAtMs !== undefined
}

/**
 * Cancels the payable sessions of a locked payment link after it was paid or canceled. The
 * transaction holds the link, so none of their payments begins in the meantime.
 */
export async function cancelOpenSessions(
  tx: Transaction,
  deps: ConsequenceDeps,
  id: PaymentLinkId,
): Promise<void> {
  const nowMs = deps.clock.nowMs()
  for (const session of await tx.paymentSessions.listOpenByLink(id)) {
    if (statusAt(session, nowMs) === 'created') await cancelSessionIn(tx, deps, session.id)
  }
}

/**
 * Moves a session of a payment link. The link is locked first: it allows only one payment at the
 * processor at a time, and none after a success.
 */
async function moveWithLink(
  tx: Transaction,
  deps: ConsequenceDeps,
  linkId: PaymentLinkId,
  { id, move }: MoveRequest,
): Promise<MovedRecord | RefusedPaymentMove | undefined> {
  const link = await tx.paymentLinks.lock(linkId)
  if (link === undefined) throw new Error(`session ${id} has no payment link`)
  const isOwn = link.currentSessionId === id
  if (move.type === 'start_attempt' && !isOwn) {
    const nextLink = movePaymentLink(
      link,
      { type: 'begin_payment', sessionId: id },
      deps.clock.nowMs(),
    )
    if ('refused' in nextLink) return nextLink
  }
  const isUnwanted = move.type === 'record_approval' && !isOwn
  const result = await moveIn(tx, deps, {
    id,
    move: isUnwanted ? { ...move, isUnwanted } : move,
    hasOwner: true,
  })
  if (result === undefined || 'refused' in result) return result
  if ('needs' in result) throw new Error(`session ${id} has another payment link`)
  const linkMove = linkMoveOf(link, move, result)
  if (linkMove === undefined) return result
  const after = await moveLink(tx, deps, link, linkMove)
  if ('refused' in after) throw new Error(`payment link ${linkId} refuses ${linkMove.type}`)
  if (linkMove.type === 'pay') await cancelOpenSessions(tx, deps, linkId)
  return result
}

/** Returns the move of a link that follows from a move of its session. Undefined: the link does not change. */
function linkMoveOf(
  { currentSessionId }: PaymentLink,
  move: PaymentSessionMove,
  { attempt, session }: MovedRecord,
): PaymentLinkMove | undefined {
  const sessionId = session.id
  if (move.type === 'start_attempt') return { type: 'begin_payment', sessionId }
  if (currentSessionId !== sessionId || session.status === 'in_progress') return undefined
  return session.status === 'succeeded' && attempt !== undefined
    ? { type: 'pay', sessionId, attemptId: attempt.id }
    : { type: 'end_payment', sessionId }
}

async function moveIn(
  tx: SessionTransaction,
  deps: ConsequenceDeps,
  { hasOwner = false, id, move }: MoveRequest,
): Promise<MovedRecord | RefusedMove | OwnerRequest | undefined> {
  const before = await tx.paymentSessions.lock(id)
  if (before === undefined) return undefined
  const owner = before.paymentLinkId ?? (isMandateSession(before) ? 'mandate' : undefined)
  if (owner !== undefined && !hasOwner && OWNER_MOVES.has(move.type)) return { needs: owner }

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
  const [{ account, attempt }] = await allEnded([
    withAccountValues(tx, session, result.attempt),
    updating,
  ])
  if (move.type !== 'start_attempt') await tx.paymentAttempts.update(attempt)
  else if (!(await tx.paymentAttempts.insert(attempt))) throw new AttemptIdTaken()
  // A repeated "pending" is not an event.
  const hasNewAttemptStatus = attempt.status !== attemptBefore?.status
  if (hasNewAttemptStatus) await writeConsequences(tx, deps, { session, attempt, account })
  return { ...result, session, attempt, hasNewAttemptStatus }
}

async function writeConsequences(
  tx: SessionTransaction,
  deps: ConsequenceDeps,
  {
    account,
    attempt,
    session,
  }: {
    readonly session: PaymentSessionRecord
    readonly attempt: PaymentAttempt
    readonly account: Account | undefined
  },
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
    await storeWithFreeId(draw, tx.refunds.insert)
  }
  const details =
    attempt.status === 'succeeded'
      ? splitCapturedAmount(amount.amountMinor, transferDetailsOf(session)).transfers
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
      return storeWithFreeId(draw, tx.transfers.insert)
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
  if (account !== undefined && attempt.status === 'succeeded') {
    const changes = balanceChangesOf(account, amount.currency, attempt, transfers)
    writes.push(tx.balanceTransactions.insert(changes))
  }
  const type = eventTypeOf(attempt)
  if (type !== undefined) {
    const object = { payment: paymentFields({ attempt, session }) }
    writes.push(writeWebhookEvent(tx, deps, eventSourceOf(session, attempt), { type, object }))
  }
  if (attempt.status === 'succeeded') writes.push(queueReceipt(tx, deps, session, attempt))
  await allEnded(writes)
}

/** Late money never reaches a balance. */
function balanceChangesOf(
  { edition }: Account,
  currency: Currency,
  attempt: PaymentAttempt,
  transfers: readonly Transfer[],
): readonly BalanceTransaction[] {
  const charge = chargeOf(attempt, currency, edition)
  if (charge === undefined) return []
  return [
    charge,
    ...transfers.flatMap((transfer) => transferTransactionsOf(transfer, attempt, edition)),
  ]
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
 * Returns the attempt with values from the account's settings. A new attempt gets the statement text, and a successful
 * attempt gets the fee by the rates at the time of its success. Returns the account too, unless it was not needed.
 */
async function withAccountValues(
  tx: SessionTransaction,
  session: PaymentSessionRecord,
  attempt: PaymentAttempt,
): Promise<{ readonly attempt: PaymentAttempt; readonly account: Account | undefined }> {
  if (attempt.status !== 'succeeded' && attempt.status !== 'initiated') {
    return { attempt, account: undefined }
  }
  const account = await tx.accounts.find(session.accountId)
  if (account === undefined) throw new Error(`session ${session.id} has no account`)
  if (attempt.status === 'initiated') {
    const { statementDescriptor = statementDescriptorOf(account) } = attempt
    return { attempt: { ...attempt, statementDescriptor }, account }
  }
  const { capturedMinor } = attempt.money
  // The time that the payment shows as its date.
  const rates = feeRatesAt(account, attempt.decidedAtMs ?? attempt.createdAtMs)
  const { feeMinor, taxMinor } = feeOn(capturedMinor, rates)
  const { merchantMinor } = splitCapturedAmount(capturedMinor, transferDetailsOf(session))
  const transferredMinor = capturedMinor - merchantMinor
  const money = { ...attempt.money, feeMinor, taxMinor, transferredMinor }
  return { attempt: { ...attempt, money }, account }
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
