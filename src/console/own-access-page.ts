import type { OperatorRecord, OperatorSession } from '../domain/operator.ts'
import { PASSKEY_COUNT_MAX, PASSKEY_NAME_LENGTH_MAX, type Passkey } from '../domain/passkey.ts'
import { PASSWORD_LENGTH_MIN } from '../operations/accept-invitation.ts'
import { mayHavePasskeys, type OwnAccessRefusal } from '../operations/change-own-access.ts'
import { type Html, html } from '../pages/html.ts'
import {
  card,
  field,
  type OperatorPage,
  PASSWORD_PROBLEMS,
  passkeyForm,
  problemOf,
} from './operator-pages.ts'

/** The contents of the page of one's own access. */
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
  /** The sentence about a change that was made. Undefined: none was made. */
  readonly done: string | undefined
}

const SIGN_IN_AGAIN =
  'You signed in more than ten minutes ago. Sign out and in again to change passkeys and recovery codes.'

const PROBLEMS: Readonly<
  Record<NonNullable<OwnAccessView['problem']>, readonly [status: number, text: string]>
> = {
  ...PASSWORD_PROBLEMS,
  sign_in_again: [403, SIGN_IN_AGAIN],
  passkey_refused: [400, 'The passkey was not accepted. Try again, or use another device.'],
  passkey_name: [400, `The name must have 1 to ${PASSKEY_NAME_LENGTH_MAX} characters.`],
  too_many_passkeys: [409, `You can have ${PASSKEY_COUNT_MAX} passkeys. Remove one first.`],
  last_passkey: [409, 'This passkey is your only way to sign in. Add another one first.'],
  no_password: [409, 'You have no password.'],
  password_wrong: [403, 'The current password is wrong.'],
  too_many_tries: [429, 'Too many wrong tries. Wait 15 minutes.'],
  busy: [503, 'Too many people sign in at this moment. Try again in a few seconds.'],
  foreign_page: [403, 'This form was not sent by this page. Try again here.'],
  sign_in_expired: [403, 'This took too long, or it started in another browser. Try again here.'],
}

/** Makes the page on which an operator sees and changes the own access. */
export function ownAccessPage(view: OwnAccessView): OperatorPage {
  const { basePath, done, operator, passkeys, problem } = view
  const [status, text] = problem === undefined ? [200, undefined] : PROBLEMS[problem]
  return {
    title: 'Your access',
    status,
    hasPasskeys: true,
    body: card(html`<h1>Your access</h1>
<p>${operator.name}, <strong>${operator.email}</strong>, role ${operator.role}. <a href="${basePath}/console">Back to the console</a></p>
${problemOf(text)}
${done === undefined ? undefined : html`<p class="done" role="status">${done}</p>`}
${sessionsPart(view)}
${mayHavePasskeys(operator, passkeys) ? passkeysPart(view) : undefined}
${operator.credentials === undefined ? undefined : passwordPart(view)}`),
  }
}

function sessionsPart({ basePath, session, sessions, token }: OwnAccessView): Html {
  return html`<h2>Sessions</h2>
<ul class="rows">${sessions.map(
    ({ createdAtMs, seenAtMs, tokenHash }) =>
      html`<li>Signed in ${shownTime(createdAtMs)}, last request ${shownTime(seenAtMs)}${
        tokenHash === session.tokenHash ? html` <strong>(this one)</strong>` : undefined
      }</li>`,
  )}</ul>
<form method="post" action="${basePath}/console/sign-out">
  <input type="hidden" name="token" value="${token}">
  <input type="hidden" name="sessions" value="all">
  <button>Sign out everywhere</button>
</form>`
}

function passkeysPart({ basePath, isRecent, passkeys, token }: OwnAccessView): Html {
  return html`<h2>Passkeys</h2>
<p>A passkey replaces the password and the code. Your device asks for its PIN, a fingerprint or your face.</p>
<ul class="rows">${passkeys.map(
    ({ createdAtMs, credentialId, name, usedAtMs }) => html`<li>
  <span><strong>${name}</strong>, made ${shownTime(createdAtMs)}, ${usedAtMs === undefined ? 'not used yet' : `last used ${shownTime(usedAtMs)}`}</span>
  <form method="post" action="${basePath}/console/access/passkeys/remove">
    <input type="hidden" name="token" value="${token}">
    <input type="hidden" name="passkey" value="${credentialId}">
    <button aria-label="Remove ${name}">Remove</button>
  </form>
</li>`,
  )}</ul>
${
  isRecent
    ? passkeyForm({
        action: `${basePath}/console/access/passkeys`,
        kind: 'create',
        button: 'Add a passkey',
        token,
      })
    : html`<p class="small">${SIGN_IN_AGAIN}</p>`
}`
}

function passwordPart({ basePath, operator, token }: OwnAccessView): Html {
  const count = operator.credentials?.recoveryHashes.length ?? 0
  return html`<h2>Recovery codes</h2>
<p>${count === 1 ? '1 code is' : `${count} codes are`} left. New codes replace them.</p>
<form method="post" action="${basePath}/console/access/recovery-codes">
  <input type="hidden" name="token" value="${token}">
  <button>Make new recovery codes</button>
</form>
<h2>Password</h2>
<form method="post" action="${basePath}/console/access/password">
  <input type="hidden" name="token" value="${token}">
  <input type="hidden" name="email" autocomplete="username" value="${operator.email}">
  ${field({ name: 'present', label: 'Current password', type: 'password', autocomplete: 'current-password' })}
  ${field({
    name: 'password',
    label: 'New password',
    type: 'password',
    autocomplete: 'new-password',
    hint: `At least ${PASSWORD_LENGTH_MIN} characters. Your other sessions end.`,
  })}
  <button>Change the password</button>
</form>`
}

/** Writes a time: `2026-11-29 09:00 UTC`. */
function shownTime(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}
