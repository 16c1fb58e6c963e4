import { DECLINES, type DeclineCode } from '../../domain/payment-attempt.ts'
import { showMoney } from '../../domain/show-money.ts'
import { TERMINAL_SESSION_SECONDS, type TerminalMethod } from '../../domain/terminal.ts'
import { type Html, html } from '../../pages/html.ts'
import { TEST_MODE } from '../../pages/test-mode.ts'
import { SANDBOX_TERMINALS } from '../../processors/sandbox-instruments.ts'
import { COMMAND_NAME } from '../../program/command-name.ts'
import type { SessionPayment } from '../../wire/payment.ts'
import { urlFlagOf } from '../announce.ts'
import type { TerminalSession } from './open-sessions.ts'
import { remainingSecondsOf, stateKeyOf } from './terminal-state.ts'

/** The facts that a terminal's page shows. */
export type TerminalView = {
  readonly terminalId: string
  /** The sessions that can be paid, newest first. */
  readonly open: readonly TerminalSession[]
  /** The session on the screen. Undefined: the terminal is idle, or shows only a result. */
  readonly shownSession: TerminalSession | undefined
  /** The payment whose result the page shows. Undefined: there is none. */
  readonly result: SessionPayment | undefined
  readonly nowMs: number
  /** The address of the sandbox. */
  readonly baseUrl: string
  /** The reason why the last button had no effect. */
  readonly problem?: string
}

/** The decline codes that the page offers, by method. The first is the general one. */
const OFFERED_DECLINES: Readonly<Record<TerminalMethod, readonly DeclineCode[]>> = {
  card: ['card_declined', 'insufficient_funds', 'expired_card', 'do_not_honour'],
  upi: ['upi_declined', 'insufficient_funds', 'bank_declined', 'upi_timeout'],
}
const METHOD_TEXTS: Readonly<Record<TerminalMethod, string>> = {
  card: 'Card',
  upi: 'UPI QR',
}

/** The title names the state, because screen readers read it first. */
export function terminalTitle({ result, shownSession, terminalId }: TerminalView): string {
  const state =
    shownSession === undefined
      ? result === undefined
        ? 'Ready'
        : resultWord(result)
      : `Pay ${showMoney(shownSession.session.amount)}`
  return `${state} · ${terminalId}`
}

/** Renders a terminal's page: its screen, and beside it the buttons of the customer. */
export function renderTerminalPage(view: TerminalView): Html {
  const { shownSession, terminalId } = view
  const others = SANDBOX_TERMINALS.filter((id) => id !== terminalId)
  return html`
<header class="top">
  <span class="name"><span class="tile" aria-hidden="true">P</span>Terminal ${terminalId}</span>
  <span class="tag">${TEST_MODE}</span>
</header>
<main data-state="${stateKeyOf(view.open)}">
${
  shownSession === undefined
    ? html`<div class="device">${renderIdleScreen(view)}</div>${renderHelp(view)}`
    : html`<form method="post" class="till">
  <input type="hidden" name="payments_session_id" value="${shownSession.session.id}">
  <div class="device">${renderScreen(view, shownSession)}</div>
  ${renderCustomer(shownSession)}
</form>
${renderWaiting(view, shownSession)}`
}
</main>
<footer class="foot">
  ${others.map((id) => html`<a href="${id}">Terminal ${id}</a>`)}
  <a href="../../docs/guides/in-person">How in-person payments work</a>
</footer>`
}

function renderScreen(view: TerminalView, { account, methods, session }: TerminalSession): Html {
  const { description } = JSON.parse(session.echoedJson) as { readonly description?: string }
  const remainingSeconds = remainingSecondsOf(session, view.nowMs)
  return html`<section class="screen" aria-label="Screen of the terminal">
  ${renderNotice(view, session.attemptCountMax - session.attemptCount)}
  <p class="merchant">${account.name}</p>
  <h1 class="amount">${showMoney(session.amount)}</h1>
  ${description === undefined ? undefined : html`<p class="purpose">${description}</p>`}
  ${session.invoiceNumber === undefined ? undefined : html`<p class="purpose">Invoice ${session.invoiceNumber}</p>`}
  ${methods.map((method) =>
    method === 'card'
      ? html`<div class="ask ask-card">${CONTACTLESS}<p>Tap, insert or swipe a card</p></div>`
      : html`<div class="ask ask-upi"><img src="${view.terminalId}/qr.svg?session=${session.id}" width="148" height="148" alt="QR code to pay ${showMoney(session.amount)} by a UPI app"><p>Scan with a UPI app</p></div>`,
  )}
  <div class="time"><progress id="left-bar" max="${TERMINAL_SESSION_SECONDS}" value="${remainingSeconds}" aria-label="Time to pay"></progress><p><span id="left">${clockText(remainingSeconds)}</span> left</p></div>
</section>`
}

