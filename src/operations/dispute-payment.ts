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
import { storeWithFreeId } from './store-drawn.ts'
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
  /** Undefined: the whole disputable amount. */
  readonly amountMinor?: bigint
}

/** The reason why no dispute was opened. */
export type RefusedDispute = {
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
): Promise<Dispute | RefusedDispute | undefined> {
  const storedAttempt = await deps.store.paymentAttempts.find(id)
  const result =
    storedAttempt &&
    (await deps.store.transaction(async (tx) => {
      const payment = await lockPayment(tx, storedAttempt)
      return payment && openIn(tx, deps, payment, request)
    }))
  if (result === undefined || 'refused' in result) return result
  // Counted after the commit, because a transaction can run twice.
  for (const refund of result.failedRefunds) deps.moneyCounter?.countRefund(refund)
  return result.dispute
}

async function openIn(
  tx: Transaction,
  deps: EventDeps,
  payment: LockedPayment,
  { amountMinor, reason }: DisputeRequest,
): Promise<
  { readonly dispute: Dispute; readonly failedRefunds: readonly Refund[] } | RefusedDispute
> {
  const { attempt: before, session } = payment
  const leftMinor = disputableMinor(before)
  const disputedMinor = amountMinor ?? leftMinor
  const facts = { hasOpenDispute: await hasOpenDispute(tx, before), isReported: false }
  const result = disputeAttempt(before, disputedMinor, facts)
  if ('refused' in result || disputedMinor === 0n) {
    const remaining = { ...session.amount, amountMinor: leftMinor }
    const refusal = 'refused' in result ? result.refused : 'exceeds_disputable_amount'
    return { refused: refusal, attempt: before, remaining }
  }
  const failedRefunds = await failOpenRefunds(tx, deps, payment)
  // The end of a refund changed the sums of the payment.
  const attempt = await tx.paymentAttempts.find(before.id)
  if (attempt === undefined) throw new Error(`payment ${before.id} vanished`)
  const disputeResult = disputeAttempt(attempt, disputedMinor, facts)
  if ('refused' in disputeResult) throw new Error(`payment ${before.id} can no longer be disputed`)
  const amount = { ...session.amount, amountMinor: disputedMinor }
  const { edition } = await accountOf(tx, attempt)
  const disputedPayment = { attempt: disputeResult.attempt, session }
  const dispute = await writeOpening(tx, deps, disputedPayment, {
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

async function writeOpening(
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
  const dispute = await storeWithFreeId(draw, tx.disputes.insert)
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
 * Records the decision of the bank about a dispute: a won dispute returns the money and the fee.
 * Undefined: there is no such dispute.
 */
export async function decideDispute(
  deps: DisputeDeps,
  id: DisputeId,
  move: DisputeMove,
): Promise<Dispute | { readonly refused: 'dispute_ended'; readonly dispute: Dispute } | undefined> {
  const storedDispute = await deps.store.disputes.find(id)
  if (storedDispute === undefined) return undefined
  const attempt = await deps.store.paymentAttempts.find(storedDispute.paymentAttemptId)
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

type RefusedReport = { readonly refused: DisputeRefusal | 'amount_changed' }

/**
 * Records a dispute that the processor reports: opens it, decides it, or both. A repeated report changes nothing. Open
 * refunds stay with the processor, which decides about them. Undefined: there is no such payment.
 */
export async function recordReportedDispute(
  deps: DisputeDeps,
  report: ReportedDispute,
): Promise<Dispute | RefusedReport | undefined> {
  const storedAttempt = await deps.store.paymentAttempts.find(report.attemptId)
  if (storedAttempt === undefined) return undefined
  return deps.store.transaction(async (tx) => {
    const payment = await lockPayment(tx, storedAttempt)
    if (payment === undefined) return undefined
    const dispute =
      (await tx.disputes.findByProcessorReference(storedAttempt.id, report.disputeReference)) ??
      (await openFromReport(tx, deps, payment, report))
    if ('refused' in dispute) return dispute
    if (
      dispute.amount.amountMinor !== report.amount.amountMinor ||
      dispute.amount.currency !== report.amount.currency
    ) {
      return { refused: 'amount_changed' }
    }
    return decideFromReport(tx, deps, dispute, report)
  })
}

async function openFromReport(
  tx: Transaction,
  deps: EventDeps,
  { attempt, session }: LockedPayment,
  { amount, disputeReference, feeMinor = 0n, openedAtMs, reason }: ReportedDispute,
): Promise<Dispute | RefusedReport> {
  if (amount.currency !== session.amount.currency) return { refused: 'amount_changed' }
  const facts = { hasOpenDispute: await hasOpenDispute(tx, attempt), isReported: true }
  const result = disputeAttempt(attempt, amount.amountMinor, facts)
  if ('refused' in result) return result
  return writeOpening(
    tx,
    deps,
    { attempt: result.attempt, session },
    { amount, feeMinor, reason, createdAtMs: openedAtMs, processorReference: disputeReference },
  )
}

async function decideFromReport(
  tx: Transaction,
  deps: EventDeps,
  dispute: Dispute,
  { result }: ReportedDispute,
): Promise<Dispute | RefusedReport> {
  // An older report can arrive again after the decision.
  if (result.status === 'open' || result.status === dispute.status) return dispute
  const type = result.status === 'won' ? 'win' : 'lose'
  const decision = moveDispute(dispute, { type }, result.decidedAtMs)
  if ('refused' in decision) return decision
  const storedAttempt = await tx.paymentAttempts.find(dispute.paymentAttemptId)
  const payment = storedAttempt && (await lockPayment(tx, storedAttempt))
  if (payment === undefined) throw new Error(`dispute ${dispute.id} has no payment`)
  await writeDecision(tx, deps, payment, decision)
  return decision
}
