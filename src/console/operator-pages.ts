import { PASSKEY_NAME_LENGTH_MAX } from '../domain/passkey.ts'
import type { InvitationRefusal, PasswordProblem } from '../operations/accept-invitation.ts'
import { PASSWORD_LENGTH_MAX, PASSWORD_LENGTH_MIN } from '../operations/accept-invitation.ts'
import type { ProviderRefusal } from '../operations/sign-in-by-provider.ts'
import { type Html, html } from '../pages/html.ts'
import type { PageText, PlainPageKey } from './page-text.ts'
import type { PasskeySentences } from './passkey-sentences.ts'

/** A page of the console that works without script, in the language of the texts. */
export type OperatorPage = (text: PageText) => {
  readonly title: string
  readonly body: Html
  readonly status: number
  /** True: the page has forms of passkeys, and their script. */
  readonly hasPasskeys?: boolean
  /** The path of the page in its links to other languages. Undefined: the page has no such links. */
  readonly path?: string
}

/** The status and the sentence of a problem. */
export type PageProblem = readonly [
  status: number,
  sentence: PlainPageKey | ((text: PageText) => string),
]

/** The status of a page without a problem. */
export const NO_PROBLEM = [200, undefined] as const

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

const SIGN_IN_PROBLEMS: Readonly<Record<SignInProblem, PageProblem>> = {
  wrong: [403, 'The e-mail address, the password or the code is wrong. Each code works once.'],
  too_many_tries: [
    429,
    'Too many wrong tries. Wait 15 minutes to one hour, or use a browser in which you have signed in before.',
  ],
  busy: [503, 'Too many people are signing in. Try again in a few seconds.'],
  foreign_page: [403, 'The request did not come from this page. Try again here.'],
  passkey_refused: [
    403,
    'This passkey gives no access to the console. Try another passkey, or sign in with a password.',
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
  const [status, sentence] = problem === undefined ? NO_PROBLEM : SIGN_IN_PROBLEMS[problem]
  return (text) => ({
    title: text('Sign in#noun'),
    status,
    hasPasskeys: true,
    path: `${basePath}/console/sign-in`,
    body: card(html`<h1>${text('Sign in#noun')}</h1>
${problemOf(text, sentence)}
${
  providerName === undefined
    ? undefined
    : html`<p><a class="button" href="${basePath}/console/sign-in/provider">${text('Sign in with {provider}', { provider: providerName })}</a></p>
<p class="small">${text('Or with a password:')}</p>`
}
<form method="post" action="${basePath}/console/sign-in">
  ${field({ name: 'email', label: text('E-mail address'), type: 'email', autocomplete: 'username', value: email })}
  ${field({ name: 'password', label: text('Password'), type: 'password', autocomplete: 'current-password' })}
  ${field({
    name: 'code',
    label: text('Code'),
    type: 'text',
    autocomplete: 'one-time-code',
    hint: text('From your authenticator app, or a recovery code'),
  })}
  <button class="primary">${text('Sign in')}</button>
</form>
${passkeyForm(text, { action: `${basePath}/console/sign-in/passkey`, kind: 'get', button: text('Sign in with a passkey') })}
<p class="small">${text('No access, or a lost phone? An administrator can send you a new invitation.')}</p>`),
  })
}

/** Makes the page after a sign-in through a provider. The browser leaves it at once. */
export function signedInPage(basePath: string): OperatorPage {
  return (text) => ({
    title: text('Signed in'),
    status: 200,
    body: card(html`<h1>${text('You are signed in')}</h1>
<p><a class="button primary" href="${basePath}/console">${text('Open the console')}</a></p>`),
  })
}

/**
 * Makes the page for a reader who followed a link on another site to the console. The browser then opens the address
 * again by itself.
 */
export function openingPage(address: string): OperatorPage {
  return (text) => ({
    title: text('Payments console'),
    status: 200,
    body: card(html`<h1>${text('Payments console')}</h1>
<p><a class="button primary" href="${address}">${text('Open the console')}</a></p>`),
  })
}

/** The contents of an invitation page. */
export type InvitationView = {
  readonly basePath: string
  readonly token: string
  readonly name: string
  readonly email: string
  /** The secret of the codes, to type into an app. */
  readonly secretText: string
  /** A QR code with this secret. */
  readonly qrSvg: Html
  readonly problem: InvitationRefusal | 'busy' | 'foreign_page' | undefined
}

/** The sentences about passwords that are refused. */
export const PASSWORD_PROBLEMS: Readonly<Record<PasswordProblem, PageProblem>> = {
  password_too_short: [
    400,
    (text) =>
      text('The password must have at least {count} characters.', { count: PASSWORD_LENGTH_MIN }),
  ],
  password_too_long: [
    400,
    (text) =>
      text('The password must have at most {count} characters.', { count: PASSWORD_LENGTH_MAX }),
  ],
  password_is_known: [
    400,
    'The password is too easy to guess. Do not use only your name, your e-mail address, the word paydesk or a few different characters.',
  ],
}

const INVITATION_PROBLEMS: Readonly<Record<NonNullable<InvitationView['problem']>, PageProblem>> = {
  unknown_invitation: [404, 'This invitation does not exist any more.'],
  ...PASSWORD_PROBLEMS,
  passkey_refused: [400, 'The passkey was not accepted. Try again, or use another device.'],
  code_wrong: [
    400,
    'The code is wrong. Scan the QR code on this page with your authenticator app, and type the six digits that the app shows now.',
  ],
  busy: [503, 'Too many people are signing in. Try again in a few seconds.'],
  foreign_page: [403, 'The request did not come from this page. Try again here.'],
}

/** Makes the page of an invitation. */
export function invitationPage(view: InvitationView): OperatorPage {
  const { basePath, email, name, problem, qrSvg, secretText, token } = view
  const [status, sentence] = problem === undefined ? NO_PROBLEM : INVITATION_PROBLEMS[problem]
  const path = `${basePath}/console/invitation/${token}`
  return (text) => ({
    title: text('Accept the invitation'),
    status,
    hasPasskeys: true,
    path,
    body: card(html`<h1>${text('Welcome, {name}', { name })}</h1>
<p>${text('Set up your access to the payments console as {email}.', { email: html`<strong><bdi>${email}</bdi></strong>` })}</p>
${problemOf(text, sentence)}
<form method="post" action="${path}">
  <input type="hidden" name="email" autocomplete="username" value="${email}">
  ${field({
    name: 'password',
    label: text('Choose a password'),
    type: 'password',
    autocomplete: 'new-password',
    hint: text('At least {count} characters. A password manager can make one.', {
      count: PASSWORD_LENGTH_MIN,
    }),
  })}
  <h2>${text('Codes on your phone')}</h2>
  <p>${text('Scan this with an authenticator app, such as Aegis, Google Authenticator or 1Password.')}</p>
  <div class="qr" role="img" aria-label="${text('QR code for an authenticator app')}">${qrSvg}</div>
  <p class="small">${text('Or type this key into the app: {key}', { key: html`<code>${groupLetters(secretText)}</code>` })}</p>
  ${field({
    name: 'code',
    label: text('Code from the app'),
    type: 'text',
    autocomplete: 'one-time-code',
    hint: text('The six digits that the app shows now'),
  })}
  <button class="primary">${text('Accept the invitation')}</button>
</form>
${passkeyForm(text, {
  action: `${path}/passkey`,
  kind: 'create',
  button: text('Use a passkey instead'),
})}`),
  })
}

/** Makes the page that shows the recovery codes once. */
export function recoveryCodesPage(
  codes: readonly string[],
  next: { readonly path: string; readonly text: PlainPageKey },
): OperatorPage {
  return (text) => ({
    title: text('Your recovery codes'),
    status: 200,
    body: card(html`<h1>${text('Your recovery codes')}</h1>
<p>${text('Store them in a safe place, such as a password manager. If you lose your phone, type one of them instead of the app’s code. Each works once. They are not shown again.')}</p>
<ul class="codes">${codes.map((code) => html`<li><code>${code}</code></li>`)}</ul>
<p><a class="button primary" href="${next.path}">${text(next.text)}</a></p>`),
  })
}

/** Makes the page after an invitation was accepted with a passkey. */
export function passkeyStoredPage(basePath: string): OperatorPage {
  return (text) => ({
    title: text('Your passkey is stored'),
    status: 200,
    body: card(html`<h1>${text('Your passkey is stored')}</h1>
<p>${text('Add a second passkey on another device later: open “Your access” in the console. If you lose your only device, an administrator can send you a new invitation.')}</p>
<p><a class="button primary" href="${basePath}/console/sign-in">${text('Sign in')}</a></p>`),
  })
}

/** Makes a page with one message. */
export function messagePage(
  title: PlainPageKey,
  sentence: PlainPageKey,
  status: number,
): OperatorPage {
  return (text) => ({
    title: text(title),
    status,
    body: card(html`<h1>${text(title)}</h1><p>${text(sentence)}</p>`),
  })
}

/** Makes the one card of a page. */
export function card(content: Html): Html {
  return html`<main class="card">${content}</main>`
}

/** Makes the sentence about a problem. Undefined: there is none. */
export function problemOf(text: PageText, sentence: PageProblem[1] | undefined): Html | undefined {
  if (sentence === undefined) return undefined
  const shownText = typeof sentence === 'string' ? text(sentence) : sentence(text)
  return html`<p class="problem" role="alert">${shownText}</p>`
}

/**
 * Makes a form of a passkey. It is hidden until the page's script finds that the browser supports passkeys. `get` signs
 * in, `create` makes a passkey with a name.
 */
export function passkeyForm(
  text: PageText,
  {
    action,
    button,
    kind,
    token,
  }: {
    readonly action: string
    readonly kind: 'get' | 'create'
    readonly button: string
    /** Undefined: nobody is signed in. */
    readonly token?: string
  },
): Html {
  return html`<form method="post" action="${action}" data-passkey="${kind}" data-sentences="${passkeySentences(text)}" hidden>
  ${token === undefined ? undefined : html`<input type="hidden" name="token" value="${token}">`}
  <input type="hidden" name="answer">
  ${
    kind === 'get'
      ? undefined
      : html`<label for="passkey-name">${text('Name of the passkey')}</label>
  <input id="passkey-name" name="name" type="text" autocomplete="off" maxlength="${PASSKEY_NAME_LENGTH_MAX}" value="${text('Passkey')}" required>`
  }
  <p class="problem" role="alert" hidden></p>
  <button>${button}</button>
</form>`
}

/**
 * Returns the sentences for the errors of a browser's dialog, by their names, as JSON for the page's script. Source of the
 * names: Web Authentication Level 3, section 5.1.
 */
function passkeySentences(text: PageText): string {
  const sentences: PasskeySentences = {
    NotAllowedError: text('The dialog was closed, or took too long. Try again.'),
    InvalidStateError: text('This device already has one of your passkeys.'),
    SecurityError: text(
      'Passkeys do not work at this address. Open the console at its public address.',
    ),
    other: text('That did not work. Reload this page, and try again.'),
  }
  return JSON.stringify(sentences)
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
