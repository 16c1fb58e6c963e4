import type { OperatorRecord, OperatorSession } from '../domain/operator.ts'
import { PASSKEY_COUNT_MAX, PASSKEY_NAME_LENGTH_MAX, type Passkey } from '../domain/passkey.ts'
import { PASSWORD_LENGTH_MIN } from '../operations/accept-invitation.ts'
import {
  mayHavePasskeys,
  OTHER_SESSIONS,
  type OwnAccessRefusal,
  sessionIdOf,
} from '../operations/change-own-access.ts'
import { type Html, html } from '../pages/html.ts'
import {
  card,
  field,
  NO_PROBLEM,
  type OperatorPage,
  PASSWORD_PROBLEMS,
  type PageProblem,
  passkeyForm,
  problemOf,
} from './operator-pages.ts'
import type { PageText, PlainPageKey } from './page-text.ts'

/** The contents of the page on which an operator sees and changes their own access. */
export type OwnAccessView = {
  readonly basePath: string
  /** The token that the forms send. */
  readonly token: string
  readonly operator: OperatorRecord
  readonly session: OperatorSession
  readonly sessions: readonly OperatorSession[]
  readonly passkeys: readonly Passkey[]
  /** False: the sign-in is too long ago for changes. */
  readonly isRecent: boolean
  readonly problem: OwnAccessRefusal | 'busy' | 'foreign_page' | 'sign_in_expired' | undefined
  /** Undefined: no change was made. */
  readonly done: PlainPageKey | undefined
}

const SIGN_IN_AGAIN =
  'You signed in more than ten minutes ago. Sign out and in again to change passkeys and recovery codes.'

const PROBLEMS: Readonly<Record<NonNullable<OwnAccessView['problem']>, PageProblem>> = {
  ...PASSWORD_PROBLEMS,
  sign_in_again: [403, SIGN_IN_AGAIN],
  passkey_refused: [400, 'The passkey was not accepted. Try again, or use another device.'],
  passkey_name: [
    400,
    (text) =>
      text('The name must have 1 to {count} characters.', { count: PASSKEY_NAME_LENGTH_MAX }),
  ],
  too_many_passkeys: [
    409,
    (text) =>
      text('You can have at most {count} passkeys. Remove one first.', {
        count: PASSKEY_COUNT_MAX,
      }),
  ],
  last_passkey: [409, 'This passkey is your only way to sign in. Add another one first.'],
  no_password: [409, 'You have no password.'],
  password_wrong: [403, 'The current password is wrong.'],
  too_many_tries: [429, 'Too many wrong tries. Wait 15 minutes.'],
  busy: [503, 'Too many people are signing in. Try again in a few seconds.'],
  foreign_page: [403, 'The request did not come from this page. Try again here.'],
  sign_in_expired: [
    403,
    'The change took too long, or it started in another browser. Try again here.',
  ],
}

/** Makes the page on which an operator sees and changes their own access. */
export function ownAccessPage(view: OwnAccessView): OperatorPage {
  const { basePath, done, operator, passkeys, problem } = view
  const [status, sentence] = problem === undefined ? NO_PROBLEM : PROBLEMS[problem]
  return (text) => ({
    title: text('Your access'),
    status,
    hasPasskeys: true,
    path: `${basePath}/console/access`,
    body: card(html`<h1>${text('Your access')}</h1>
<p>${text('{name}, {email}, role: {role}.', {
      name: operator.name,
      email: html`<strong><bdi>${operator.email}</bdi></strong>`,
      role: text(operator.role),
    })} <a href="${basePath}/console">${text('Back to the console')}</a></p>
${problemOf(text, sentence)}
${done === undefined ? undefined : html`<p class="done" role="status">${text(done)}</p>`}
${sessionsPart(text, view)}
${mayHavePasskeys(operator, passkeys) ? passkeysPart(text, view) : undefined}
${operator.credentials === undefined ? undefined : passwordPart(text, view)}`),
  })
}

