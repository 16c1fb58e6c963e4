import type { BillingAddress } from '../../domain/billing-address.ts'
import { containsCardNumber } from '../../domain/card.ts'
import { COUNTRY_CODES } from '../../domain/country.ts'
import type { SavableInstrument } from '../../domain/instrument.ts'
import { hasOddCharacter } from '../../domain/text.ts'
import type { MessageKey } from '../messages/en.ts'
import { type FieldProblem, PAY_FIELDS, readPayForm, SECRET_FIELDS } from '../read-pay-form.ts'

/** The fields of the billing address, with the length limit of each. */
const ADDRESS_FIELDS = {
  address_line1: 200,
  address_line2: 200,
  city: 100,
  state: 100,
  postal_code: 20,
  country: 2,
} as const
/** A field of the billing address. */
export type AddressField = keyof typeof ADDRESS_FIELDS

/** A field of the form that saves a payment method. */
export type SaveField = (typeof PAY_FIELDS)[number] | AddressField
/** The customer's input. */
export type SaveForm = Readonly<Partial<Record<SaveField, string>>>
/** The problems of a form, by field. */
export type SaveProblems = Readonly<Partial<Record<SaveField, FieldProblem>>>

/** The payment methods that can be saved, in the order of the form. */
export const SAVE_METHODS = ['card', 'ach_debit'] as const
/** A payment method that can be saved. */
export type SaveMethod = (typeof SAVE_METHODS)[number]

const NAMES = [...PAY_FIELDS, ...Object.keys(ADDRESS_FIELDS)] as readonly SaveField[]

/** Returns the known fields of a form. */
export function saveFormOf(parameters: URLSearchParams): SaveForm {
  return Object.fromEntries(
    NAMES.flatMap((name) => (parameters.has(name) ? [[name, parameters.get(name) ?? '']] : [])),
  )
}

/** Returns the form without secret fields, and without texts that contain a card number or control characters. */
export function saveFormWithoutSecrets(form: SaveForm): SaveForm {
  return Object.fromEntries(
    Object.entries(form).filter(
      ([name, value]) =>
        !SECRET_FIELDS.some((secret) => secret === name) &&
        !containsCardNumber(value) &&
        !hasOddCharacter(value),
    ),
  )
}

type SaveInput = {
  readonly instrument: SavableInstrument
  readonly billingAddress: BillingAddress
}

/** Reads the form by the rules of the payment form, with the billing address. */
export function readSaveForm(
  form: SaveForm,
  methods: readonly SaveMethod[],
  nowMs: number,
): SaveInput | { readonly problems: SaveProblems } {
  const reading = readPayForm(form, { methods, banks: [], wallets: [], nowMs })
  const address = readAddress(form)
  if ('problems' in reading || 'problems' in address) {
    return {
      problems: {
        ...('problems' in reading && reading.problems),
        ...('problems' in address && address.problems),
      },
    }
  }
  const { instrument } = reading.value
  if (instrument.type !== 'card' && instrument.type !== 'ach_debit') {
    return { problems: { method: { key: 'errorMethod' } } }
  }
  return { instrument, billingAddress: address }
}

function readAddress(form: SaveForm): BillingAddress | { readonly problems: SaveProblems } {
  const values: Partial<Record<AddressField, string>> = {}
  const problems: Partial<Record<SaveField, FieldProblem>> = {}
  for (const [name, lengthMax] of Object.entries(ADDRESS_FIELDS) as [AddressField, number][]) {
    const value = (form[name] ?? '').trim()
    const key = addressProblem(name, value, lengthMax)
    if (key !== undefined) problems[name] = { key }
    else if (value !== '') values[name] = value
  }
  if (Object.keys(problems).length > 0) return { problems }
  const { address_line1, address_line2, city, postal_code, state } = values
  return {
    ...(address_line1 !== undefined && { addressLine1: address_line1 }),
    ...(address_line2 !== undefined && { addressLine2: address_line2 }),
    ...(city !== undefined && { city }),
    ...(state !== undefined && { state }),
    ...(postal_code !== undefined && { postalCode: postal_code }),
    country: values.country ?? '',
  }
}

function addressProblem(
  name: AddressField,
  value: string,
  lengthMax: number,
): MessageKey | undefined {
  if (hasOddCharacter(value)) return 'errorCharacters'
  if (containsCardNumber(value)) return 'errorAddressNumber'
  if (name === 'country') return COUNTRY_CODES.has(value) ? undefined : 'errorCountry'
  return value.length > lengthMax ? 'errorAddressLong' : undefined
}
