import {
  cardKindOf,
  containsCardNumber,
  digitsOf,
  isCardNumber,
  isExpiryAhead,
  parseCardExpiry,
} from '../domain/card.ts'
import { looksLikeCardNumber } from '../domain/card-number.ts'
import type { Instrument } from '../domain/instrument.ts'
import type { Customer } from '../domain/payment-attempt.ts'
import type { PaymentMethodType } from '../domain/payment-method.ts'
import type { readPhone } from '../domain/phone.ts'
import { phoneDigits } from '../domain/phone-digits.ts'
import { hasOddCharacter } from '../domain/text.ts'
import { isUpiId } from '../domain/upi.ts'
import type { MessageKey } from './messages/en.ts'
import type { TextValues } from './text.ts'

/** The fields of the payment form, in the order of the page. */
export const PAY_FIELDS = [
  'method',
  'card_number',
  'card_expiry',
  'card_cvv',
  'card_name',
  'upi_channel',
  'upi_id',
  'bank',
  'wallet',
  'ach_name',
  'ach_routing',
  'ach_account',
  'ach_type',
  'email',
  'phone',
] as const
/** A field of the payment form. */
export type PayField = (typeof PAY_FIELDS)[number]

/**
 * The fields whose texts are never shown again. Of these texts, Paydesk stores only the last four digits of the card
 * or account number, and the expiry of the card.
 */
export const SECRET_FIELDS: readonly PayField[] = [
  'card_number',
  'card_expiry',
  'card_cvv',
  'ach_account',
]

/** The customer's input. */
export type PayForm = Readonly<Partial<Record<PayField, string>>>

/** The problem of a field, as the key of a message. */
export type FieldProblem = { readonly key: MessageKey; readonly values?: TextValues }
/** The problems of a form, by field. */
export type FieldProblems = Readonly<Partial<Record<PayField, FieldProblem>>>

type Choice = { readonly code: string; readonly name: string }

type PayFormContext = {
  readonly methods: readonly PaymentMethodType[]
  readonly banks: readonly Choice[]
  readonly wallets: readonly Choice[]
  /** The country of a phone number without a dialing code, as ISO 3166. Undefined: unknown. */
  readonly phoneCountry?: string
  /** Undefined in the page, which does not load the table of dialing codes. */
  readonly readPhone?: typeof readPhone
  readonly nowMs: number
}

/** The longest name of a card's or an account's holder, in characters. */
const NAME_LENGTH_MAX = 100
/** The longest field, in characters. */
const LENGTH_MAX = 300

type Reading<Value> = { readonly value: Value } | { readonly problems: FieldProblems }

/**
 * Reads the form of the chosen method. The page and the server call this one function, so that they agree. Only the
 * server checks the dialing code of a phone number.
 */
export function readPayForm(
  form: PayForm,
  context: PayFormContext,
): Reading<{ readonly instrument: Instrument; readonly customer: Customer }> {
  const fields = Object.fromEntries(
    PAY_FIELDS.map((name) => [name, (form[name] ?? '').slice(0, LENGTH_MAX).trim()]),
  ) as Record<PayField, string>
  const method = context.methods.find((one) => one === fields.method)
  if (method === undefined) return { problems: { method: { key: 'errorMethod' } } }

  const odd = oddFields(fields)
  const instrument = READERS[method](fields, context)
  const customer = readCustomer(fields, context)
  if ('problems' in instrument || 'problems' in customer || Object.keys(odd).length > 0) {
    return {
      problems: {
        ...('problems' in instrument && instrument.problems),
        ...('problems' in customer && customer.problems),
        ...odd,
      },
    }
  }
  return { value: { instrument: instrument.value, customer: customer.value } }
}

/**
 * Returns the problems of fields with control characters: pages and statements cannot show them, a text terminal
 * obeys them, and PostgreSQL refuses NUL. Secret fields are exempt: only their digits are used.
 */
function oddFields(form: Record<PayField, string>): FieldProblems {
  const odd = PAY_FIELDS.filter(
    (name) => !SECRET_FIELDS.includes(name) && hasOddCharacter(form[name]),
  )
  return Object.fromEntries(odd.map((name) => [name, { key: 'errorCharacters' as const }]))
}

/**
 * Returns the form without the fields that are never shown again, and without texts that contain control characters
 * or a card number, because some customers type it into the wrong field.
 */
export function withoutSecrets(form: PayForm): PayForm {
  return Object.fromEntries(
    Object.entries(form).filter(
      ([name, value]) =>
        !SECRET_FIELDS.includes(name as PayField) &&
        !containsCardNumber(value) &&
        !hasOddCharacter(value),
    ),
  )
}

type Reader = (form: Record<PayField, string>, context: PayFormContext) => Reading<Instrument>

