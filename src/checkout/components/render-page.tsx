import { renderToString } from 'preact-render-to-string'
import { CheckoutPage, type PageProps } from './checkout-page.tsx'

/** Renders the checkout page as HTML, on the server. The browser build makes a module of this file. */
export function renderPage(props: PageProps): string {
  return renderToString(<CheckoutPage {...props} />)
}
