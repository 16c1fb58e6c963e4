import { ok } from '../../api/answer.ts'
import type { ApiError } from '../../api/errors.ts'
import type { HttpAnswer } from '../../api/http-route.ts'
import { readMoney } from '../../api/read-amount.ts'
import { compileFieldsWith } from '../../api/read-fields.ts'
import { renderOne } from '../../api/render-envelope.ts'
import { refuseUnknownFields } from '../../api/unknown-fields.ts'
import { DISPUTE_REASON_DEFAULT, type Dispute, type DisputeMove } from '../../domain/dispute.ts'
import { type DisputeId, type PaymentAttemptId, parseId } from '../../domain/id.ts'
import { type Currency, formatMoney } from '../../domain/money.ts'
import { paymentStatusOf } from '../../domain/payment-attempt.ts'
import {
  decideDispute,
  openDispute,
  type RefusedDispute,
} from '../../operations/dispute-payment.ts'
import { paymentFields, type SessionPayment } from '../../wire/payment.ts'
import type { SandboxTenant } from '../tenants/tenant.ts'
import { type ControlCall, controlRoute, invalid, missing } from './control-route.ts'
import { DisputedPaymentAnswer, DisputeOpenBody } from './dispute-schemas.ts'

const tag = 'Disputes'

const readOpenBody = compileFieldsWith<Currency>()(DisputeOpenBody, { amount: readMoney })

const openPaymentDispute = controlRoute({
  method: 'POST',
  url: '/payments/{payment_id}/dispute',
  operationId: 'openDispute',
  tag,
  summary: 'Dispute a payment',
  description:
    'Opens a dispute of a payment that has succeeded, as the customer does at the bank: the payment is `disputed`, and the disputed amount leaves the balance. If the account is of the US edition and the payment is in USD, the fee of the dispute leaves the balance, too. New refunds are refused, and refunds in progress fail. The real service sends no event about a dispute; Paydesk sends `payment.disputed` only to endpoints that subscribe to it.',
  body: DisputeOpenBody,
  isBodyOptional: true,
  answers: { 201: DisputedPaymentAnswer },
  handle: async ({ body, path, tenant }) => {
    const { attempt, session } = await findPayment(tenant, path.payment_id)
    refuseUnknownFields(DisputeOpenBody, body)
    const { amount, reason = DISPUTE_REASON_DEFAULT } = readOpenBody(body, session.amount.currency)
    const result = await openDispute(tenant, attempt.id, {
      reason,
      ...(amount !== undefined && { amountMinor: amount.amountMinor }),
    })
    if (result === undefined) throw new Error(`payment ${attempt.id} vanished`)
    if ('refused' in result) throw refusalOf(result)
    return { ...(await answerWith(tenant, result)), status: 201 }
  },
})

const winDispute = controlRoute({
  method: 'POST',
  url: '/disputes/{dispute_id}/win',
  operationId: 'winDispute',
  tag,
  summary: 'Decide a dispute for the merchant',
  description:
    'Ends an open dispute: the merchant gets the disputed amount and any fee of the dispute back. The payment is no longer `disputed`, unless an earlier dispute of it was lost.',
  answers: { 200: DisputedPaymentAnswer },
  failures: [400],
  handle: (call) => decide(call, { type: 'win' }),
})

const loseDispute = controlRoute({
  method: 'POST',
  url: '/disputes/{dispute_id}/lose',
  operationId: 'loseDispute',
  tag,
  summary: 'Decide a dispute for the customer',
  description:
    'Ends an open dispute: the payment stays `disputed`, and only its undisputed part can be refunded.',
  answers: { 200: DisputedPaymentAnswer },
  failures: [400],
  handle: (call) => decide(call, { type: 'lose' }),
})

/** The control API’s routes of disputes. */
export const DISPUTE_CONTROL_ROUTES = [openPaymentDispute, winDispute, loseDispute]

async function decide(
  { path, tenant }: ControlCall<'/disputes/{dispute_id}'>,
  move: DisputeMove,
): Promise<HttpAnswer> {
  const id = parseId<DisputeId>(path.dispute_id)
  const result = id && (await decideDispute(tenant, id, move))
  if (result === undefined) {
    throw missing('dispute_id', 'There is no dispute with this dispute_id.')
  }
  if ('refused' in result) {
    const { status } = result.dispute
    throw invalid(
      'dispute_id',
      `dispute_id must be an open dispute, but this one is already ${status}.`,
    )
  }
  return answerWith(tenant, result)
}

async function findPayment({ store }: SandboxTenant, text: string): Promise<SessionPayment> {
  const id = parseId<PaymentAttemptId>(text)
  const attempt = id && (await store.paymentAttempts.find(id))
  const session = attempt && (await store.paymentSessions.find(attempt.paymentSessionId))
  if (attempt !== undefined && session !== undefined) return { attempt, session }
  throw missing('payment_id', 'There is no payment with this payment_id.')
}

async function answerWith(tenant: SandboxTenant, dispute: Dispute): Promise<HttpAnswer> {
  const payment = await findPayment(tenant, dispute.paymentAttemptId)
  return ok(renderOne('payment', paymentFields({ ...payment, dispute })))
}

function refusalOf({ attempt, remaining, refused: refusal }: RefusedDispute): ApiError {
  switch (refusal) {
    case 'payment_not_disputable':
      return invalid(
        'payment_id',
        `payment_id must be a payment that has succeeded, but this one is ${paymentStatusOf(attempt)}.`,
      )
    case 'dispute_already_open':
      return invalid('payment_id', 'payment_id must be a payment without an open dispute.')
    default:
      return remaining.amountMinor === 0n
        ? invalid('payment_id', 'All of this payment has already been refunded or disputed.')
        : invalid(
            'amount',
            `amount must be at most ${formatMoney(remaining)} ${remaining.currency}: the part that is not yet refunded or disputed.`,
          )
  }
}