/**
 * Renders the result of an attempt that left the session open, or the reason why a button had no
 * effect.
 */
function renderNotice(
  { problem, result }: TerminalView,
  remainingAttempts: number,
): Html | undefined {
  if (problem !== undefined) return html`<p class="notice bad" role="alert">${problem}</p>`
  if (result === undefined) return undefined
  return html`<p class="notice bad" role="status">${declineText(result)} ${remainingAttempts === 1 ? 'One attempt is left.' : `${remainingAttempts} attempts are left.`}</p>`
}

function renderIdleScreen({ problem, result }: TerminalView): Html {
  if (result === undefined) {
    return html`<section class="screen idle" aria-label="Screen of the terminal">
  ${problem === undefined ? undefined : html`<p class="notice bad" role="alert">${problem}</p>`}
  ${CONTACTLESS}
  <h1>Ready</h1>
  <p class="purpose">Waiting for an amount from the till</p>
</section>`
  }
  const { attempt, session } = result
  const isPaid = attempt.status === 'succeeded'
  return html`<section class="screen idle" aria-label="Screen of the terminal" role="status">
  <span class="mark ${isPaid ? 'good' : 'bad'}">${isPaid ? CHECK : CROSS}</span>
  <h1>${resultWord(result)}</h1>
  <p class="amount">${showMoney(session.amount)}</p>
  <p class="purpose">${isPaid ? html`Payment <code>${attempt.id}</code>` : declineText(result)}</p>
</section>`
}

function renderCustomer({ methods }: TerminalSession): Html {
  const [first] = methods
  const codes = [...new Set(methods.flatMap((method) => OFFERED_DECLINES[method]))]
  return html`<div class="customer">
  <h2>Play the customer</h2>
  <fieldset class="methods">
    <legend>Pays by</legend>
    ${methods.map(
      (method) =>
        html`<label><input type="radio" name="method" value="${method}"${method === first ? html` checked` : undefined}> ${METHOD_TEXTS[method]}</label>`,
    )}
  </fieldset>
  <button name="outcome" value="succeeded" class="primary">Approve</button>
  <div class="decline">
    <label for="decline_code">Reason for a decline</label>
    <select id="decline_code" name="decline_code">
      <option value="">no reason given</option>
      ${codes.map((code) => html`<option value="${code}">${code.replaceAll('_', ' ')}</option>`)}
    </select>
    <button name="outcome" value="failed" class="plain">Decline</button>
  </div>
  <button name="outcome" value="abandoned" class="plain">Leave without paying</button>
</div>`
}

function renderWaiting(
  { open, terminalId }: TerminalView,
  shownSession: TerminalSession,
): Html | undefined {
  const others = open.filter(({ session }) => session.id !== shownSession.session.id)
  if (others.length === 0) return undefined
  return html`<section class="waiting" aria-labelledby="waiting">
  <h2 id="waiting">Also waiting</h2>
  <ul>${others.map(
    ({ session }) =>
      html`<li><a href="${terminalId}?session=${session.id}">${showMoney(session.amount)}</a> ${session.invoiceNumber}</li>`,
  )}</ul>
</section>`
}

function renderHelp({ baseUrl, terminalId }: TerminalView): Html {
  return html`<section class="customer" aria-labelledby="help">
  <h2 id="help">Send an amount here</h2>
  <p>Create a payment session with the type <code>pos_payment</code> and <code>"terminal_id": "${terminalId}"</code>, or run:</p>
  <pre tabindex="0" aria-label="Command that shows an amount"><code>${COMMAND_NAME} terminal charge ${terminalId} --amount 250${urlFlagOf(baseUrl)}</code></pre>
  <p>The amount appears here automatically, for ${TERMINAL_SESSION_SECONDS} seconds.</p>
</section>`
}

function resultWord({ attempt }: SessionPayment): string {
  return attempt.status === 'succeeded' ? 'Approved' : 'Not paid'
}

function declineText({ attempt }: SessionPayment): string {
  return attempt.declineCode === undefined ? '' : DECLINES[attempt.declineCode].reason
}

/** Writes a number of seconds as minutes and seconds: `2:41`. */
function clockText(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}

const CONTACTLESS = html`<svg class="waves" viewBox="0 0 48 48" aria-hidden="true"><path d="M14 18a10 10 0 0 1 0 12M21 13a18 18 0 0 1 0 22M28 8a26 26 0 0 1 0 32"/></svg>`
const CHECK = html`<svg viewBox="0 0 48 48" aria-hidden="true"><path d="m12 25 8 8 16-18"/></svg>`
const CROSS = html`<svg viewBox="0 0 48 48" aria-hidden="true"><path d="m15 15 18 18m0-18L15 33"/></svg>`
