import { hydrate } from 'preact'
import { CheckoutPage, type PageProps } from '../components/checkout-page.tsx'
import { PaymentLinkPage, type PaymentLinkPageProps } from '../components/payment-link-page.tsx'

const root = document.getElementById('app')
const element = document.getElementById('props')
if (root !== null && element !== null) {
  // From here on the styles show elements that need JavaScript.
  document.documentElement.classList.add('scripted')
  const props = JSON.parse(element.textContent ?? '') as PageProps | PaymentLinkPageProps
  // Both pages have the same script, so the customer of a payment link has loaded it before the
  // checkout opens.
  if (isPaymentLink(props)) hydrate(<PaymentLinkPage {...props} />, root)
  else hydrate(<CheckoutPage {...props} />, root)
}

function isPaymentLink(props: PageProps | PaymentLinkPageProps): props is PaymentLinkPageProps {
  return 'kind' in props.view
}
