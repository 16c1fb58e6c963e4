import { type Currency, type Money, readAmount } from '../domain/money.ts'
import { showMoney } from '../domain/show-money.ts'
import type { PaymentSessionRecord } from '../operations/store.ts'

/** A line of an order: `Brass lamp`, and its amount if the merchant has given one: `₹1,499.90`. */
export type OrderItem = { readonly name: string; readonly amount?: string }

/** The keys of `meta_data` that customers see: `item`, `item 2`, `item_3`. */
const ITEM_KEY = /^item[ _-]?\d{0,2}$/i
/** `Brass lamp | 1499.90`, `Voucher | -100` */
const NAME_AND_AMOUNT = /^(.*\S)\s*\|\s*(-?)(\S+)$/

/**
 * Reads the line items of a session: entries of `meta_data` with the key `item`, `item 1`, … and a value such as
 * `Brass lamp` or `Brass lamp | 1499.90`. If the end of a value is not an amount of the currency,
 * the value is shown unchanged.
 */
export function itemsOf({
  amount: { currency },
  echoedJson,
}: Pick<PaymentSessionRecord, 'amount' | 'echoedJson'>): readonly OrderItem[] {
  const { meta_data: entries = [] } = JSON.parse(echoedJson) as {
    readonly meta_data?: readonly { readonly key: string; readonly value: string }[]
  }
  return entries
    .filter(({ key, value }) => ITEM_KEY.test(key) && value.trim() !== '')
    .map(({ value }) => {
      const [, name, sign, end = ''] = NAME_AND_AMOUNT.exec(value.trim()) ?? []
      const money = readItemAmount(end, currency)
      if (name === undefined || money === undefined) return { name: value.trim() }
      const amountMinor = sign === '-' ? -money.amountMinor : money.amountMinor
      return { name, amount: showMoney({ amountMinor, currency }) }
    })
}

/** An item may cost nothing, such as free delivery. */
function readItemAmount(decimal: string, currency: Currency): Money | undefined {
  if (/^0+(?:\.0+)?$/.test(decimal)) return { amountMinor: 0n, currency }
  const money = readAmount(decimal, currency)
  return 'refused' in money ? undefined : money
}
