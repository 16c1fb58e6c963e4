import type { MandateNotificationId } from '../domain/id.ts'
import type { InstrumentFacts, MandateDebitInstrument } from '../domain/instrument.ts'
import type { Mandate } from '../domain/mandate.ts'
import {
  amountRefusal,
  type DebitPlan,
  type DebitRefusal,
  dayRefusal,
  inactiveRefusal,
  type MandateDebit,
  type MandateNotification,
  notificationRefusal,
  planDebit,
} from '../domain/mandate-debit.ts'
import { NOTICE_MS } from '../domain/mandate-terms.ts'
import type { Customer, PaymentAttempt } from '../domain/payment-attempt.ts'
import { type MoveDeps, type MovedRecord, moveMandateSessionIn } from './apply-move.ts'
import { insertNotice } from './notify-of-debit.ts'
import { chargeAttempt, type PayDeps } from './pay-payment-session.ts'
import type { PaymentSessionRecord, Transaction } from './store.ts'

/**
 * A merchant's request to debit a mandate, checked. The session belongs to the mandate's customer,
 * and can be paid.
 */
export type ExecuteRequest = {
  readonly session: PaymentSessionRecord
  readonly mandate: Mandate
  /**
   * Undefined: a `daily` mandate is debited now. For others the customer is notified now, and Paydesk makes the debit 24
   * hours later.
   */
  readonly notification?: MandateNotification
  readonly customer: Customer
  readonly invoiceNumber: string
  readonly description?: string
  readonly referenceNumber?: string
}

/** A debit that was begun: its payment, and its record, which reserves the cycle. */
export type BegunDebit = {
  readonly attempt: PaymentAttempt
  readonly session: PaymentSessionRecord
  readonly mandate: Mandate
  readonly debit: MandateDebit
}

type ExecuteDeps = Omit<MoveDeps, 'store'> & Pick<PayDeps, 'attemptLifeMs'>

/**
 * Begins a debit in a transaction that has locked the session and then the mandate: stores the
 * payment, and the debit that reserves its cycle and its notification. The charge is sent
 * afterwards. Throws AttemptIdTaken.
 */
export async function executeMandate(
  tx: Transaction,
  deps: ExecuteDeps,
  request: ExecuteRequest,
): Promise<BegunDebit | DebitRefusal> {
  const { mandate, session } = request
  const nowMs = deps.clock.nowMs()
  const plan = planDebit(mandate, request.notification, nowMs)
  const refusal = await refusalOf(tx, request, plan, nowMs)
  if (refusal !== undefined) return refusal
  const isWaiting = plan.when === 'after_notice'
  const chargeAtMs = isWaiting ? nowMs + NOTICE_MS : undefined
  const notificationId = isWaiting
    ? (await insertNotice(tx, deps, mandate, noticeOf(request, plan))).id
    : request.notification?.id
  const start = await startAttempt(tx, deps, request, chargeAtMs)
  const { attempt } = start
  if (attempt === undefined) throw new Error(`session ${session.id} started no attempt`)
  const debit: MandateDebit = {
    mandateId: mandate.id,
    attemptId: attempt.id,
    sessionId: session.id,
    ...(plan.cycleOn !== undefined && { cycleOn: plan.cycleOn }),
    ...(notificationId !== undefined && { notificationId }),
    createdAtMs: nowMs,
    ...(chargeAtMs === undefined ? { status: 'sent' } : { status: 'waiting', chargeAtMs }),
  }
  await tx.mandateDebits.insert(debit)
  return { attempt, session: start.session, mandate, debit }
}

