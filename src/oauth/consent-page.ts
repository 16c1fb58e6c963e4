import { formatScope, type Mode, type Scope } from '../domain/scope.ts'
import { Html, html } from '../pages/html.ts'

/** The contents of a consent page. */
export type ConsentView = {
  readonly mode: Mode
  /** The path below which this server is reached: `/pay`, or empty. */
  readonly basePath: string
  readonly clientName: string
  /** The address for the answer. */
  readonly redirectUri: string
  readonly scopes: readonly Scope[]
  /** One account: the page names it. Several: the owner chooses. */
  readonly accounts: readonly { readonly id: string; readonly name: string }[]
  /** The signed request that the form sends back. */
  readonly request: string
  /** The problem of the owner's last answer. */
  readonly problem?: string
}

/** The resources in words for the owner of a shop. */
const RESOURCES: ReadonlyMap<string, string> = new Map([
  ['payments', 'payments and payment sessions'],
  ['refunds', 'refunds'],
  ['customers', 'customers'],
  ['paymentmethods', 'saved payment methods'],
  ['payouts', 'payouts to your bank'],
  ['transfers', 'transfers to connected accounts'],
  ['connectedaccounts', 'connected accounts'],
  ['settings', 'webhooks and other settings'],
])
const VERBS: ReadonlyMap<string, string> = new Map([
  ['CREATE', 'Create'],
  ['READ', 'See'],
  ['UPDATE', 'Change'],
  ['DELETE', 'Delete'],
])

function inWords(scope: Scope): string {
  const [resource = '', verb = ''] = scope.split('.')
  return `${VERBS.get(verb)} ${RESOURCES.get(resource)}`
}

/** Renders the page on which an account's owner authorizes a client. Works without script. */
export function renderConsentPage(view: ConsentView): Html {
  const [only] = view.accounts
  return page(
    `Allow ${view.clientName} to access your account?`,
    html`
      ${view.mode === 'sandbox' ? html`<p class="tag">Sandbox: no real money</p>` : undefined}
      <h1>Allow <strong>${view.clientName}</strong> to access your account?</h1>
      <form method="post" action="${view.basePath}/oauth/v2/consent">
        <input type="hidden" name="request" value="${view.request}">
        ${
          view.accounts.length === 1 && only !== undefined
            ? html`<p>It requests access to <strong>${only.name}</strong>, account ${only.id}.</p>
              <input type="hidden" name="account" value="${only.id}">`
            : html`<fieldset><legend>Choose the account it may access</legend>
              ${view.accounts.map(
                ({ id, name }, index) =>
                  html`<label class="row"><input type="radio" name="account" value="${id}"${new Html(index === 0 ? ' checked' : '')}> <span>${name}<small>Account ${id}</small></span></label>`,
              )}</fieldset>`
        }
        <h2>It will be able to:</h2>
        <ul>${view.scopes.map((scope) => html`<li>${inWords(scope)} <code>${formatScope(scope)}</code></li>`)}</ul>
        ${
          view.mode === 'live'
            ? html`<label class="field" for="owner-key">Owner key of the account</label>
              <input id="owner-key" name="owner_key" type="password" required autocomplete="current-password"${new Html(view.problem === undefined ? '' : ' aria-invalid="true" aria-describedby="problem"')}>
              ${view.problem === undefined ? undefined : html`<p id="problem" class="problem" role="alert">${view.problem}</p>`}`
            : undefined
        }
        <button name="decision" value="allow">Allow</button>
        <button name="decision" value="deny" class="quiet"${new Html(view.mode === 'live' ? ' formnovalidate' : '')}>Deny</button>
      </form>
      <p class="small">You will return to <span class="url">${view.redirectUri}</span></p>`,
    view.basePath,
  )
}

/**
 * Renders the page for a request that cannot be answered by a redirect, because it cannot be trusted or because
 * an outage prevents the check.
 */
export function renderRefusalPage(
  message: string,
  next: string,
  basePath: string,
  title = 'This link does not work',
): Html {
  return page(title, html`<h1>${title}</h1><p>${message}</p><p class="small">${next}</p>`, basePath)
}

function page(title: string, body: Html, basePath: string): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${basePath}/oauth/v2/consent.css">
</head>
<body><main>${body}</main></body>
</html>
`
}

/** The consent page's style sheet. */
export const CONSENT_CSS = `
:root { color-scheme: light dark; --ground: #f5f6f8; --card: #fff; --text: #1d2430; --soft: #5b6472;
  --line: #d9dde4; --accent: #1a56db; --on-accent: #fff; --bad: #b3261e; --tag: #fdf3d7; --on-tag: #6b4e00 }
@media (prefers-color-scheme: dark) { :root { --ground: #12151b; --card: #1b2029; --text: #eceff4;
  --soft: #a3acba; --line: #343c49; --accent: #7ea6ff; --on-accent: #10131a; --bad: #ff9a92;
  --tag: #3a3014; --on-tag: #f5dd9a } }
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 16px;
  background: var(--ground); color: var(--text); font: 16px/1.5 system-ui, sans-serif }
main { width: 100%; max-width: 440px; padding: 32px 24px; background: var(--card);
  border: 1px solid var(--line); border-radius: 10px; box-shadow: 0 8px 24px rgb(0 0 0 / 8%) }
h1 { margin: 0 0 16px; font-size: 24px; line-height: 1.25; font-weight: 600; overflow-wrap: anywhere }
h2 { margin: 24px 0 8px; font-size: 16px }
p { margin: 0 0 12px; overflow-wrap: anywhere }
@media (max-width: 420px) { main { padding: 24px 16px } }
ul { margin: 0 0 24px; padding: 0; list-style: none; border: 1px solid var(--line); border-radius: 10px }
li { padding: 8px 12px }
li + li { border-top: 1px solid var(--line) }
code { display: block; color: var(--soft); font-size: 13px; overflow-wrap: anywhere }
fieldset { margin: 0; padding: 0; border: 0 }
legend { padding: 0; margin-bottom: 8px }
.row { display: flex; gap: 12px; align-items: center; min-height: 48px; padding: 8px 12px;
  border: 1px solid var(--line); border-radius: 10px; margin-bottom: 8px }
.row input { width: 20px; height: 20px; accent-color: var(--accent) }
.row small { display: block; color: var(--soft) }
.field { display: block; margin-bottom: 4px; font-weight: 600 }
input[type=password] { width: 100%; min-height: 48px; padding: 8px 12px; font: inherit; color: inherit;
  background: transparent; border: 1px solid var(--soft); border-radius: 10px; margin-bottom: 12px }
button { width: 100%; min-height: 48px; margin-top: 8px; font: inherit; font-weight: 600; cursor: pointer;
  color: var(--on-accent); background: var(--accent); border: 1px solid var(--accent); border-radius: 10px }
button.quiet { color: var(--text); background: transparent; border-color: var(--soft) }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
.tag { display: inline-block; padding: 4px 12px; margin-bottom: 16px; font-size: 15px; border-radius: 10px;
  background: var(--tag); color: var(--on-tag) }
.problem { color: var(--bad); font-weight: 600 }
.small { margin: 24px 0 0; font-size: 15px; color: var(--soft) }
.url { overflow-wrap: anywhere }
`