const READERS: Record<PaymentMethodType, Reader> = {
  card: readCard,
  upi: (form) => {
    if (form.upi_channel !== 'collect') {
      const channel = form.upi_channel === 'intent' ? 'intent' : 'qr'
      return { value: { type: 'upi', channel } }
    }
    return isUpiId(form.upi_id) && !containsCardNumber(form.upi_id)
      ? { value: { type: 'upi', channel: 'collect', upiId: form.upi_id } }
      : { problems: { upi_id: { key: 'errorUpiId' } } }
  },
  netbanking: (form, { banks }) => {
    const bank = banks.find(({ code }) => code === form.bank)
    return bank === undefined
      ? { problems: { bank: { key: 'errorBank' } } }
      : { value: { type: 'netbanking', bankCode: bank.code, bankName: bank.name } }
  },
  wallet: (form, { wallets }) => {
    const wallet = wallets.find(({ code }) => code === form.wallet)
    return wallet === undefined
      ? { problems: { wallet: { key: 'errorWallet' } } }
      : { value: { type: 'wallet', walletCode: wallet.code, walletName: wallet.name } }
  },
  bank_transfer: () => ({ value: { type: 'bank_transfer' } }),
  ach_debit: readAch,
}

function readCard(form: Record<PayField, string>, { nowMs }: PayFormContext): Reading<Instrument> {
  const problems: Partial<Record<PayField, FieldProblem>> = {}
  const number = digitsOf(form.card_number)
  const kind = cardKindOf(number)
  const cvv = digitsOf(form.card_cvv)
  const cvvLength = kind?.cvvLength ?? 3
  const expiry = parseCardExpiry(form.card_expiry)

  if (number === '') problems.card_number = { key: 'errorCardNumberMissing' }
  else if (!isCardNumber(number)) problems.card_number = { key: 'errorCardNumber' }
  if (expiry === undefined) problems.card_expiry = { key: 'errorExpiry' }
  else if (!isExpiryAhead(expiry.month, expiry.year, nowMs)) {
    problems.card_expiry = { key: 'errorExpiryPast' }
  }
  if (cvv.length !== cvvLength) {
    problems.card_cvv = { key: 'errorCvv', values: { count: cvvLength } }
  }
  if (form.card_name === '' || form.card_name.length > NAME_LENGTH_MAX) {
    problems.card_name = { key: 'errorCardName' }
  } else if (containsCardNumber(form.card_name)) {
    problems.card_name = { key: 'errorCardNameNumber' }
  }
  if (Object.keys(problems).length > 0 || expiry === undefined) return { problems }
  return {
    value: {
      type: 'card',
      number,
      brand: kind?.brand ?? 'other',
      expiryMonth: expiry.month,
      expiryYear: expiry.year,
      cvv,
      holderName: form.card_name,
    },
  }
}

/** Source: American Bankers Association, routing number policy (seen 2026-11-22). */
function isRoutingNumber(digits: string): boolean {
  const weights = [3, 7, 1, 3, 7, 1, 3, 7, 1]
  const sum = [...digits].reduce(
    (total, digit, at) => total + Number(digit) * (weights[at] ?? 0),
    0,
  )
  return /^\d{9}$/.test(digits) && digits !== '000000000' && sum % 10 === 0
}

function readAch(form: Record<PayField, string>): Reading<Instrument> {
  const problems: Partial<Record<PayField, FieldProblem>> = {}
  const routingNumber = digitsOf(form.ach_routing)
  const accountNumber = digitsOf(form.ach_account)
  if (
    form.ach_name === '' ||
    form.ach_name.length > NAME_LENGTH_MAX ||
    containsCardNumber(form.ach_name)
  ) {
    problems.ach_name = { key: 'errorAchName' }
  }
  if (!isRoutingNumber(routingNumber)) problems.ach_routing = { key: 'errorAchRouting' }
  if (!/^\d{4,17}$/.test(accountNumber)) problems.ach_account = { key: 'errorAchAccount' }
  if (Object.keys(problems).length > 0) return { problems }
  return {
    value: {
      type: 'ach_debit',
      accountHolderName: form.ach_name,
      routingNumber,
      accountNumber,
      accountType: form.ach_type === 'savings' ? 'savings' : 'checking',
    },
  }
}

const EMAIL = /^[^\s@]{1,64}@[^\s@]+\.[^\s@]{2,}$/

/** Removes the separators between digits, and accepts digits of other scripts. */
function readTypedPhone(
  text: string,
  { phoneCountry, readPhone }: PayFormContext,
): ReturnType<typeof import('../domain/phone.ts').readPhone> {
  const plus = /^[\s(]*[+＋]/.test(text) ? '+' : ''
  const number = plus + digitsOf(text)
  if (readPhone !== undefined) return readPhone(number, phoneCountry)
  const digits = phoneDigits(number)
  return digits === undefined ? { refused: 'no_number' } : { digits }
}

function readCustomer(form: Record<PayField, string>, context: PayFormContext): Reading<Customer> {
  const problems: Partial<Record<PayField, FieldProblem>> = {}
  const phone = form.phone === '' ? undefined : readTypedPhone(form.phone, context)
  if (form.email !== '' && (!EMAIL.test(form.email) || containsCardNumber(form.email))) {
    problems.email = { key: 'errorEmail' }
  }
  if (phone !== undefined && ('refused' in phone || looksLikeCardNumber(phone.digits))) {
    problems.phone = { key: 'errorPhone' }
    return { problems }
  }
  if (Object.keys(problems).length > 0) return { problems }
  return {
    value: {
      ...(form.email !== '' && { email: form.email }),
      ...(phone !== undefined && { phone: phone.digits }),
      ...(phone?.dialingCode !== undefined && { dialingCode: phone.dialingCode }),
    },
  }
}