function sessionsPart(text: PageText, { basePath, session, sessions, token }: OwnAccessView): Html {
  return html`<h2>${text('Sessions')}</h2>
<ul class="rows">${sessions.map(
    (one) =>
      html`<li>
  <span>${text('{browser}, signed in {start}, last request {last}', {
    browser: html`<strong><bdi>${one.browser ?? text('Unknown browser')}</bdi></strong>`,
    start: shownTime(one.createdAtMs),
    last: shownTime(one.seenAtMs),
  })}</span>
  ${
    one.tokenHash === session.tokenHash
      ? html`<strong>${text('(this one)')}</strong>`
      : endForm(text, { basePath, token }, one)
  }
</li>`,
  )}</ul>
${
  sessions.length > 1
    ? html`<form method="post" action="${basePath}/console/access/sessions/end">
  <input type="hidden" name="token" value="${token}">
  <input type="hidden" name="session" value="${OTHER_SESSIONS}">
  <button>${text('End all other sessions')}</button>
</form>`
    : undefined
}
<form method="post" action="${basePath}/console/sign-out">
  <input type="hidden" name="token" value="${token}">
  <input type="hidden" name="sessions" value="all">
  <button>${text('Sign out everywhere')}</button>
</form>`
}

function endForm(
  text: PageText,
  { basePath, token }: Pick<OwnAccessView, 'basePath' | 'token'>,
  { browser = text('Unknown browser'), createdAtMs, tokenHash }: OperatorSession,
): Html {
  const label = { browser, start: shownTime(createdAtMs) }
  return html`<form method="post" action="${basePath}/console/access/sessions/end">
    <input type="hidden" name="token" value="${token}">
    <input type="hidden" name="session" value="${sessionIdOf(tokenHash)}">
    <button aria-label="${text('End the session of {browser} from {start}', label)}">${text('End the session')}</button>
  </form>`
}

function passkeysPart(
  text: PageText,
  { basePath, isRecent, passkeys, token }: OwnAccessView,
): Html {
  return html`<h2>${text('Passkeys')}</h2>
<p>${text('A passkey replaces the password and the code. Your device asks for its PIN, a fingerprint or your face.')}</p>
<ul class="rows">${passkeys.map(
    ({ createdAtMs, credentialId, name, usedAtMs }) => html`<li>
  <span>${text('{name}, added {start}', { name: html`<strong><bdi>${name}</bdi></strong>`, start: shownTime(createdAtMs) })}, ${usedAtMs === undefined ? text('not used yet') : text('last used {time}', { time: shownTime(usedAtMs) })}</span>
  <form method="post" action="${basePath}/console/access/passkeys/remove">
    <input type="hidden" name="token" value="${token}">
    <input type="hidden" name="passkey" value="${credentialId}">
    <button aria-label="${text('Remove {name}', { name })}">${text('Remove')}</button>
  </form>
</li>`,
  )}</ul>
${
  isRecent
    ? passkeyForm(text, {
        action: `${basePath}/console/access/passkeys`,
        kind: 'create',
        button: text('Add a passkey'),
        token,
      })
    : html`<p class="small">${text(SIGN_IN_AGAIN)}</p>`
}`
}

function passwordPart(text: PageText, { basePath, operator, token }: OwnAccessView): Html {
  const count = operator.credentials?.recoveryHashes.length ?? 0
  return html`<h2>${text('Recovery codes')}</h2>
<p>${text('Codes left: {count}. New codes replace them.', { count })}</p>
<form method="post" action="${basePath}/console/access/recovery-codes">
  <input type="hidden" name="token" value="${token}">
  <button>${text('Make new recovery codes')}</button>
</form>
<h2>${text('Password')}</h2>
<form method="post" action="${basePath}/console/access/password">
  <input type="hidden" name="token" value="${token}">
  <input type="hidden" name="email" autocomplete="username" value="${operator.email}">
  ${field({ name: 'present', label: text('Current password'), type: 'password', autocomplete: 'current-password' })}
  ${field({
    name: 'password',
    label: text('New password'),
    type: 'password',
    autocomplete: 'new-password',
    hint: text('At least {count} characters. Your other sessions end.', {
      count: PASSWORD_LENGTH_MIN,
    }),
  })}
  <button>${text('Change the password')}</button>
</form>`
}

function shownTime(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}
