import type { CustomerRecord } from '../domain/customer.ts'
import type { Mandate } from '../domain/mandate.ts'
import { cycleOf } from '../domain/mandate-terms.ts'
import type { PaymentAttempt } from '../domain/payment-attempt.ts'
import { enrollmentTermsOf, type MandateEnrollmentFacts } from '../domain/payment-session-type.ts'
import { type MandateDeps, moveMandateIn } from './move-mandate.ts'
import type { PaymentSessionRecord, Transaction } from './store.ts'

type Payment = { readonly attempt: PaymentAttempt; readonly session: PaymentSessionRecord }

/**
 * Writes the consequences of a payment's new status for its mandate: an enrollment creates,
 * activates or ends the mandate; a debit succeeds, or releases its cycle and its notice. False: the
 * id of the new mandate is taken.
 */
export async function followMandatePayment(
  tx: Transaction,
  deps: MandateDeps,
  { attempt, session }: Payment,
): Promise<boolean> {
  const { typeFacts } = session
  if (typeFacts?.type === 'mandate_enrollment') {
    if (attempt.status === 'initiated') {
      return insertMandate(tx, { attempt, session }, typeFacts)
    }
    await endEnrollment(tx, deps, { attempt, session }, typeFacts)
  } else if (attempt.status !== 'initiated') {
    await endDebit(tx, deps, attempt)
  }
  return true
}

async function insertMandate(
  tx: Transaction,
  { attempt, session }: Payment,
  facts: MandateEnrollmentFacts,
): Promise<boolean> {
  const { id: enrollmentAttemptId, instrument, mandateId } = attempt
  const { accountId, amount, customerId } = session
  const customer = customerId && (await tx.customers.lock(customerId))
  if (mandateId === undefined || customer === undefined) {
    throw new Error(`session ${session.id} cannot enroll a mandate`)
  }
  return tx.mandates.insert({
    ...enrollmentTermsOf(facts, amount.amountMinor),
    id: mandateId,
    accountId,
    customerId: customer.id,
    ...contactOf(customer),
    enrollmentAttemptId,
    ...(instrument.type === 'upi' && instrument.upiId !== undefined && { upiId: instrument.upiId }),
    status: 'processing',
    createdAtMs: attempt.createdAtMs,
    changedAtMs: attempt.createdAtMs,
    queryCount: 0,
  })
}

function contactOf({
  email,
  name,
  phone,
}: CustomerRecord): Pick<Mandate, 'customerName' | 'customerEmail' | 'customerPhone'> {
  return {
    customerName: name,
    ...(email !== undefined && { customerEmail: email }),
    ...(phone !== undefined && { customerPhone: phone.digits }),
  }
}

async function endEnrollment(
  tx: Transaction,
  deps: MandateDeps,
  { attempt, session }: Payment,
  { charge }: MandateEnrollmentFacts,
): Promise<void> {
  // A payment that waits for its customer changes nothing.
  if (attempt.status === 'pending') return
  const before = await lockMandateOf(tx, attempt)
  if (attempt.status !== 'succeeded') {
    // An approval after a decline is refunded, and the mandate has already ended.
    await moveMandateIn(tx, deps, before, { type: 'decline' })
    return
  }
  const { instrument } = attempt
  const upiId = instrument.type === 'upi' ? instrument.upiId : undefined
  const move = { type: 'approve', ...(upiId !== undefined && { upiId }) } as const
  const active = await moveMandateIn(tx, deps, before, move)
  if ('refused' in active || charge === 'authorization') return
  const cycleOn = cycleOf(active, active.startOn)
  await tx.mandateDebits.insert({
    mandateId: active.id,
    attemptId: attempt.id,
    sessionId: session.id,
    ...(cycleOn !== undefined && { cycleOn }),
    createdAtMs: attempt.createdAtMs,
    status: 'succeeded',
  })
  await completeOneTime(tx, deps, active)
}

async function endDebit(
  tx: Transaction,
  deps: MandateDeps,
  attempt: PaymentAttempt,
): Promise<void> {
  if (attempt.status === 'pending') return
  const mandate = await lockMandateOf(tx, attempt)
  const debit = await tx.mandateDebits.find(mandate.id, attempt.id)
  // A failed debit was deleted. Money that arrives for it is refunded.
  if (debit === undefined) return
  if (attempt.status !== 'succeeded') {
    await tx.mandateDebits.delete(mandate.id, attempt.id)
    return
  }
  await tx.mandateDebits.update({ ...debit, status: 'succeeded' })
  await completeOneTime(tx, deps, mandate)
}

async function completeOneTime(
  tx: Transaction,
  deps: MandateDeps,
  mandate: Mandate,
): Promise<void> {
  if (mandate.frequency !== 'one_time') return
  // A mandate that the customer ended in the meantime does not change.
  await moveMandateIn(tx, deps, mandate, { type: 'complete' })
}

async function lockMandateOf(tx: Transaction, { id, mandateId }: PaymentAttempt): Promise<Mandate> {
  const mandate = mandateId && (await tx.mandates.lock(mandateId))
  if (mandate === undefined) throw new Error(`payment ${id} has no mandate`)
  return mandate
}
