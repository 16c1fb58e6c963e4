import { readAmount } from '../../domain/money.ts'
import { showMoney } from '../../domain/show-money.ts'
import { type Html, html } from '../../pages/html.ts'

/** A product of the demo shop. */
export type DemoProduct = {
  readonly id: string
  readonly name: string
  /** In rupees, as a decimal text for the API. */
  readonly amount: string
  /** The outcome of this amount in the sandbox. */
  readonly hint: string
  readonly picture: Html
}

/** The amounts of the products have different outcomes in the sandbox. */
export const DEMO_PRODUCTS: readonly DemoProduct[] = [
  {
    id: 'coffee',
    name: 'Filter coffee',
    amount: '149.00',
    hint: 'Any method works.',
    picture: html`<path class="shape" d="M25 34h30l-4 34H29z"/><path class="fill" d="M26.4 46h27.2L51 68H29z"/><path d="M25 34h30l-4 34H29z"/><path d="M22 34h36M16 68c3 6 10 8 24 8s21-2 24-8z"/><path d="M34 25c-4-4 4-6 0-11M46 25c-4-4 4-6 0-11"/>`,
  },
  {
    id: 'lamp',
    name: 'Brass lamp',
    amount: '1499.90',
    hint: 'Rupees and paise.',
    picture: html`<path class="fill" d="M40 12c7 8 9 13 9 17a9 9 0 0 1-18 0c0-4 2-9 9-17z"/><path d="M40 12c7 8 9 13 9 17a9 9 0 0 1-18 0c0-4 2-9 9-17z"/><path class="shape" d="M10 42h60c-2 13-13 20-30 20S12 55 10 42z"/><path d="M10 42h60c-2 13-13 20-30 20S12 55 10 42zM32 62l-4 12h24l-4-12M22 50h36"/>`,
  },
  {
    id: 'kite',
    name: 'Paper kite',
    amount: '222.00',
    hint: 'A payment by UPI comes from a RuPay credit card.',
    picture: html`<path class="shape" d="M44 8 68 32 44 56 20 32z"/><path class="fill" d="M44 8 68 32H20zM44 56l-8 8h16z"/><path d="M44 8 68 32 44 56 20 32zM44 8v48M20 32q24-12 48 0M44 56l-8 8h16zM44 64c-2 8-14 2-18 8s-8 4-12 2"/>`,
  },
]

/** Writes an amount as the shop shows it: `₹1,499.90`. `amount` is a decimal text of the API. */
export function showRupees(amount: string): string {
  const money = readAmount(amount, 'INR')
  return 'refused' in money ? amount : showMoney(money)
}
