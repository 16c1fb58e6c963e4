import { formatMoney } from '../../domain/money.ts'
import type { PaymentAttempt } from '../../domain/payment-attempt.ts'
import { statusAt } from '../../domain/payment-session.ts'
import type { MandateEnrollmentFacts } from '../../domain/payment-session-type.ts'
import type { AttemptOutline, PaymentSessionRecord } from '../../operations/store.ts'
import { renderOne } from '../render-envelope.ts'

/** Returns the fields of a session in answers, in the order of the samples of sessions for one payment. */
function fieldsOf(
  session: PaymentSessionRecord,
  more: { readonly status?: string; readonly payments?: unknown; readonly accessKey?: string },
) {
  const { amount, configurationsJson, createdAtMs, customerId, echoedJson, expiresAtMs, id } =
    session
  const { typeFacts } = session
  return {
    payments_session_id: id,
    currency: amount.currency,
    amount: formatMoney(amount),
    status: more.status,
    created_time: Math.floor(createdAtMs / 1000),
    expiry_time: Math.floor(expiresAtMs / 1000),
    payments: more.payments,
    ...(JSON.parse(echoedJson) as Readonly<Record<string, unknown>>),
    access_key: more.accessKey,
    configurations: configurationsJson && (JSON.parse(configurationsJson) as unknown),
    payments_session_type: typeFacts?.type,
    customer_id: customerId,
    mandate_details:
      typeFacts?.type === 'mandate_enrollment' ? detailsOf(typeFacts, session) : undefined,
  }
}

function detailsOf(facts: MandateEnrollmentFacts, { amount }: PaymentSessionRecord) {
  const { maxAmountMinor } = facts
  return {
    payment_method_type: 'upi',
    frequency: facts.frequency,
    description: facts.description,
    amount_rule: facts.amountRule,
    max_amount: maxAmountMinor && formatMoney({ ...amount, amountMinor: BigInt(maxAmountMinor) }),
    start_date: facts.startOn,
    end_date: facts.endOn,
    debit_day: facts.debitDay,
    debit_rule: facts.debitRule,
  }
}

/** Renders the answer to the creation of an enrollment. */
export function renderCreatedEnrollment(session: PaymentSessionRecord, accessKey: string): string {
  return renderOne('payments_session', fieldsOf(session, { accessKey }))
}

/** Renders the answer to the creation of a session for a debit. The session has no page, and so no access key. */
export function renderCreatedExecution(session: PaymentSessionRecord): string {
  return renderOne('payments_session', fieldsOf(session, {}))
}

/** Renders a retrieve answer's body. `attempts` are newest first. */
export function renderMandateSession(
  session: PaymentSessionRecord,
  attempts: readonly (AttemptOutline & Pick<PaymentAttempt, 'mandateId'>)[],
  nowMs: number,
): string {
  const payments = attempts.map(({ createdAtMs, id, status }) => ({
    payment_id: id,
    status,
    created_time: Math.floor(createdAtMs / 1000),
  }))
  const fields = fieldsOf(session, { status: statusAt(session, nowMs), payments })
  return renderOne('payments_session', { ...fields, mandate_id: attempts[0]?.mandateId })
}
