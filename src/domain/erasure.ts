import type { BillingAddress } from './billing-address.ts'
import type { SavedFacts } from './instrument.ts'

/** The text in place of erased text in a field that cannot be absent. */
export const ERASED_TEXT = '[erased]'

/** The members of JSON objects whose text is replaced, because readers expect the member. */
const REPLACED_MEMBERS: ReadonlySet<string> = new Set([
  'account_holder_name',
  'accountHolderName',
  'card_holder_name',
  'customer_name',
  'customerName',
  'description',
  'holderName',
  'name',
])

/** The members of JSON objects that are removed. */
const REMOVED_MEMBERS: ReadonlySet<string> = new Set([
  'billing_address',
  'billingAddress',
  'customer_email',
  'customer_phone',
  'customerEmail',
  'customerPhone',
  'dialing_code',
  'email',
  'failure_url',
  'meta_data',
  'payer_ifsc_code',
  'payer_name',
  'payerIfscCode',
  'payerName',
  'phone',
  'phone_country_code',
  'receipt_email',
  'return_url',
  'success_url',
  'udf1',
  'udf2',
  'udf3',
  'udf4',
  'udf5',
  'upi_id',
  'upiId',
])

type Reviver = (name: string, value: unknown, context: { readonly source?: string }) => unknown
const parse = JSON.parse as (text: string, reviver: Reviver) => unknown
const { rawJSON } = JSON as typeof JSON & { readonly rawJSON: (text: string) => unknown }

/**
 * Returns a stored JSON text without personal data of a customer. At every depth, the members that can have such data
 * are removed, or their text is replaced. A JSON number that stays is written as in the stored text, such as `100.50`.
 * A text that is erased already stays the same.
 */
export function eraseJson(text: string): string {
  const value = parse(text, (name, member, { source }) => {
    if (REMOVED_MEMBERS.has(name)) return undefined
    if (REPLACED_MEMBERS.has(name) && typeof member === 'string') return ERASED_TEXT
    return typeof member === 'number' && source !== undefined ? rawJSON(source) : member
  })
  return JSON.stringify(value) ?? '{}'
}

/**
 * Returns the facts that remain of a saved instrument that is no longer charged: its type, and the brand of a card or
 * the type of a bank account.
 */
export function eraseSavedFacts(facts: SavedFacts): SavedFacts {
  if (facts.type === 'card') {
    const { brand, type } = facts
    return { type, brand, lastFourDigits: '', expiryMonth: 1, expiryYear: 1970, holderName: '' }
  }
  const { accountType, type } = facts
  return { type, accountType, accountHolderName: '', lastFourDigits: '', routingNumber: '' }
}

/** Returns an address that has only the country, because the tax of past payments needs the country. */
export function eraseAddress({ country }: BillingAddress): BillingAddress {
  return { country }
}

/** The kinds of rows that an erasure changes or deletes, by their names in its report. */
export const ERASED_KINDS = [
  'customers',
  'saved_methods',
  'saving_sessions',
  'sessions',
  'payments',
  'refunds',
  'transfers',
  'reversals',
  'payment_links',
  'mandates',
  'mandate_notifications',
  'virtual_accounts',
  'events',
  'answers_of_receivers',
  'stored_answers',
  'messages',
  'sandbox_rows',
] as const
/** A kind of rows that an erasure changes or deletes. */
export type ErasedKind = (typeof ERASED_KINDS)[number]
