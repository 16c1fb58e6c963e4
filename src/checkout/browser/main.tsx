import { hydrate } from 'preact'
import { CheckoutPage, type PageProps } from '../components/checkout-page.tsx'

const root = document.getElementById('app')
const props = document.getElementById('props')
if (root !== null && props !== null) {
  // From here on the styles show elements that need script.
  document.documentElement.classList.add('scripted')
  hydrate(<CheckoutPage {...(JSON.parse(props.textContent ?? '') as PageProps)} />, root)
}
