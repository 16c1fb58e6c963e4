import type { PaymentAttemptStatus } from '../../domain/payment-attempt.ts'
import { RETURN_PARAMETERS, readReturnParameters } from '../../domain/return-parameters.ts'
import { REDIRECT_FIELDS, redirectText } from '../../domain/signed-text.ts'
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
 * The values of a redirect that its signature proves. They are the values at the time of the
 * redirect: retrieve the session for its current state.
 */
export type SignedRedirect = {
  readonly payments_session_id: string
  readonly payment_session_status: 'succeeded' | 'failed' | 'in_progress' | OtherText
  /** The last payment attempt. Undefined: there was none. */
  readonly payment_id: string | undefined
  /** Undefined: there was no payment attempt. */
  readonly payment_status: PaymentAttemptStatus | OtherText | undefined
  /** In major units, such as `1499.90`. */
  readonly amount: string
  /** Undefined: the payment enrolled no mandate. */
  readonly mandate_id: string | undefined
  /**
   * The values of `udf1` to `udf5` that are not empty. Undefined: one of them contains a dot, so a customer could
   * move text from one to the next, because the signature joins them with dots. The retrieved session has all values.
   */
  readonly udf: Readonly<Partial<Record<UdfName, string>>> | undefined
}

/** Any other text, because later versions and the real service may send more values. */
type OtherText = string & NonNullable<unknown>

/** A merchant's own field, which the redirect returns. */
export type UdfName = 'udf1' | 'udf2' | 'udf3' | 'udf4' | 'udf5'

/** The names of the merchant's own fields. */
export const UDF_NAMES: readonly UdfName[] = ['udf1', 'udf2', 'udf3', 'udf4', 'udf5']

/**
 * The format of every value before the udf values, and the format in words. Because of it the dots of the signed text
 * are unambiguous: only the amount has a dot, and its fraction is too short for a mandate's id.
 */
const FORMS: Readonly<
  Partial<Record<(typeof REDIRECT_FIELDS)[number], readonly [pattern: RegExp, shape: string]>>
> = {
  payments_session_id: [/^\d{1,20}$/, 'an id of 1 to 20 digits'],
  payment_session_status: [/^[a-z_]{1,40}$/, 'a status in lower case'],
  payment_id: [/^\d{0,20}$/, 'an id of at most 20 digits'],
  payment_status: [/^[a-z_]{0,40}$/, 'a status in lower case'],
  amount: [/^\d{1,20}(?:\.\d{1,4})?$/, 'an amount such as 1499.90'],
  mandate_id: [/^(?:\d{5,20})?$/, 'an id of 5 to 20 digits'],
}

/** The decoded values of a redirect's parameters. */
type ParameterValues = ReadonlyMap<(typeof RETURN_PARAMETERS)[number], string>

/** The parameters that every redirect has. */
const REQUIRED_PARAMETERS = ['payments_session_id', 'payment_session_status', 'amount'] as const

/**
 * Reads a redirect. Returns an error as a value if Paydesk did not sign it, or if frameworks could read it in several
 * ways.
 */
export function* redirectOf(
  url: string | URL | URLSearchParams,
  signingKey: string,
): Verification<SignedRedirect | PaymentSignatureError> {
  const reading = readReturnParameters(url, RETURN_PARAMETERS)
  const values: ParameterValues = 'values' in reading ? reading.values : new Map()
  const text = redirectText(Object.fromEntries(values))
  // The key is checked first, so that a missing key is an error for every URL.
  const problem = yield* textSignatureProblem(text, values.get('signature'), signingKey)
  if ('ambiguous' in reading) return parameterAmbiguous(reading.ambiguous)
  const formProblem = formProblemOf(values)
  if (formProblem !== undefined) return formProblem
  if (problem !== undefined) return problem

  const textOf = (name: (typeof RETURN_PARAMETERS)[number]) => values.get(name) ?? ''
  const udf = UDF_NAMES.map((name) => [name, textOf(name)] as const)
  const isClear = udf.every(([, value]) => !value.includes('.'))
  return {
    payments_session_id: textOf('payments_session_id'),
    payment_session_status: textOf('payment_session_status'),
    payment_id: textOf('payment_id') || undefined,
    payment_status: textOf('payment_status') || undefined,
    amount: textOf('amount'),
    mandate_id: textOf('mandate_id') || undefined,
    udf: isClear ? Object.fromEntries(udf.filter(([, value]) => value !== '')) : undefined,
  }
}

/** Returns the error for the first missing or malformed parameter before the udf values. Undefined: there is none. */
function formProblemOf(values: ParameterValues): PaymentSignatureError | undefined {
  if (values.size === 0) return nothingFromPaydesk()
  const missing = REQUIRED_PARAMETERS.find((name) => (values.get(name) ?? '') === '')
  if (missing !== undefined) return parameterMissing(missing)
  for (const name of REDIRECT_FIELDS) {
    const [pattern, shape] = FORMS[name] ?? []
    if (pattern?.test(values.get(name) ?? '') === false)
      return malformedParameter(name, shape ?? '')
  }
  return undefined
}
