import type { Account } from '../domain/account.ts'
import { disputeTransactionOf } from '../domain/balance-transaction.ts'
import {
  type Dispute,
  type DisputeMove,
  type DisputeRefusal,
  disputableMinor,
  disputeAttempt,
  disputeFeeMinor,
  moveDispute,
  settleDispute,
} from '../domain/dispute.ts'
import type { DisputeId, PaymentAttemptId } from '../domain/id.ts'
import { postingsFor } from '../domain/ledger.ts'
import type { Money } from '../domain/money.ts'
import type { PaymentAttempt } from '../domain/payment-attempt.ts'
import type { Refund } from '../domain/refund.ts'
import type { ReportedDispute } from '../processors/dispute-reports.ts'
import { paymentFields } from '../wire/payment.ts'
import { hasOpenDispute } from './has-open-dispute.ts'
import { type LockedPayment, lockPayment } from './lock-payment.ts'
import type { MoneyCounter } from './money-counter.ts'
import { failOpenRefunds } from './refund-payment.ts'
import type { Store, Transaction } from './store.ts'
import { storeDrawn } from './store-drawn.ts'
import { updateTransferStatus } from './update-transfer-status.ts'
import { type EventDeps, eventSourceOf, writeWebhookEvent } from './write-webhook-event.ts'

/** The dependencies of a change of a dispute. */
export type DisputeDeps = EventDeps & {
  readonly store: Pick<Store, 'disputes' | 'paymentAttempts' | 'transaction'>
  /** Undefined: nothing is counted. */
  readonly moneyCounter?: MoneyCounter
}

/** A dispute to open. */
export type DisputeRequest = Pick<Dispute, 'reason'> & {
  /** Undefined: all that can be disputed. */
  readonly amountMinor?: bigint
}

/** The reason why no dispute was opened. */
export type DisputeRefused = {
  readonly refused: DisputeRefusal
  readonly attempt: PaymentAttempt
  /** The amount that can still be disputed. */
  readonly remaining: Money
}

/**
 * Opens a dispute of a payment, as the customer's bank does: takes the money and the fee from the merchant, and ends
 * the refunds that are under way. Only a sandbox calls it. Undefined: there is no such payment.
 */
export async function openDispute(
  deps: DisputeDeps,
  id: PaymentAttemptId,
  request: DisputeRequest,
): Promise<Dispute | DisputeRefused | undefined> {
  const stored = await deps.store.paymentAttempts.find(id)
  const opened =
    stored &&
    (await deps.store.transaction(async (tx) => {
      const payment = await lockPayment(tx, stored)
      return payment && openIn(tx, deps, payment, request)
    }))
  if (opened === undefined || 'refused' in opened) return opened
  // Counted after the commit, because a transaction can run twice.
  for (const refund of opened.failedRefunds) deps.moneyCounter?.countRefund(refund)
  return opened.dispute
}

async function openIn(
  tx: Transaction,
  deps: EventDeps,
  payment: LockedPayment,
  { amountMinor, reason }: DisputeRequest,
): Promise<
  { readonly dispute: Dispute; readonly failedRefunds: readonly Refund[] } | DisputeRefused
> {
  const { attempt: before, session } = payment
  const leftMinor = disputableMinor(before)
  const disputedMinor = amountMinor ?? leftMinor
  const facts = { hasOpenDispute: await hasOpenDispute(tx, before), isReported: false }
  const result = disputeAttempt(before, disputedMinor, facts)
  if ('refused' in result || disputedMinor === 0n) {
    const remaining = { ...session.amount, amountMinor: leftMinor }
    const refused = 'refused' in result ? result.refused : 'exceeds_disputable_amount'
    return { refused, attempt: before, remaining }
  }
  const failedRefunds = await failOpenRefunds(tx, deps, payment)
  // The end of a refund has changed the sums of the payment.
  const attempt = await tx.paymentAttempts.find(before.id)
  if (attempt === undefined) throw new Error(`payment ${before.id} vanished`)
  const disputed = disputeAttempt(attempt, disputedMinor, facts)
  if ('refused' in disputed) throw new Error(`payment ${before.id} can no longer be disputed`)
  const amount = { ...session.amount, amountMinor: disputedMinor }
  const { edition } = await accountOf(tx, attempt)
  const disputedPayment = { attempt: disputed.attempt, session }
  const dispute = await writeOpened(tx, deps, disputedPayment, {
    amount,
    reason,
    feeMinor: disputeFeeMinor(edition, amount.currency),
    createdAtMs: deps.clock.nowMs(),
  })
  return { dispute, failedRefunds }
}

async function accountOf(tx: Transaction, { accountId, id }: PaymentAttempt): Promise<Account> {
  const account = await tx.accounts.find(accountId)
  if (account === undefined) throw new Error(`payment ${id} has no account`)
  return account
}

