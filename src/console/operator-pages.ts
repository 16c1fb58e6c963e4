import { PASSKEY_NAME_LENGTH_MAX } from '../domain/passkey.ts'
import type { InvitationRefusal, PasswordProblem } from '../operations/accept-invitation.ts'
import { PASSWORD_LENGTH_MAX, PASSWORD_LENGTH_MIN } from '../operations/accept-invitation.ts'
import type { ProviderRefusal } from '../operations/sign-in-by-provider.ts'
import { type Html, html } from '../pages/html.ts'

/** A page of the console that works without script. */
export type OperatorPage = {
  readonly title: string
  readonly body: Html
  readonly status: number
  /** True: the page has forms of passkeys, and their script. */
  readonly hasPasskeys?: boolean
}

/** The reasons for which a sign-in page shows a sentence. */
export type SignInProblem =
  | 'wrong'
  | 'too_many_tries'
  | 'busy'
  | 'foreign_page'
  | 'sign_in_expired'
  | 'answer_refused'
  | 'provider_down'
  | 'passkey_refused'
  | ProviderRefusal

const SIGN_IN_PROBLEMS: Readonly<Record<SignInProblem, readonly [status: number, text: string]>> = {
  wrong: [403, 'The e-mail address, the password or the code is wrong. Each code works once.'],
  too_many_tries: [
    429,
    'Too many wrong tries. Wait 15 minutes, or use a browser in which you have signed in before.',
  ],
  busy: [503, 'Too many people sign in at this moment. Try again in a few seconds.'],
  foreign_page: [403, 'This form was not sent by this page. Try again here.'],
  passkey_refused: [
    403,
    'This passkey does not open the console. Try another one, or sign in with a password.',
  ],
  sign_in_expired: [
    403,
    'This sign-in has expired, or it started in another browser. Start again here.',
  ],
  answer_refused: [403, 'The provider did not confirm this sign-in. Start again here.'],
  provider_down: [
    503,
    'The provider does not answer. Try again in a minute, or sign in with a password if you have one.',
  ],
  no_subject: [403, 'The provider sent no usable id of your account. Ask an administrator.'],
  no_role: [403, 'Your account at the provider has no role in this console. Ask an administrator.'],
  no_accounts: [
    403,
    'Your account at the provider gives access to no merchant account of this console. Ask an administrator.',
  ],
  no_email: [403, 'The provider sent no e-mail address. Ask an administrator.'],
  email_unverified: [
    403,
    'The provider has not verified your e-mail address. Verify it there, and start again.',
  ],
  email_taken: [
    409,
    'An operator with your e-mail address and a password exists. Sign in with that password, or ask an administrator to link that operator to your account at the provider.',
  ],
  disabled: [403, 'Your access is disabled. Ask an administrator.'],
}

/** Makes the sign-in page. `email`: the address of a failed try. */
export function signInPage(
  {
    basePath,
    providerName,
  }: { readonly basePath: string; readonly providerName: string | undefined },
  problem: SignInProblem | undefined,
  email = '',
): OperatorPage {
  const [status, text] = problem === undefined ? [200, undefined] : SIGN_IN_PROBLEMS[problem]
  return {
    title: 'Sign in',
    status,
    hasPasskeys: true,
    body: card(html`<h1>Sign in</h1>
${problemOf(text)}
${
  providerName === undefined
    ? undefined
    : html`<p><a class="button" href="${basePath}/console/sign-in/provider">Sign in with ${providerName}</a></p>
<p class="small">Or with a password:</p>`
}
<form method="post" action="${basePath}/console/sign-in">
  ${field({ name: 'email', label: 'E-mail address', type: 'email', autocomplete: 'username', value: email })}
  ${field({ name: 'password', label: 'Password', type: 'password', autocomplete: 'current-password' })}
  ${field({
    name: 'code',
    label: 'Code',
    type: 'text',
    autocomplete: 'one-time-code',
    hint: 'From your authenticator app, or a recovery code',
  })}
  <button class="primary">Sign in</button>
</form>
${passkeyForm({ action: `${basePath}/console/sign-in/passkey`, kind: 'get', button: 'Sign in with a passkey' })}
<p class="small">No access, or a lost phone? An administrator can send you a new invitation.</p>`),
  }
}

/** Makes the page after a sign-in through a provider. The browser leaves it at once. */
export function signedInPage(basePath: string): OperatorPage {
  return {
    title: 'Signed in',
    status: 200,
    body: card(html`<h1>You are signed in</h1>
<p><a class="button primary" href="${basePath}/console">Open the console</a></p>`),
  }
}

/** The contents of an invitation page. */
export type InvitationView = {
  readonly basePath: string
  readonly token: string
  readonly name: string
  readonly email: string
  /** The secret of the codes, to type into an app. */
  readonly secretText: string
  /** The same as a QR code. */
  readonly qrSvg: Html
  readonly problem: InvitationRefusal | 'busy' | 'foreign_page' | undefined
}

/** The sentences about passwords that are refused. */
export const PASSWORD_PROBLEMS: Readonly<
  Record<PasswordProblem, readonly [status: number, text: string]>
> = {
  password_too_short: [400, `The password must have at least ${PASSWORD_LENGTH_MIN} characters.`],
  password_too_long: [400, `The password must have at most ${PASSWORD_LENGTH_MAX} characters.`],
  password_is_known: [
    400,
    'The password is too easy to guess. Do not use only your name, your address or a few different characters.',
  ],
}

const INVITATION_PROBLEMS: Readonly<
  Record<NonNullable<InvitationView['problem']>, readonly [status: number, text: string]>
