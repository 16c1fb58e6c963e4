import { formatScope, type Mode, type Scope } from '../domain/scope.ts'
import type { Asset } from '../pages/assets.ts'
import { Html, html } from '../pages/html.ts'
import { TEST_MODE } from '../pages/test-mode.ts'

/** The style sheet of these pages. */
export type StyleSheet = Pick<Asset, 'path' | 'integrity'>

/** The contents of a consent page. */
export type ConsentView = {
  readonly mode: Mode
  /** The path below which this server is reached: `/pay`, or empty. */
  readonly basePath: string
  readonly clientName: string
  readonly redirectUri: string
  readonly scopes: readonly Scope[]
  /** One account: the page names it. Several: the owner chooses. */
  readonly accounts: readonly { readonly id: string; readonly name: string }[]
  /** The signed request that the form sends back. */
  readonly request: string
  /** The problem of the owner's last answer. */
  readonly problem?: string
}

/** The resources in words that the owner of a shop understands. */
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

function describeScope(scope: Scope): string {
  const [resource = '', verb = ''] = scope.split('.')
  return `${VERBS.get(verb)} ${RESOURCES.get(resource)}`
}

/**
 * Renders the page on which an account's owner authorizes a client. It works without JavaScript.
 */
export function renderConsentPage(view: ConsentView, sheet: StyleSheet): Html {
  const [only] = view.accounts
  return page(
    `Allow ${view.clientName} to access your account?`,
    html`
      ${view.mode === 'sandbox' ? html`<p class="tag">${TEST_MODE}</p>` : undefined}
      <h1>Allow <strong>${view.clientName}</strong> to access your account?</h1>
      <form method="post" action="${view.basePath}/oauth/v2/consent">
        <input type="hidden" name="request" value="${view.request}">
        ${
          view.accounts.length === 1 && only !== undefined
            ? html`<p>The application requests access to <strong>${only.name}</strong>, account ${only.id}.</p>
              <input type="hidden" name="account" value="${only.id}">`
            : html`<fieldset><legend>Choose the account that the application may access</legend>
              ${view.accounts.map(
                ({ id, name }, index) =>
                  html`<label class="row"><input type="radio" name="account" value="${id}"${new Html(index === 0 ? ' checked' : '')}> <span>${name}<small>Account ${id}</small></span></label>`,
              )}</fieldset>`
        }
        <h2>The application will be able to:</h2>
        <ul>${view.scopes.map((scope) => html`<li>${describeScope(scope)} <code>${formatScope(scope)}</code></li>`)}</ul>
        ${
          view.mode === 'live'
            ? html`<label class="field" for="owner-key">Owner key of the account</label>
              <input id="owner-key" name="owner_key" type="password" required autocomplete="current-password"${new Html(view.problem === undefined ? '' : ' aria-invalid="true" aria-describedby="problem"')}>
              ${view.problem === undefined ? undefined : html`<p id="problem" class="problem" role="alert">${view.problem}</p>`}`
            : undefined
        }
        <button name="decision" value="allow" class="primary">Allow</button>
        <button name="decision" value="deny"${new Html(view.mode === 'live' ? ' formnovalidate' : '')}>Deny</button>
      </form>
      <p class="small">You will return to <span class="url">${view.redirectUri}</span></p>`,
    sheet,
  )
}

/**
 * Renders the page for a request that cannot be answered by a redirect, because it cannot be trusted or because
 * an outage prevents the check.
 */
export function renderRefusalPage(
  message: string,
  next: string,
  sheet: StyleSheet,
  title = 'This link does not work',
): Html {
  return page(title, html`<h1>${title}</h1><p>${message}</p><p class="small">${next}</p>`, sheet)
}

function page(title: string, body: Html, { integrity, path }: StyleSheet): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${path}" integrity="${integrity}">
</head>
<body><main>${body}</main></body>
</html>
`
}