/** Stores an opened dispute with its postings and its event. The payment is the one after the opening. */
async function writeOpened(
  tx: Transaction,
  deps: EventDeps,
  { attempt, session }: LockedPayment,
  facts: Pick<Dispute, 'amount' | 'createdAtMs' | 'feeMinor' | 'processorReference' | 'reason'>,
): Promise<Dispute> {
  const nowMs = deps.clock.nowMs()
  const draw = (): Dispute => ({
    ...facts,
    id: deps.ids.dispute(attempt.id),
    accountId: attempt.accountId,
    paymentAttemptId: attempt.id,
    status: 'open',
  })
  const dispute = await storeDrawn(draw, tx.disputes.insert)
  await tx.paymentAttempts.update(attempt)
  await updateTransferStatus(tx, session, attempt)
  await tx.ledger.insert(postingsFor({ type: 'dispute', dispute }, nowMs))
  await tx.balanceTransactions.insert([disputeTransactionOf('dispute', dispute)])
  const object = { payment: paymentFields({ attempt, session, dispute }) }
  await writeWebhookEvent(tx, deps, eventSourceOf(session, attempt), {
    type: 'payment.disputed',
    object,
  })
  return dispute
}

/**
 * Records the decision of the bank about a dispute: a won one gives the money and the fee back. Undefined: there is no
 * such dispute.
 */
export async function decideDispute(
  deps: DisputeDeps,
  id: DisputeId,
  move: DisputeMove,
): Promise<Dispute | { readonly refused: 'dispute_ended'; readonly dispute: Dispute } | undefined> {
  const stored = await deps.store.disputes.find(id)
  if (stored === undefined) return undefined
  const attempt = await deps.store.paymentAttempts.find(stored.paymentAttemptId)
  if (attempt === undefined) throw new Error(`dispute ${id} has no payment`)
  return deps.store.transaction(async (tx) => {
    const payment = await lockPayment(tx, attempt)
    const before = await tx.disputes.find(id)
    if (payment === undefined || before === undefined) throw new Error(`dispute ${id} vanished`)
    const dispute = moveDispute(before, move, deps.clock.nowMs())
    if ('refused' in dispute) return { ...dispute, dispute: before }
    await writeDecision(tx, deps, payment, dispute)
    return dispute
  })
}

async function writeDecision(
  tx: Transaction,
  { clock }: EventDeps,
  { attempt: before, session }: LockedPayment,
  dispute: Dispute,
): Promise<void> {
  await tx.disputes.decide(dispute)
  const attempt = settleDispute(before, dispute)
  await tx.paymentAttempts.update(attempt)
  await updateTransferStatus(tx, session, attempt)
  if (dispute.status !== 'won') return
  await tx.ledger.insert(postingsFor({ type: 'dispute_return', dispute }, clock.nowMs()))
  await tx.balanceTransactions.insert([disputeTransactionOf('dispute_return', dispute)])
}

/** The reason why a report of the processor cannot be recorded. */
type ReportRefused = { readonly refused: DisputeRefusal | 'amount_changed' }

/**
 * Records a dispute that the processor reports: opens it, decides it, or both. A repeated report changes nothing. Open
 * refunds stay with the processor, which decides about them. Undefined: there is no such payment.
 */
export async function recordReportedDispute(
  deps: DisputeDeps,
  report: ReportedDispute,
): Promise<Dispute | ReportRefused | undefined> {
  const stored = await deps.store.paymentAttempts.find(report.attemptId)
  if (stored === undefined) return undefined
  return deps.store.transaction(async (tx) => {
    const payment = await lockPayment(tx, stored)
    if (payment === undefined) return undefined
    const opened =
      (await tx.disputes.findReported(stored.id, report.disputeReference)) ??
      (await openReported(tx, deps, payment, report))
    if ('refused' in opened) return opened
    if (
      opened.amount.amountMinor !== report.amount.amountMinor ||
      opened.amount.currency !== report.amount.currency
    ) {
      return { refused: 'amount_changed' }
    }
    return decideReported(tx, deps, opened, report)
  })
}

async function openReported(
  tx: Transaction,
  deps: EventDeps,
  { attempt, session }: LockedPayment,
  { amount, disputeReference, feeMinor = 0n, openedAtMs, reason }: ReportedDispute,
): Promise<Dispute | ReportRefused> {
  if (amount.currency !== session.amount.currency) return { refused: 'amount_changed' }
  const facts = { hasOpenDispute: await hasOpenDispute(tx, attempt), isReported: true }
  const disputed = disputeAttempt(attempt, amount.amountMinor, facts)
  if ('refused' in disputed) return disputed
  return writeOpened(
    tx,
    deps,
    { attempt: disputed.attempt, session },
    { amount, feeMinor, reason, createdAtMs: openedAtMs, processorReference: disputeReference },
  )
}

/** Records the decision in a report, if it has one that is not recorded yet. */
async function decideReported(
  tx: Transaction,
  deps: EventDeps,
  dispute: Dispute,
  { result }: ReportedDispute,
): Promise<Dispute | ReportRefused> {
  // An older report can arrive again after the decision.
  if (result.status === 'open' || result.status === dispute.status) return dispute
  const type = result.status === 'won' ? 'win' : 'lose'
  const decided = moveDispute(dispute, { type }, result.decidedAtMs)
  if ('refused' in decided) return decided
  const stored = await tx.paymentAttempts.find(dispute.paymentAttemptId)
  const payment = stored && (await lockPayment(tx, stored))
  if (payment === undefined) throw new Error(`dispute ${dispute.id} has no payment`)
  await writeDecision(tx, deps, payment, decided)
  return decided
}
