import { ok } from '../../api/answer.ts'
import { ApiError } from '../../api/errors.ts'
import { renderOne } from '../../api/render-envelope.ts'
import { formatMoney } from '../../domain/money.ts'
import { isSandboxTerminal } from '../../processors/sandbox-instruments.ts'
import { paymentFields } from '../../wire/payment.ts'
import { openSessionsOf, type TerminalSession } from '../terminal/open-sessions.ts'
import { payAtTerminal } from '../terminal/pay-at-terminal.ts'
import { remainingSecondsOf, stateKeyOf } from '../terminal/terminal-state.ts'
import { controlRoute, fieldsOf, invalid, missing } from './control-route.ts'
import { TerminalAnswer, TerminalPayBody, TerminalPaymentAnswer } from './terminal-schemas.ts'

const tag = 'Terminals'
const readPayBody = fieldsOf(TerminalPayBody)

const retrieveTerminal = controlRoute({
  method: 'GET',
  url: '/terminals/{terminal_id}',
  operationId: 'retrieveTerminal',
  tag,
  summary: 'Show a terminal',
  description:
    'Returns the sessions that a terminal shows: those that a customer can pay now. A sandbox has the terminals `PDTERM01` and `PDTERM02`, which accounts of the IN edition share.',
  answers: { 200: TerminalAnswer },
  handle: async ({ path: { terminal_id: id }, tenant }) => {
    requireTerminal(id)
    const sessions = await openSessionsOf(tenant, id)
    return ok(
      renderOne('terminal', {
        terminal_id: id,
        page_url: `${tenant.baseUrl}/_sandbox/terminal/${id}`,
        state: stateKeyOf(sessions),
        payments_sessions: sessions.map((one) => fieldsOfSession(one, tenant.clock.nowMs())),
      }),
    )
  },
})

const payTerminal = controlRoute({
  method: 'POST',
  url: '/terminals/{terminal_id}/pay',
  operationId: 'payTerminal',
  tag,
  summary: 'Pay at a terminal',
  description:
    'Does what a customer does at a terminal: presents a card or scans the QR code, and pays, is declined, or leaves. The events follow as for every payment. After a decline the session can be paid again, until its attempts or its 180 seconds are used up.',
  body: TerminalPayBody,
  isBodyOptional: true,
  readBody: readPayBody,
  answers: { 201: TerminalPaymentAnswer },
  failures: [400],
  handle: async ({ body, deps: { attemptLifeMs }, path: { terminal_id: id }, tenant }) => {
    requireTerminal(id)
    const { decline_code: declineCode, outcome = 'succeeded' } = body
    if (declineCode !== undefined && outcome !== 'failed') {
      throw invalid('decline_code', 'decline_code is for the outcome failed only.')
    }
    const open = await openSessionsOf(tenant, id)
    const terminalSession = findShownSession(open, body.payments_session_id)
    const method = body.method ?? terminalSession.methods[0]
    if (method === undefined || !terminalSession.methods.includes(method)) {
      throw invalid(
        'method',
        `method must be a method that the terminal offers for this session: ${terminalSession.methods.join(' or ')}.`,
      )
    }
    const result = await payAtTerminal({ attemptLifeMs, tenant }, terminalSession.session.id, {
      method,
      outcome,
      ...(declineCode !== undefined && { declineCode }),
    })
    if ('refused' in result) throw new ApiError(result.refused)
    return { ...ok(renderOne('payment', paymentFields(result))), status: 201 }
  },
})

/** The control API’s routes of terminals. */
export const TERMINAL_CONTROL_ROUTES = [retrieveTerminal, payTerminal]

function requireTerminal(id: string): void {
  if (isSandboxTerminal(id)) return
  throw missing('terminal_id', 'There is no terminal with this terminal_id.')
}

/** Returns the named session, or the newest one. Throws ApiError if the terminal does not show it. */
function findShownSession(
  open: readonly TerminalSession[],
  id: string | undefined,
): TerminalSession {
  const terminalSession = id === undefined ? open[0] : open.find(({ session }) => session.id === id)
  if (terminalSession !== undefined) return terminalSession
  throw id === undefined
    ? invalid('payments_session_id', 'The terminal shows no session: create one first.')
    : missing(
        'payments_session_id',
        'payments_session_id must be a session that the terminal shows.',
      )
}

function fieldsOfSession({ account, methods, session }: TerminalSession, nowMs: number) {
  const { description } = JSON.parse(session.echoedJson) as { readonly description?: string }
  return {
    payments_session_id: session.id,
    account_id: account.id,
    merchant_name: account.name,
    currency: session.amount.currency,
    amount: formatMoney(session.amount),
    description,
    invoice_number: session.invoiceNumber,
    methods,
    attempts_left: session.attemptCountMax - session.attemptCount,
    expiry_time: Math.floor(session.expiresAtMs / 1000),
    seconds_left: remainingSecondsOf(session, nowMs),
  }
}
