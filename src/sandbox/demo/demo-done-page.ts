import { type Html, html } from '../../pages/html.ts'
import type { SANDBOX_VALUES } from '../well-known.ts'
import { showRupees } from './demo-products.ts'
import { CLOCK, CROSS, TICK } from './demo-shop-page.ts'

/** The values that the shop received, and the result of its check. */
export type ReturnView = {
  readonly baseUrl: string
  /** The path below which clients reach this server: `/pay`, or empty. */
  readonly basePath: string
  readonly hasConsole: boolean
  readonly values: typeof SANDBOX_VALUES
  /** The kind of checkout, because redirect and widget have different signatures. */
  readonly way: 'redirect' | 'widget'
  readonly parameters: readonly (readonly [name: string, value: string])[]
  /** The signed text, if the values are unchanged. */
  readonly signedText: string
  readonly isSigned: boolean
  /** The session from the API. Undefined: the shop did not read it, or it does not exist. */
  readonly session: SessionSummary | undefined
}

/** The parts of a session that the page shows, and the whole session as text. */
export type SessionSummary = {
  readonly id: string
  readonly status: string
  readonly amount: string
  readonly payments: readonly { readonly payment_id: string; readonly status: string }[]
  readonly json: string
}

/** Renders the page for a visitor without a payment. */
export function renderNoPayment(basePath: string): Html {
  return html`
<h1>No payment yet</h1>
<p class="lead">After a payment, Paydesk redirects the customer to this address with the result.</p>
<p><a class="primary" href="${basePath}/demo">Go to the shop</a></p>`
}

/** Renders the page that the shop shows during an outage of the database. */
export function renderOutage(basePath: string): Html {
  return html`
<h1>Temporarily unavailable</h1>
<p class="lead">Paydesk cannot reach its database. Try again in a minute.</p>
<p><a class="primary" href="${basePath}/demo">Go to the shop</a></p>`
}

/** Renders the result: the parameters, the check of the signature, the session, and the code. */
export function renderReturn(view: ReturnView): Html {
  const { isSigned, parameters, session, signedText, way } = view
  const { kind, mark, text, title } = verdictOf(view)
  return html`
<div class="verdict ${kind}">${mark}<div><h1>${title}</h1><p>${text}</p></div></div>
<div class="buttons">${nextSteps(view)}</div>

<div class="behind">
<div>
<section aria-labelledby="result">
  <h2 id="result">1. The result</h2>
  <p>${way === 'redirect' ? 'Paydesk added these parameters to the shop’s return URL.' : 'The widget’s promise resolved with these values.'}</p>
  <table><thead><tr><th scope="col">Parameter</th><th scope="col">Value</th></tr></thead><tbody>${parameters.map(
    ([name, value]) => html`<tr><th scope="row">${breakable(name)}</th><td>${value}</td></tr>`,
  )}</tbody></table>
</section>

<section aria-labelledby="signature">
  <h2 id="signature">2. The signature</h2>
  <p>${way === 'redirect' ? 'Anyone can type a URL, so the shop checks the signature. The shop joins the eleven values in order with dots (absent values are empty), signs the text with its signing key, and compares this signature with the received one.' : 'Anyone can run a script, so the shop’s server checks the signature. The server signs the payment id and the session id with the signing key, and compares this signature with the received one.'}</p>
  <pre><code>${signedText}</code></pre>
  ${
    isSigned
      ? html`<p class="notice good">${TICK}<span>The signature is valid.</span></p>`
      : html`<p class="notice bad">${CROSS}<span>The signature is invalid.</span></p>`
  }
</section>
</div>
<div>
<section aria-labelledby="now">
  <h2 id="now">3. The session in the API</h2>
  ${session === undefined ? html`<p>${isSigned ? 'The API has no such session.' : 'The shop does not call the API for a result with an invalid signature.'}</p>` : renderSession(session, view)}
</section>

<section aria-labelledby="code">
  <h2 id="code">The shop’s code for this</h2>
  <pre><code>${way === 'redirect' ? redirectCode(view) : widgetCode(view)}</code></pre>
</section>
</div>
</div>`
}

/**
 * Renders the links below the result. After a success: the session in the console, and the shop. Otherwise: another
 * try.
 */
