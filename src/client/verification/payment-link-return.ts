import type { PaymentAttemptStatus } from '../../domain/payment-attempt.ts'
import {
  PAYMENT_LINK_RETURN_PARAMETERS,
  readReturnParameters,
} from '../../domain/return-parameters.ts'
import { PAYMENT_LINK_RETURN_FIELDS, paymentLinkReturnText } from '../../domain/signed-text.ts'
import type { Verification } from './hmac-check.ts'
import {
  malformedParameter,
  nothingFromPaydesk,
  type PaymentSignatureError,
  parameterAmbiguous,
  parameterMissing,
} from './payment-signature-error.ts'
import { textSignatureProblem } from './text-signature.ts'

/**
 * The values of a payment link's return that its signature proves. They are the values at the time
 * of the return: retrieve the link for its current state.
 */
export type SignedPaymentLinkReturn = {
  readonly payment_link_id: string
  readonly payment_id: string
  /** In major units, such as `1499.90`. */
  readonly amount: string
  /** The payment's status: `succeeded`. */
  readonly status: PaymentAttemptStatus | OtherText
  /** The link's `reference_id`. Undefined: the link has none. */
  readonly payment_link_reference: string | undefined
}

/** Any other text, because later versions and the real service may send more values. */
type OtherText = string & NonNullable<unknown>

type FieldName = (typeof PAYMENT_LINK_RETURN_FIELDS)[number]
type ParameterName = (typeof PAYMENT_LINK_RETURN_PARAMETERS)[number]

/**
 * The format of every value before the reference, and the format in words. Because of it the dots of the signed text
 * are unambiguous, and no other message that the account's key signs can be read as a return.
 */
const FORMS: Readonly<Partial<Record<FieldName, readonly [pattern: RegExp, shape: string]>>> = {
  payment_link_id: [/^\d{1,20}$/, 'an id of 1 to 20 digits'],
  payment_id: [/^\d{1,20}$/, 'an id of 1 to 20 digits'],
  amount: [/^\d{1,20}(?:\.\d{1,4})?$/, 'an amount such as 1499.90'],
  status: [/^[a-z_]{1,40}$/, 'a status in lower case'],
}

/** The parameters that every return has. */
const REQUIRED_PARAMETERS = ['payment_link_id', 'payment_id', 'amount', 'status'] as const

/**
 * Reads the return from a payment link. Returns an error as a value if Paydesk did not sign it, or if frameworks could
 * read it in several ways.
 */
export function* paymentLinkReturnOf(
  url: string | URL | URLSearchParams,
  signingKey: string,
): Verification<SignedPaymentLinkReturn | PaymentSignatureError> {
  const reading = readReturnParameters(url, PAYMENT_LINK_RETURN_PARAMETERS)
  const values: ReadonlyMap<ParameterName, string> =
    'values' in reading ? reading.values : new Map()
  const text = paymentLinkReturnText(Object.fromEntries(values))
  // The key is checked first, so that a missing key is an error for every URL.
  const problem = yield* textSignatureProblem(text, values.get('signature'), signingKey)
  if ('ambiguous' in reading) return parameterAmbiguous(reading.ambiguous)
  if (values.size === 0) return nothingFromPaydesk()
  const textOf = (name: ParameterName) => values.get(name) ?? ''
  const missing = REQUIRED_PARAMETERS.find((name) => textOf(name) === '')
  if (missing !== undefined) return parameterMissing(missing)
  for (const name of PAYMENT_LINK_RETURN_FIELDS) {
    const [pattern, shape] = FORMS[name] ?? []
    if (pattern?.test(textOf(name)) === false) return malformedParameter(name, shape ?? '')
  }
  if (problem !== undefined) return problem
  return {
    payment_link_id: textOf('payment_link_id'),
    payment_id: textOf('payment_id'),
    amount: textOf('amount'),
    status: textOf('status'),
    payment_link_reference: textOf('payment_link_reference') || undefined,
  }
}