> = {
  unknown_invitation: [404, 'This invitation does not exist any more.'],
  ...PASSWORD_PROBLEMS,
  passkey_refused: [400, 'The passkey was not accepted. Try again, or use another device.'],
  code_wrong: [
    400,
    'The code is wrong. Add the account to your authenticator app, and type the six digits that it shows now.',
  ],
  busy: [503, 'Too many people sign in at this moment. Try again in a few seconds.'],
  foreign_page: [403, 'This form was not sent by this page. Try again here.'],
}

/** Makes the page on which an invited operator chooses a password and adds the codes to an app. */
export function invitationPage(view: InvitationView): OperatorPage {
  const { basePath, email, name, problem, qrSvg, secretText, token } = view
  const [status, text] = problem === undefined ? [200, undefined] : INVITATION_PROBLEMS[problem]
  return {
    title: 'Accept the invitation',
    status,
    hasPasskeys: true,
    body: card(html`<h1>Welcome, ${name}</h1>
<p>Set up your access to the payments console as <strong>${email}</strong>.</p>
${problemOf(text)}
<form method="post" action="${basePath}/console/invitation/${token}">
  <input type="hidden" name="email" autocomplete="username" value="${email}">
  ${field({
    name: 'password',
    label: 'Choose a password',
    type: 'password',
    autocomplete: 'new-password',
    hint: `At least ${PASSWORD_LENGTH_MIN} characters. A password manager can make one.`,
  })}
  <h2>Codes on your phone</h2>
  <p>Scan this with an authenticator app, such as Aegis, Google Authenticator or 1Password.</p>
  <div class="qr" role="img" aria-label="QR code for an authenticator app">${qrSvg}</div>
  <p class="small">Or type this key into the app: <code>${groupLetters(secretText)}</code></p>
  ${field({
    name: 'code',
    label: 'Code of the app',
    type: 'text',
    autocomplete: 'one-time-code',
    hint: 'The six digits that the app shows now',
  })}
  <button class="primary">Accept the invitation</button>
</form>
${passkeyForm({
  action: `${basePath}/console/invitation/${token}/passkey`,
  kind: 'create',
  button: 'Use a passkey instead',
})}`),
  }
}

/** Makes the page that shows the recovery codes once. */
export function recoveryCodesPage(
  codes: readonly string[],
  next: { readonly path: string; readonly text: string },
): OperatorPage {
  return {
    title: 'Your recovery codes',
    status: 200,
    body: card(html`<h1>Your recovery codes</h1>
<p>Store them in a safe place, such as a password manager. If you lose your phone, type one of them instead of the app’s code. Each works once. They are not shown again.</p>
<ul class="codes">${codes.map((code) => html`<li><code>${code}</code></li>`)}</ul>
<p><a class="button primary" href="${next.path}">I have stored them: ${next.text}</a></p>`),
  }
}

/** Makes the page after an invitation was accepted with a passkey. */
export function passkeyStoredPage(basePath: string): OperatorPage {
  return {
    title: 'Your passkey is stored',
    status: 200,
    body: card(html`<h1>Your passkey is stored</h1>
<p>Add a second one on another device later, at Your access in the console. If you lose your only device, an administrator can send you a new invitation.</p>
<p><a class="button primary" href="${basePath}/console/sign-in">Sign in</a></p>`),
  }
}

/** Makes a page with one message. */
export function messagePage(title: string, text: string, status: number): OperatorPage {
  return { title, status, body: card(html`<h1>${title}</h1><p>${text}</p>`) }
}

/** Makes the one card of a page. */
export function card(content: Html): Html {
  return html`<main class="card">${content}</main>`
}

/** Makes the sentence about a problem. Undefined: there is none. */
export function problemOf(text: string | undefined): Html | undefined {
  return text === undefined ? undefined : html`<p class="problem" role="alert">${text}</p>`
}

/**
 * Makes a form of a passkey. It is hidden until the page's script finds that the browser has passkeys. `get` signs in, `create`
 * makes a passkey with a name.
 */
export function passkeyForm({
  action,
  button,
  kind,
  token,
}: {
  readonly action: string
  readonly kind: 'get' | 'create'
  readonly button: string
  /** The token of the console's page. Undefined: nobody is signed in. */
  readonly token?: string
}): Html {
  return html`<form method="post" action="${action}" data-passkey="${kind}" hidden>
  ${token === undefined ? undefined : html`<input type="hidden" name="token" value="${token}">`}
  <input type="hidden" name="answer">
  ${
    kind === 'get'
      ? undefined
      : html`<label for="passkey-name">Name of the passkey</label>
  <input id="passkey-name" name="name" type="text" autocomplete="off" maxlength="${PASSKEY_NAME_LENGTH_MAX}" value="Passkey" required>`
  }
  <p class="problem" role="alert" hidden></p>
  <button>${button}</button>
</form>`
}

/** Makes a field with its label. */
export function field({
  autocomplete,
  hint,
  label,
  name,
  type,
  value = '',
}: {
  readonly name: string
  readonly label: string
  readonly type: string
  readonly autocomplete: string
  readonly hint?: string
  readonly value?: string
}): Html {
  return html`<label for="${name}">${label}</label>
  <input id="${name}" name="${name}" type="${type}" autocomplete="${autocomplete}" value="${value}" required${
    hint === undefined ? undefined : html` aria-describedby="${name}-hint"`
  }>
  ${hint === undefined ? undefined : html`<p class="hint" id="${name}-hint">${hint}</p>`}`
}

/** Writes a key in groups of four characters, which people can type. */
function groupLetters(text: string): string {
  return text.match(/.{1,4}/g)?.join(' ') ?? text
}