function nextSteps(view: ReturnView): Html {
  const { basePath, hasConsole, session } = view
  if (verdictOf(view).kind !== 'good' || session === undefined) {
    return html`<a class="primary" href="${basePath}/demo">Try again</a>`
  }
  const more = (kind: string) =>
    html`<a class="${kind}" href="${basePath}/demo">Continue shopping</a>`
  return hasConsole
    ? html`<a class="primary" href="${basePath}/console/sessions/${session.id}">See the payment in the console</a>
${more('quiet')}`
    : more('primary')
}

function verdictOf({ isSigned, session, way }: ReturnView) {
  if (!isSigned) {
    return {
      kind: 'bad',
      mark: CROSS,
      title: 'The result is not authentic',
      text: `The values were changed, or did not come from ${way === 'redirect' ? 'Paydesk' : 'the widget'}. Nothing is shipped.`,
    }
  }
  switch (session?.status) {
    case 'succeeded':
      return {
        kind: 'good',
        mark: TICK,
        title: `Paid ${showRupees(session.amount)}`,
        text: 'The signature is valid and the API confirms the payment. The shop can ship.',
      }
    case 'in_progress':
      return {
        kind: 'open',
        mark: CLOCK,
        title: 'Payment pending',
        text: 'The customer’s bank has not answered. Reload in a few seconds.',
      }
    default:
      return {
        kind: 'bad',
        mark: CROSS,
        title: 'Not paid',
        text: 'The shop ships nothing, keeps the cart and lets the customer try again.',
      }
  }
}

function renderSession(session: SessionSummary, { baseUrl, values }: ReturnView): Html {
  return html`
  <p>The values above are from the end of the attempt; the API has the current status.</p>
  <pre><code>curl '${baseUrl}/api/v1/paymentsessions/${session.id}?account_id=${values.accountId}' \\
  -H 'Authorization: Zoho-oauthtoken ${values.accessToken}'</code></pre>
  <dl>
    <div><dt>Status</dt><dd>${session.status}</dd></div>
    <div><dt>Amount</dt><dd>${showRupees(session.amount)}</dd></div>
    <div><dt>Payments</dt><dd>${
      session.payments.length === 0
        ? 'none'
        : session.payments.map(
            ({ payment_id, status }) => html`<span class="payment">${payment_id} ${status}</span>`,
          )
    }</dd></div>
  </dl>
  <details><summary>Full answer</summary><pre><code>${session.json}</code></pre></details>`
}

/** Allows line breaks between the words of a wire name. */
function breakable(name: string): readonly Html[] {
  return name
    .split(/(?<=_)/)
    .map((word, index) => (index === 0 ? html`${word}` : html`<wbr>${word}`))
}

/** The import in the example of a merchant's server. */
const SIGNATURES = 'paydesk/signatures'

function redirectCode(view: ReturnView): string {
  return `import { env } from 'node:process'
import { readSignedRedirect } from '${SIGNATURES}'

${settingsCode(view)}

// request.url is the URL at which the customer came back.
const redirect = readSignedRedirect(
  request.url, SIGNING_KEY,
)
if (redirect === undefined) return refuse()
// Never read values from the URL itself.
const id = redirect.payments_session_id
${askingCode(view)}`
}

function widgetCode(view: ReturnView): string {
  return `import { env } from 'node:process'
import { readSignedWidgetPayment } from '${SIGNATURES}'

${settingsCode(view)}

// payment is the result that the page's script sent.
const verifiedPayment = readSignedWidgetPayment(
  payment, SIGNING_KEY,
)
if (verifiedPayment === undefined) return refuse()
const id = verifiedPayment.payments_session_id
${askingCode(view)}`
}

function settingsCode({ baseUrl }: ReturnView): string {
  return `const BASE = '${baseUrl}'
const { ACCESS_TOKEN, SIGNING_KEY } = env`
}

function askingCode({ values }: ReturnView): string {
  return `const answer = await fetch(
  \`\${BASE}/api/v1/paymentsessions/\${id}\`
    + '?account_id=${values.accountId}',
  { headers: {
    Authorization: \`Zoho-oauthtoken \${ACCESS_TOKEN}\`,
  } },
)
const { payments_session } = await answer.json()
if (payments_session.status === 'succeeded') ship()`
}
