/** The fields of answers that contain a person's address: e-mail addresses, phone numbers and UPI IDs. */
const EMAILS: ReadonlySet<string> = new Set([
  'customer_email',
  'email',
  'email_id',
  'receipt_email',
])
const PHONES: ReadonlySet<string> = new Set(['customer_phone', 'phone'])
const UPI_IDS: ReadonlySet<string> = new Set(['upi_id'])

const MASK = '•••'

/** Returns true if a field of an answer contains a person's address. */
export function isContactField(name: string): boolean {
  return EMAILS.has(name) || PHONES.has(name) || UPI_IDS.has(name)
}

/** Returns true if a text is a masked address. */
export function isMasked(text: string): boolean {
  return text.includes(MASK)
}

/** Masks the addresses in an answer, which is JSON text. Texts that show them elsewhere, such as a description, stay. */
export function maskContacts(json: string): string {
  return JSON.stringify(JSON.parse(json), (name, value) =>
    typeof value === 'string' && value !== '' ? maskContact(name, value) : value,
  )
}

/** Masks the value of a field if the field contains a person's address. */
export function maskContact(name: string, value: string): string {
  if (EMAILS.has(name) || UPI_IDS.has(name)) return maskAddress(value)
  return PHONES.has(name) ? maskPhone(value) : value
}

/** Masks an address with an at sign: `a•••@example.com`. The domain helps to tell customers apart. */
export function maskAddress(address: string): string {
  const at = address.lastIndexOf('@')
  return at < 1 ? MASK : `${[...address][0]}${MASK}${address.slice(at)}`
}

/** Masks a phone number except its last two digits: `•••17`. */
export function maskPhone(phone: string): string {
  return phone.length < 6 ? MASK : `${MASK}${phone.slice(-2)}`
}

/** Masks the recipient of a message: an e-mail address, a UPI ID or a phone number. */
export function maskRecipient(recipient: string): string {
  return recipient.includes('@') ? maskAddress(recipient) : maskPhone(recipient)
}

/** The longest number that can be a phone number. Ids have more digits. */
const PHONE_DIGIT_COUNT_MAX = 13

/**
 * Masks a search text that can be an e-mail address, a UPI ID or a phone number, so also any number of up to 13 digits.
 * Longer numbers, such as ids, and other texts stay.
 */
export function maskSearchText(text: string): string {
  const isPhone =
    /^\+?[\d\s().-]+$/.test(text) && text.replaceAll(/\D/g, '').length <= PHONE_DIGIT_COUNT_MAX
  return isPhone || text.includes('@') ? maskRecipient(text) : text
}
