import { type Html, html } from '../../pages/html.ts'
import { TEST_MODE } from '../../pages/test-mode.ts'
import type { SANDBOX_VALUES } from '../well-known.ts'
import { DEMO_PRODUCTS, type DemoProduct, showRupees } from './demo-products.ts'

type ShopView = {
  readonly baseUrl: string
  /** The path below which clients reach this server: `/pay`, or empty. */
  readonly basePath: string
  readonly values: typeof SANDBOX_VALUES
  readonly productId: string
  /** The reason for the failure of the last click. */
  readonly problem?: string
}

/** Renders the common frame of all pages of the shop. */
export function renderShopFrame(body: Html, hasConsole: boolean, basePath: string): Html {
  return html`
<header class="top">
  <a class="name" href="${basePath}/demo"><span class="tile" aria-hidden="true">P</span>Paydesk Test Shop</a>
  <span class="tag">${TEST_MODE}</span>
</header>
<main>${body}</main>
<footer class="foot">${hasConsole ? html`<a href="${basePath}/console">Console</a> ` : undefined}<a href="${basePath}/docs">Documentation</a> <a href="${basePath}/openapi.json">openapi.json</a></footer>`
}

/** Renders the shop: three products, two ways to pay, and an explanation. */
export function renderShop({
  basePath,
  baseUrl,
  productId: chosenId,
  problem,
  values,
}: ShopView): Html {
  return html`
<h1>Demo shop: choose a product</h1>
<p class="lead">This shop shows a payment from the cart to the receipt.</p>
<form method="post" action="${basePath}/demo/pay" id="cart">
  <fieldset>
    <legend class="hidden">Products</legend>
    <div class="products">${DEMO_PRODUCTS.map((product) => renderProduct(product, product.id === chosenId))}</div>
  </fieldset>
  ${problem === undefined ? undefined : html`<p class="notice bad" role="alert">${CROSS}<span>${problem}</span></p>`}
  <div class="buttons">
    <button class="primary">Pay on the checkout page</button>
    <button class="quiet needs-script" type="button" id="widget">Pay in the widget</button>
  </div>
  <div id="outcome" role="status"></div>
</form>
<div class="behind">
  <section aria-labelledby="steps">
    <h2 id="steps">What happens</h2>
    <ol class="steps">
      <li><strong>Create.</strong> The shop’s server creates a payment session and gets an access key.</li>
      <li><strong>Open.</strong> Your browser opens <code>/hostedcheckout/{access_key}</code>, or the widget shows the checkout over this page.</li>
      <li><strong>Pay.</strong> Choose net banking and Success Test Bank, or the card <span class="whole">4111 1111 1111 1111</span> with any future expiry and any CVV, and the code 123456.</li>
      <li><strong>Check.</strong> Paydesk sends you back with a signature; the shop checks it and retrieves the session from the API.</li>
    </ol>
  </section>
  <section aria-labelledby="ask">
    <h2 id="ask">Create a session in your terminal</h2>
    ${DEMO_PRODUCTS.map((product) => renderCurl(product, baseUrl, values))}
  </section>
</div>
<script src="${basePath}/zpay/zpay-js/v1/zpayments.js" defer></script>`
}

function renderProduct({ amount, hint, id, name, picture }: DemoProduct, isChosen: boolean): Html {
  return html`
<label class="product">
  <input type="radio" name="product" value="${id}"${isChosen ? html` checked` : undefined}>
  <svg class="picture" viewBox="0 0 80 84" aria-hidden="true">${picture}</svg>
  <span class="what"><span class="title">${name}</span> <small>${hint}</small></span>
  <span class="price">${showRupees(amount)}</span>
</label>`
}

/**
 * Renders the curl command for a product. The style sheet shows only the chosen product's, so that the page needs no
 * script.
 */
function renderCurl(
  { amount, id, name }: DemoProduct,
  baseUrl: string,
  { accessToken, accountId }: typeof SANDBOX_VALUES,
): Html {
  return html`
<div class="curl" data-product="${id}">
<pre><code>curl '${baseUrl}/api/v1/paymentsessions?account_id=${accountId}' \\
  -H 'Authorization: Zoho-oauthtoken ${accessToken}' \\
  -d '{
    "amount": ${amount}, "currency": "INR",
    "description": "${name}",
    "configurations": { "hosted_page_parameters": {
      "success_url": "${baseUrl}/demo/done",
      "failure_url": "${baseUrl}/demo/done"
    } }
  }'</code></pre>
<button class="copy needs-script" type="button">Copy</button>
</div>`
}

/** A mark for a good result. */
export const TICK: Html = html`<svg class="mark" viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="9.2"/><path d="m8 12.4 2.8 2.8 5.4-6"/></svg>`
/** A mark for a bad result. */
export const CROSS: Html = html`<svg class="mark" viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="9.2"/><path d="m8.6 8.6 6.8 6.8M15.4 8.6l-6.8 6.8"/></svg>`
/** A mark for an open result. */
export const CLOCK: Html = html`<svg class="mark" viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="9.2"/><path d="M12 7v5.4l3.4 2"/></svg>`
