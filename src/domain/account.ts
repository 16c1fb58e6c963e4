import type { FeeRates } from './fee.ts'
import type { AccountId } from './id.ts'
import type { Currency } from './money.ts'
import type { Edition, PaymentMethodType } from './payment-method.ts'
import { isPlainText } from './text.ts'

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
  /** What customers' statements show, 1 to 22 characters. Undefined: the name, cut. */
  readonly statementDescriptor?: string
}

/** The longest text that a statement shows, in characters. */
const STATEMENT_DESCRIPTOR_LENGTH_MAX = 22

/** Answers whether a text can stand on customers' statements: 1 to 22 characters on one line. */
export function isStatementDescriptor(text: string): boolean {
  return isPlainText(text) && [...text].length <= STATEMENT_DESCRIPTOR_LENGTH_MAX
}

/** Gives what customers' statements show for the account: its setting, else its name, cut. */
export function statementDescriptorOf({
  name,
  statementDescriptor,
}: Pick<Account, 'name' | 'statementDescriptor'>): string {
  return statementDescriptor ?? [...name].slice(0, STATEMENT_DESCRIPTOR_LENGTH_MAX).join('').trim()
}

/**
 * Answers whether an account of this edition can ask for the currency: India takes rupees only.
 *
 * Source: Zoho Payments API reference, errors page IN (seen 2026-11-22).
 */
export function editionTakes(edition: Edition, currency: Currency): boolean {
  return edition !== 'IN' || currency === 'INR'
}
