import { readReturnParameters } from '../../domain/return-parameters.ts'
import { REDIRECT_FIELDS, redirectText } from '../../domain/signed-text.ts'
import type { Verification } from './hmac-check.ts'
import { isTextSigned } from './text-signature.ts'

/**
 * The values of a redirect that its signature proves. They describe the time of the redirect: retrieve the session for
 * the present state.
 */
export type SignedRedirect = {
  readonly payments_session_id: string
  readonly payment_session_status:
    | 'succeeded'
    | 'failed'
    | 'in_progress'
    | (string & NonNullable<unknown>)
  /** The last payment attempt. Undefined: there was none. */
  readonly payment_id: string | undefined
  /** Undefined: there was no payment attempt. */
  readonly payment_status: string | undefined
  /** In major units, such as `1499.90`. */
  readonly amount: string
  /** Undefined: the session approved no mandate. */
  readonly mandate_id: string | undefined
  /**
   * The values of `udf1` to `udf5` that are not empty. Undefined: one of them contains a dot, so a customer could
   * move text from one to the next, because the signature joins them with dots. The retrieved session has all values.
   */
  readonly udf: Readonly<Partial<Record<UdfName, string>>> | undefined
}

/** A merchant's own field, which the redirect returns. */
export type UdfName = 'udf1' | 'udf2' | 'udf3' | 'udf4' | 'udf5'

/** The names of the merchant's own fields. */
export const UDF_NAMES: readonly UdfName[] = ['udf1', 'udf2', 'udf3', 'udf4', 'udf5']

/**
 * The format of every value before the udf values. Because of it the dots of the signed text are unambiguous: only
 * the amount has a dot, and its fraction is too short for a mandate's id.
 */
const FORMS: Readonly<Partial<Record<(typeof REDIRECT_FIELDS)[number], RegExp>>> = {
  payments_session_id: /^\d{1,20}$/,
  payment_session_status: /^[a-z_]{1,40}$/,
  payment_id: /^\d{0,20}$/,
  payment_status: /^[a-z_]{0,40}$/,
  amount: /^\d{1,20}(?:\.\d{1,4})?$/,
  mandate_id: /^(?:\d{5,20})?$/,
}

/** Reads a redirect. Undefined: Paydesk did not sign it, or frameworks could read it in several ways. */
export function* redirectOf(
  url: string | URL | URLSearchParams,
  signingKey: string,
): Verification<SignedRedirect | undefined> {
  const parameters = readReturnParameters(url)
  const textOf = (name: (typeof REDIRECT_FIELDS)[number]) => parameters?.get(name) ?? ''
  const isFormed = REDIRECT_FIELDS.every((name) => FORMS[name]?.test(textOf(name)) ?? true)
  const text = redirectText(Object.fromEntries(parameters ?? []))
  const isGenuine = yield* isTextSigned(text, parameters?.get('signature'), signingKey)
  if (!isFormed || !isGenuine) return undefined

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
