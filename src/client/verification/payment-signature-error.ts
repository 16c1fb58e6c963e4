/** The reasons why a redirect, a return from a payment link or a widget's result was refused. */
export const PAYMENT_SIGNATURE_ERROR_CODES = [
  'parameter_missing',
  'parameter_malformed',
  'parameter_ambiguous',
  'session_mismatch',
  'wrong_key',
  'signature_mismatch',
] as const
/** A reason why a redirect, a return from a payment link or a widget's result was refused. */
export type PaymentSignatureErrorCode = (typeof PAYMENT_SIGNATURE_ERROR_CODES)[number]

/**
 * The error of a refused redirect, return from a payment link or widget's result: `code` for programs, `message` with
 * the likely cause and the fix. The message contains no value of the URL and no key, so it can be logged.
 */
export class PaymentSignatureError extends Error {
  override readonly name = 'PaymentSignatureError'
  readonly code: PaymentSignatureErrorCode
  /** The parameter with the problem, such as `amount`. Undefined: the problem is not in one parameter. */
  readonly parameter: string | undefined

  constructor(code: PaymentSignatureErrorCode, message: string, parameter?: string) {
    super(message)
    this.code = code
    this.parameter = parameter
  }
}

/** Makes the error for a URL without any parameter of Paydesk. */
export function nothingFromPaydesk(): PaymentSignatureError {
  return new PaymentSignatureError(
    'parameter_missing',
    "The URL has none of Paydesk's parameters. Pass the URL to which the customer returned, with its query.",
  )
}

/**
 * Makes the error for a missing parameter of a redirect or of a return from a payment link, or a missing field of a
 * widget's result.
 */
export function parameterMissing(parameter: string): PaymentSignatureError {
  return new PaymentSignatureError(
    'parameter_missing',
    `${parameter} is missing. Paydesk always sends it, so pass everything that you received, unchanged.`,
    parameter,
  )
}

/** Makes the error for a value that Paydesk never sends. `shape`: the right form, in words. */
export function malformedParameter(parameter: string, shape: string): PaymentSignatureError {
  return new PaymentSignatureError(
    'parameter_malformed',
    `${parameter} must be ${shape}. It was changed in transit, or Paydesk did not send it.`,
    parameter,
  )
}

/** Makes the error for a URL whose parameter frameworks read in different ways. */
export function parameterAmbiguous(parameter: string): PaymentSignatureError {
  return new PaymentSignatureError(
    'parameter_ambiguous',
    `${parameter} occurs twice in the URL, or in a spelling that frameworks read in different ways. Somebody added it to the URL, or your server changed the query: pass the original URL.`,
    parameter,
  )
}

/** Makes the error for a widget's result whose two session ids differ. */
export function sessionMismatch(): PaymentSignatureError {
  return new PaymentSignatureError(
    'session_mismatch',
    'The signature is valid, but payments_session_id differs from the signed payment_session_id: payments_session_id was changed in the browser. Do not ship.',
    'payments_session_id',
  )
}

/** Makes the error for a signature that is valid with a corrected key. `fault`: the fault of the given key, in words. */
export function wrongKey(fault: string): PaymentSignatureError {
  return new PaymentSignatureError('wrong_key', `The signing key ${fault}.`)
}

/** Makes the error for a signature that does not match, if the key does not look like a webhook endpoint's. */
export function signatureMismatch(): PaymentSignatureError {
  return new PaymentSignatureError(
    'signature_mismatch',
    'The signature does not match. A value was changed in transit, or the signing key belongs to another account or server.',
    'signature',
  )
}
