import { formatMoney } from '../../domain/money.ts'
import { terminalStatusAt } from '../../domain/terminal-status.ts'
import type { AttemptOutline, PaymentSessionRecord } from '../../operations/store.ts'
import { renderOne } from '../render-envelope.ts'

function fieldsOf(session: PaymentSessionRecord, nowMs: number) {
  const { amount, createdAtMs, echoedJson, expiresAtMs, id, typeFacts } = session
  return {
    payments_session_id: id,
    currency: amount.currency,
    amount: formatMoney(amount),
    terminal_id: typeFacts?.type === 'pos_payment' ? typeFacts.terminalId : undefined,
    created_time: Math.floor(createdAtMs / 1000),
    payments_session_type: 'pos_payment',
    session_status: terminalStatusAt(session, nowMs),
    ...(JSON.parse(echoedJson) as Readonly<Record<string, unknown>>),
    expiry_time: Math.floor(expiresAtMs / 1000),
  }
}

/** Renders a create answer's body. */
export function renderCreatedTerminalSession(session: PaymentSessionRecord): string {
  return renderOne('payments_session', fieldsOf(session, session.createdAtMs))
}

/** Renders a retrieve answer's body. `attempts` are newest first. */
export function renderTerminalSession(
  session: PaymentSessionRecord,
  attempts: readonly AttemptOutline[],
  nowMs: number,
): string {
  const fields = fieldsOf(session, nowMs)
  const payments = attempts.map(({ createdAtMs, id, status }) => ({
    payment_id: id,
    status,
    created_time: Math.floor(createdAtMs / 1000),
  }))
  return renderOne('payments_session', { ...fields, status: fields.session_status, payments })
}
