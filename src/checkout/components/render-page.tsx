import { renderToString } from 'preact-render-to-string'
import { CheckoutPage, type PageProps } from './checkout-page.tsx'
import { PaymentLinkPage, type PaymentLinkPageProps } from './payment-link-page.tsx'

/** Renders the checkout page as HTML, on the server. The browser build makes a module of this file. */
export function renderPage(props: PageProps): string {
  return renderToString(<CheckoutPage {...props} />)
}

/** Renders the page of a payment link as HTML, on the server. */
export function renderPaymentLink(props: PaymentLinkPageProps): string {
  return renderToString(<PaymentLinkPage {...props} />)
}
