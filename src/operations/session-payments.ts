import type { PaymentAttempt } from '../domain/payment-attempt.ts'
import type { SessionPayment } from '../wire/payment.ts'
import type { Store } from './store.ts'

type Sessions = Pick<Store, 'paymentSessions'>

/** Finds the session of a payment. Undefined: `paydesk prune` has deleted both since the payment was read. */
export async function findSessionPayment(
  { paymentSessions }: Sessions,
  attempt: PaymentAttempt,
): Promise<SessionPayment | undefined> {
  const session = await paymentSessions.find(attempt.paymentSessionId)
  return session && { attempt, session }
}

/** Finds the sessions of payments. Leaves out payments that `paydesk prune` has deleted since the list was read. */
export async function findSessionPayments(
  store: Sessions,
  attempts: readonly PaymentAttempt[],
): Promise<readonly SessionPayment[]> {
  // Simultaneous reads share a round trip.
  const payments = await Promise.all(attempts.map((attempt) => findSessionPayment(store, attempt)))
  return payments.filter((payment) => payment !== undefined)
}
