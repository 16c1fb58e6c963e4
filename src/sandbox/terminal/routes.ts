import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import encodeQR from 'qr'
import { WIRE_ERRORS } from '../../api/errors.ts'
import { type PaymentAttemptId, parseId } from '../../domain/id.ts'
import { DECLINE_CODES, type DeclineCode } from '../../domain/payment-attempt.ts'
import { TERMINAL_METHODS } from '../../domain/terminal.ts'
import { upiLink } from '../../domain/upi.ts'
import { OUTAGE_RETRY_SECONDS, StoreUnavailable } from '../../operations/store.ts'
import type { Assets } from '../../pages/assets.ts'
import { sendDocument } from '../../pages/document.ts'
import { formOf, isFromOwnPage, queryValue } from '../../pages/form.ts'
import { html } from '../../pages/html.ts'
import { isSandboxTerminal, SANDBOX_TERMINALS } from '../../processors/sandbox-instruments.ts'
import type { SessionPayment } from '../../wire/payment.ts'
import { type SandboxTenant, sandboxTenant } from '../tenants/tenant.ts'
import { openSessionsOf, type TerminalSession } from './open-sessions.ts'
import { payAtTerminal } from './pay-at-terminal.ts'
import { renderTerminalPage, type TerminalView, terminalTitle } from './terminal-page.ts'

type Deps = {
  readonly assets: Assets
  readonly attemptLifeMs: number
  /** Receives each outage that a customer saw. */
  readonly onFault: (request: FastifyRequest, error: unknown) => void
}

const PATH = '/_sandbox/terminal/:terminal_id'
/** The time after which a browser without JavaScript reloads the page. */
const REFRESH_SECONDS = 5
const hiddenRoute = { schema: { hide: true } }

type TextPage = { readonly status: number; readonly title: string; readonly text: string }

const OUTAGE: TextPage = {
  status: 503,
  title: 'Temporarily unavailable',
  text: 'Reload this page in a minute.',
}
const UNKNOWN: TextPage = {
  status: 404,
  title: 'No such terminal',
  text: `A sandbox has the terminals ${SANDBOX_TERMINALS.join(' and ')}.`,
}

/** Registers the pages of a sandbox's terminals: their screens, with the buttons of the customer. */
export async function registerTerminalPages(app: FastifyInstance, deps: Deps): Promise<void> {
  await app.register(async (pages) => {
    pages.setErrorHandler((error, request, reply) => {
      if (!(error instanceof StoreUnavailable)) throw error
      deps.onFault(request, error)
      reply.header('retry-after', OUTAGE_RETRY_SECONDS)
      return sendText(deps, reply, OUTAGE)
    })
    pages.get(PATH, hiddenRoute, (request, reply) => showTerminal(deps, request, reply))
    pages.post(PATH, hiddenRoute, (request, reply) => pay(deps, request, reply))
    pages.get(`${PATH}/qr.svg`, hiddenRoute, sendCode)
  })
}

const terminalIdOf = ({ params }: FastifyRequest): string | undefined => {
  const { terminal_id: id } = params as { readonly terminal_id: string }
  return isSandboxTerminal(id) ? id : undefined
}

async function showTerminal(deps: Deps, request: FastifyRequest, reply: FastifyReply) {
  const terminalId = terminalIdOf(request)
  if (terminalId === undefined) return sendUnknown(deps, reply)
  const tenant = sandboxTenant(request.tenant)
  const open = await openSessionsOf(tenant, terminalId)
  const result = await findResult(tenant, terminalId, queryValue(request, 'payment'))
  const isOver =
    result !== undefined && !open.some(({ session }) => session.id === result.session.id)
  const terminalSession = isOver
    ? undefined
    : shownSession(open, result?.session.id ?? queryValue(request, 'session'))
  return send(deps, reply, {
    terminalId,
    open,
    shownSession: terminalSession,
    result,
    nowMs: tenant.clock.nowMs(),
    baseUrl: tenant.baseUrl,
  })
}

/** Returns the named session, otherwise the newest one. */
function shownSession(
  open: readonly TerminalSession[],
  id: string | undefined,
): TerminalSession | undefined {
  return open.find(({ session }) => session.id === id) ?? open[0]
}

