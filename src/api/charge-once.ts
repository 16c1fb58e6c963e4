import type { MandateNotificationId, PaymentAttemptId } from '../domain/id.ts'
import { AttemptIdTaken } from '../operations/apply-move.ts'
import type { Transaction } from '../operations/store.ts'
import { withFreeId } from '../operations/store-drawn.ts'
import type { SessionPayment } from '../wire/payment.ts'
import { answerOnce, type OnceAnswer } from './answer-once.ts'
import {
  bucketOfIdentity,
  idempotentAnswerFrom,
  type KeptAnswer,
  type Replay,
} from './idempotency.ts'
import { renderOne } from './render-envelope.ts'
import type { ApiContext } from './route.ts'

/** A payment that was stored before its charge is sent. */
type StoredCharge = {
  readonly payment: SessionPayment
  readonly notificationId?: MandateNotificationId
}

type ChargeWork<Charge extends StoredCharge> = {
  /**
   * Checks the request and stores the payment. Throws ApiError. Throws AttemptIdTaken if another attempt has the drawn
   * id; `begin` then runs again with another id.
   */
  readonly begin: (tx: Transaction) => Promise<Charge>
  /** Sends the charge outside of transactions. Undefined: the charge is sent later. */
  readonly send: (charge: Charge) => Promise<SessionPayment> | undefined
  /** Makes the payment object of the answer. */
  readonly fields: (
    payment: SessionPayment,
    notificationId: MandateNotificationId | undefined,
  ) => object
}

/** The statuses of a payment on the wire that can change without another request. */
const OPEN_STATUSES: readonly string[] = ['initiated', 'pending']

/**
 * Charges once for an idempotency key, and answers 201 with the payment. The payment is stored first, with its answer under
 * the key; then the charge is sent, and the answer with its outcome replaces the stored one.
 *
 * A repeated request charges nothing, and gets the first answer. If the first answer has no outcome, the repeated
 * request gets the payment as it is now. An answer has no outcome if the processor did not answer or decides later, if
 * the charge is sent later, or if the server ended first. Throws the errors of `answerOnce`.
 */
export async function chargeOnce<Charge extends StoredCharge>(
  call: ApiContext,
  { begin, fields, send }: ChargeWork<Charge>,
): Promise<OnceAnswer<Charge>> {
  const { idempotent, tenant } = call
  const answerOf = (payment: SessionPayment, id: StoredCharge['notificationId']): KeptAnswer => ({
    status: 201,
    body: renderOne('payment', fields(payment, id)),
    resourceId: payment.attempt.id,
  })
  const once = await withFreeId(() =>
    answerOnce(tenant, idempotent, {
      lock: async () => 'nothing',
      change: begin,
      render: ({ notificationId, payment }) => answerOf(payment, notificationId),
    }).catch((error: unknown) => {
      if (error instanceof AttemptIdTaken) return undefined
      throw error
    }),
  )
  if ('replay' in once) return withOutcome(call, once, answerOf)
  const payment = await send(once.result)
  if (payment === undefined) return once
  const answer = answerOf(payment, once.result.notificationId)
  await replaceAnswer(call, answer)
  return { ...once, answer }
}

async function replaceAnswer(
  { idempotent, tenant }: ApiContext,
  answer: KeptAnswer,
): Promise<void> {
  if (idempotent === undefined) return
  const row = idempotentAnswerFrom(tenant, idempotent, bucketOfIdentity(idempotent), answer)
  const nowMs = tenant.clock.nowMs()
  // The stored answer is this request's own, so it may be replaced at any age.
  await tenant.store.transaction((tx) => tx.idempotency.put(row, nowMs, nowMs))
}

async function withOutcome(
  { tenant: { store } }: ApiContext,
  { replay }: Replay,
  answerOf: (payment: SessionPayment, id: StoredCharge['notificationId']) => KeptAnswer,
): Promise<Replay> {
  const { payment } = JSON.parse(replay.body) as {
    readonly payment: {
      readonly payment_id: PaymentAttemptId
      readonly status: string
      readonly mandate_notification_id?: MandateNotificationId
    }
  }
  if (!OPEN_STATUSES.includes(payment.status)) return { replay }
  const attempt = await store.paymentAttempts.find(payment.payment_id)
  const session = attempt && (await store.paymentSessions.find(attempt.paymentSessionId))
  if (attempt === undefined || session === undefined) return { replay }
  const { body, status } = answerOf({ attempt, session }, payment.mandate_notification_id)
  return { replay: { status, body } }
}
