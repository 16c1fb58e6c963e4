import { formatMoney } from '../../domain/money.ts'
import type { PaymentAttempt } from '../../domain/payment-attempt.ts'
import { statusAt } from '../../domain/payment-session.ts'
import { isMandateSession } from '../../domain/records.ts'
import type { AttemptOutline, ListPage, PaymentSessionRecord } from '../../operations/store.ts'
import { renderMandateSession } from '../mandate-sessions/render.ts'
import { type OpenedPage, renderPage } from '../read-page.ts'
import { renderTerminalSession } from '../terminal-sessions/render.ts'

/** Renders a create answer's body. */
export function renderCreatedSession(session: PaymentSessionRecord, accessKey: string): string {
  return `{"code":0,"message":"success","payments_session":{${ids(session)},${times(session)}${echo(session)},"access_key":"${accessKey}"${configurations(session)}}}`
}

/** Has the mandate's id if the session has a mandate. */
type RetrievedAttempt = AttemptOutline & Pick<PaymentAttempt, 'mandateId'>

/** Renders a retrieve answer's body, in the form of the session's type. `attempts` are newest first. */
export function renderRetrievedSession(
  session: PaymentSessionRecord,
  attempts: readonly RetrievedAttempt[],
  nowMs: number,
): string {
  if (session.typeFacts?.type === 'pos_payment') {
    return renderTerminalSession(session, attempts, nowMs)
  }
  if (isMandateSession(session)) return renderMandateSession(session, attempts, nowMs)
  const payments = attempts.map(
    ({ id, status, createdAtMs }) =>
      `{"payment_id":"${id}","status":"${status}","created_time":${seconds(createdAtMs)}}`,
  )
  return `{"code":0,"message":"success","payments_session":{${ids(session)},"status":"${statusAt(session, nowMs)}",${times(session)},"payments":[${payments.join(',')}]${echo(session)}${configurations(session)}}}`
}

/** Renders a list answer's body. */
export function renderSessionList(
  { items, ...extent }: ListPage<PaymentSessionRecord>,
  page: OpenedPage,
  nowMs: number,
): string {
  const rows = items.map(
    (session) =>
      `{${ids(session)}${type(session)},"status":"${statusAt(session, nowMs)}",${times(session)}${echo(session)}${configurations(session)}}`,
  )
  const context = renderPage(page, extent)
  return `{"code":0,"message":"success","payments_sessions":[${rows.join(',')}],"page_context":${JSON.stringify(context)}}`
}

// The stored texts are JSON objects that Paydesk wrote, so parts of them are sent unchanged.

function ids({ id, amount, paymentLinkId }: PaymentSessionRecord): string {
  const link = paymentLinkId === undefined ? '' : `"payment_link_id":"${paymentLinkId}",`
  return `"payments_session_id":"${id}",${link}"currency":"${amount.currency}","amount":"${formatMoney(amount)}"`
}

function type({ typeFacts }: PaymentSessionRecord): string {
  return typeFacts === undefined ? '' : `,"payments_session_type":"${typeFacts.type}"`
}

function times({ createdAtMs, expiresAtMs }: PaymentSessionRecord): string {
  return `"created_time":${seconds(createdAtMs)},"expiry_time":${seconds(expiresAtMs)}`
}

function echo({ echoedJson }: PaymentSessionRecord): string {
  return echoedJson === '{}' ? '' : `,${echoedJson.slice(1, -1)}`
}

function configurations({ configurationsJson }: PaymentSessionRecord): string {
  return configurationsJson === undefined ? '' : `,"configurations":${configurationsJson}`
}

/**
 * Renders `created_time` and `expiry_time`: whole seconds since 1970. The reference's text says milliseconds in one
 * place, but all its samples are seconds; Paydesk follows the samples.
 */
function seconds(atMs: number): number {
  return Math.floor(atMs / 1000)
}