async function pay(deps: Deps, request: FastifyRequest, reply: FastifyReply) {
  const terminalId = terminalIdOf(request)
  if (terminalId === undefined || !isFromOwnPage(request)) return sendUnknown(deps, reply)
  const tenant = sandboxTenant(request.tenant)
  const form = formOf(request)
  const open = await openSessionsOf(tenant, terminalId)
  const terminalSession = open.find(({ session }) => session.id === form.get('payments_session_id'))
  const { baseUrl, clock } = tenant
  const view = { terminalId, open, result: undefined, nowMs: clock.nowMs(), baseUrl }
  if (terminalSession === undefined) {
    const problem = 'This amount can no longer be paid here.'
    return send(deps, reply, { ...view, shownSession: open[0], problem }, 409)
  }
  const act = actFrom(form)
  if (act === undefined || !terminalSession.methods.includes(act.method)) {
    return send(
      deps,
      reply,
      { ...view, shownSession: terminalSession, problem: 'Choose a payment method.' },
      422,
    )
  }
  const result = await payAtTerminal(
    { attemptLifeMs: deps.attemptLifeMs, tenant },
    terminalSession.session.id,
    act,
  )
  if ('refused' in result) {
    const problem = WIRE_ERRORS[result.refused].message
    return send(deps, reply, { ...view, shownSession: terminalSession, problem }, 409)
  }
  return reply.redirect(`${terminalId}?payment=${result.attempt.id}`, 303)
}

/** Undefined: a field is wrong. */
function actFrom(form: URLSearchParams) {
  const method = TERMINAL_METHODS.find((one) => one === form.get('method'))
  const outcome = (['succeeded', 'failed', 'abandoned'] as const).find(
    (one) => one === form.get('outcome'),
  )
  const code: DeclineCode | undefined = DECLINE_CODES.find(
    (one) => one === form.get('decline_code'),
  )
  if (method === undefined || outcome === undefined) return undefined
  return {
    method,
    outcome,
    ...(outcome === 'failed' && code !== undefined && { declineCode: code }),
  }
}

/** Undefined: it is no payment of the terminal. */
async function findResult(
  { store }: SandboxTenant,
  terminalId: string,
  text: string | undefined,
): Promise<SessionPayment | undefined> {
  const id = text === undefined ? undefined : parseId<PaymentAttemptId>(text)
  const attempt = id && (await store.paymentAttempts.find(id))
  const session = attempt && (await store.paymentSessions.find(attempt.paymentSessionId))
  if (attempt === undefined || session?.typeFacts?.type !== 'pos_payment') return undefined
  return session.typeFacts.terminalId === terminalId ? { attempt, session } : undefined
}

/** Sends the QR code that a customer scans. It pays nothing: the sandbox's bank does not exist. */
async function sendCode(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const terminalId = terminalIdOf(request)
  const open =
    terminalId === undefined ? [] : await openSessionsOf(sandboxTenant(request.tenant), terminalId)
  const terminalSession = open.find(({ session }) => session.id === queryValue(request, 'session'))
  if (terminalSession === undefined) return reply.code(404).send()
  const { account, session } = terminalSession
  const uri = upiLink({
    upiId: 'shop@paydesk',
    name: account.name,
    reference: session.id,
    amount: session.amount,
    note: '',
  })
  return reply
    .headers({ 'content-type': 'image/svg+xml', 'cache-control': 'no-store' })
    .send(encodeQR(uri, 'svg', { ecc: 'medium', border: 3 }))
}

function send(deps: Deps, reply: FastifyReply, view: TerminalView, status = 200): FastifyReply {
  return sendDocument(
    reply,
    {
      title: terminalTitle(view),
      language: 'en',
      styles: [deps.assets.find('terminal.css')],
      scripts: [deps.assets.find('terminal.js')],
      // The sandbox accepts forms by their origin, and the address of the page is no secret.
      sendsOriginToOwnServer: true,
      body: renderTerminalPage(view),
      ...(view.shownSession === undefined && {
        refreshWithoutScript: { seconds: REFRESH_SECONDS, url: view.terminalId },
      }),
    },
    status,
  )
}

const sendUnknown = (deps: Deps, reply: FastifyReply) => sendText(deps, reply, UNKNOWN)

function sendText(
  { assets }: Deps,
  reply: FastifyReply,
  { status, text, title }: TextPage,
): FastifyReply {
  return sendDocument(
    reply,
    {
      title,
      language: 'en',
      styles: [assets.find('terminal.css')],
      body: html`<main><div class="device"><section class="screen idle"><h1>${title}</h1><p class="purpose">${text}</p></section></div></main>`,
    },
    status,
  )
}
