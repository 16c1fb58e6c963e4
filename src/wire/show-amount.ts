import { formatMoney, type Money } from '../domain/money.ts'

/** Writes an amount for the console: `INR 1499.90`. The pages of the console group the digits. */
export function showAmount(amount: Money): string {
  return `${amount.currency} ${formatMoney(amount)}`
}
