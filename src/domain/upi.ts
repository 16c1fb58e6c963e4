import { formatMoney, type Money } from './money.ts'

/**
 * A UPI ID, also called VPA: `asha@okbank`. Source: NPCI UPI linking specification 1.6 (seen
 * 2026-11-22).
 */
const UPI_ID = /^[A-Za-z0-9._-]{2,256}@[A-Za-z][A-Za-z0-9]{1,63}$/

/** Returns true if a text has the shape of a UPI ID. */
export function isUpiId(text: string): boolean {
  return UPI_ID.test(text)
}

/**
 * Makes the link with which a UPI app pays, by a tap or as a QR code: `upi://pay?pa=…&pn=…&tr=…&am=100.50&cu=INR`.
 *
 * `reference` is the transaction reference by which the payee identifies the payment. Source: NPCI UPI linking
 * specification 1.6 (seen 2026-11-22).
 */
export function upiLink(payee: {
  readonly upiId: string
  readonly name: string
  readonly reference: string
  readonly amount: Money
  readonly note: string
}): string {
  const parameters = {
    pa: payee.upiId,
    pn: payee.name,
    tr: payee.reference,
    am: formatMoney(payee.amount),
    cu: payee.amount.currency,
    ...(payee.note !== '' && { tn: [...payee.note].slice(0, 50).join('') }),
  }
  // Blanks as %20, because apps do not read the plus sign of forms. Half a surrogate pair cannot be encoded.
  return `upi://pay?${Object.entries(parameters)
    .map(
      ([name, value]) =>
        `${name}=${encodeURIComponent(value.toWellFormed()).replaceAll('%40', '@')}`,
    )
    .join('&')}`
}