async function refusalOf(
  tx: Transaction,
  { invoiceNumber, mandate, notification, session }: ExecuteRequest,
  { cycleOn, day, when }: DebitPlan,
  nowMs: number,
): Promise<DebitRefusal | undefined> {
  const { amountMinor } = session.amount
  const byAmount = amountRefusal(mandate, amountMinor)
  if (byAmount !== undefined) return byAmount
  if (notification !== undefined) {
    const debit = { amountMinor, invoiceNumber }
    const refusal = notificationRefusal(mandate, notification, debit, nowMs)
    if (refusal !== undefined) return refusal
    const otherDebit = await tx.mandateDebits.findByNotification(notification.id)
    if (otherDebit !== undefined) return { refused: 'notification_used' }
  }
  if (when === 'after_notice') {
    const refusal = dayRefusal(mandate, day, { nowMs, cycles: new Set() })
    if (refusal !== undefined) return refusal
  }
  if (day < mandate.startOn) return { refused: 'before_start', from: mandate.startOn }
  if (cycleOn === undefined) return undefined
  const otherDebit = await tx.mandateDebits.findByCycle(mandate.id, cycleOn)
  return otherDebit && { refused: 'cycle_debited', cycleOn }
}

function noticeOf({ description, invoiceNumber, session }: ExecuteRequest, { day }: DebitPlan) {
  const { description: own = '' } = JSON.parse(session.echoedJson) as {
    readonly description?: string
  }
  return {
    amountMinor: session.amount.amountMinor,
    executionOn: day,
    description: description ?? own,
    invoiceNumber,
  }
}

async function startAttempt(
  tx: Transaction,
  deps: ExecuteDeps & Pick<MoveDeps, 'ids'>,
  { customer, description, mandate, referenceNumber, session }: ExecuteRequest,
  chargeAtMs: number | undefined,
): Promise<MovedRecord> {
  const { upiId } = mandate
  const instrument: InstrumentFacts = {
    type: 'upi',
    channel: 'collect',
    ...(upiId !== undefined && { upiId }),
  }
  const move = {
    type: 'start_attempt',
    attemptId: deps.ids.paymentAttempt(session.id),
    instrument,
    customer,
    mandateId: mandate.id,
    attemptLifeMs: deps.attemptLifeMs,
    ...(chargeAtMs !== undefined && { chargeAtMs }),
    ...(description !== undefined && { description }),
    ...(referenceNumber !== undefined && { referenceNumber }),
  } as const
  const result = await moveMandateSessionIn(tx, deps, { id: session.id, move })
  if (result === undefined || 'refused' in result) {
    throw new Error(`session ${session.id} refuses a payment`)
  }
  return result
}

/**
 * Sends the charge of a debit outside of transactions, and records the outcome. Returns the payment
 * after the outcome.
 */
export async function chargeDebit(
  deps: PayDeps,
  { attempt, debit, mandate, session }: BegunDebit,
): Promise<Pick<BegunDebit, 'attempt' | 'session'>> {
  const { description = '' } = JSON.parse(session.echoedJson) as { readonly description?: string }
  const result = await chargeAttempt(deps, attempt, {
    attemptId: attempt.id,
    amount: session.amount,
    instrument: debitInstrument(mandate, debit.notificationId),
    description: attempt.description ?? description,
    ...(attempt.statementDescriptor !== undefined && {
      statementDescriptor: attempt.statementDescriptor,
    }),
    // No customer is present, so there is no page to return from.
    returnUrl: '',
  })
  return result === undefined || 'refused' in result || result.attempt === undefined
    ? { attempt, session }
    : { attempt: result.attempt, session: result.session }
}

function debitInstrument(
  { id: mandateId, upiId }: Mandate,
  notificationId: MandateNotificationId | undefined,
): MandateDebitInstrument {
  return {
    type: 'mandate_debit',
    mandateId,
    ...(notificationId !== undefined && { notificationId }),
    ...(upiId !== undefined && { upiId }),
  }
}

/** Returns the reason why a mandate allows no debit now. Undefined: there is none. */
export function mandateRefusal(
  { clock }: Pick<MoveDeps, 'clock'>,
  mandate: Mandate,
): DebitRefusal | undefined {
  return inactiveRefusal(mandate, clock.nowMs())
}
