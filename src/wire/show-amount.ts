import { formatMoney, type Money } from '../domain/money.ts'

/** Writes an amount for the console, which groups its digits: `INR 1499.90`. */
export function showAmount(amount: Money): string {
  return `${amount.currency} ${formatMoney(amount)}`
}
