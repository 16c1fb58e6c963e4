import { type Html, html } from '../../pages/html.ts'
import { TEST_MODE } from '../../pages/test-mode.ts'
import { createSessionCommand, type sandboxFacts } from '../announce.ts'

type Facts = ReturnType<typeof sandboxFacts>

/**
 * Renders the first page of a sandbox: a description, and the three next steps with the sandbox's
 * values.
 */
export function renderStartPage(facts: Facts): Html {
  const { base_url: baseUrl, console_url: consoleUrl, demo_url: demoUrl, docs_url: docsUrl } = facts
  return html`
<header class="top">
  <span class="name"><span class="tile" aria-hidden="true">P</span>Paydesk</span>
  <span class="tag">${TEST_MODE}</span>
</header>
<main>
<h1>This sandbox takes payments that move no money</h1>
<p class="lead">It serves calls of the Zoho Payments API. Your application creates payment sessions here, your customers pay on the checkout page, and webhooks report the outcome: all on this machine, without an account at Zoho.</p>
<ol class="steps">
  <li${consoleUrl === undefined ? html` class="wide"` : undefined}>
    <h2>Pay in the demo shop</h2>
    <p>A payment from the cart to the receipt. Two clicks open the checkout page.</p>
    <a class="button primary" href="${demoUrl}">Open the demo shop</a>
  </li>
  ${
    consoleUrl === undefined
      ? undefined
      : html`<li>
    <h2>See what happened</h2>
    <p>The console shows every session, webhook and request, and moves the clock.</p>
    <a class="button" href="${consoleUrl}">Open the console</a>
  </li>`
  }
  <li class="wide">
    <h2>Create a session from your terminal</h2>
    <p>The command prints the address of the checkout page. Pay with the card <code>4111 1111 1111 1111</code>, any future expiry, any CVV, and the code <code>123456</code>.</p>
    <div class="copied"><pre tabindex="0" aria-label="Command that creates a session" data-copies="the command"><code>${createSessionCommand(facts, 'link')}</code></pre></div>
  </li>
</ol>
<section class="facts" aria-labelledby="facts">
  <h2 id="facts">Values for your application</h2>
  <dl>
    ${valuesOf(facts).map(
      ([name, value]) =>
        html`<div><dt>${name}</dt><dd class="copied"><code data-copies="${name}">${value}</code></dd></div>`,
    )}
  </dl>
</section>
</main>
<footer class="foot">
  <a href="${docsUrl}">Documentation</a>
  <a href="${baseUrl}/openapi.json">OpenAPI description</a>
  <a href="${baseUrl}/llms.txt">Documentation for language models</a>
</footer>`
}

function valuesOf(facts: Facts): readonly (readonly [string, string])[] {
  return [
    ['Base URL', facts.base_url],
    ['Account, IN', facts.account_id],
    ['Account, US', facts.us_account_id],
    ['Access token', facts.access_token],
    ['Signing key', facts.signing_key],
    ['API key', facts.api_key],
    ['Client id', facts.client_id],
    ['Client secret', facts.client_secret],
    ['Refresh token', facts.refresh_token],
  ]
}
