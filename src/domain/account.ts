import type { FeeRates } from './fee.ts'
import type { AccountId } from './id.ts'
import type { Currency } from './money.ts'
import type { Edition, PaymentMethodType } from './payment-method.ts'

/** A merchant account: who a payment session collects for. */
export type Account = {
  readonly id: AccountId
  /** Shown to customers. */
  readonly name: string
  readonly edition: Edition
  /** What the account can be paid by; a subset of its edition's methods. */
  readonly paymentMethods: readonly PaymentMethodType[]
  readonly feeRates: FeeRates
  /** Origins of the pages that may embed the widget: `https://shop.example`. A lone `*` lets every page. */
  readonly frameOrigins: readonly string[]
  /** The colour of the merchant's button: `#1a56db`. */
  readonly brandColor?: string
}

/**
 * Answers whether an account of this edition can ask for the currency: India takes rupees only.
 *
 * Source: Zoho Payments API reference, errors page IN (seen 2026-11-22).
 */
export function editionTakes(edition: Edition, currency: Currency): boolean {
  return edition !== 'IN' || currency === 'INR'
}
