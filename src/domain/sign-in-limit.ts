/**
 * The limits of failed sign-ins. A browser in which the operator has signed in before has a separate count, which the
 * failures of strangers do not change, so nobody can lock out an operator.
 */

/** A limit: after so many failures no try is accepted until the window ends. */
type SignInLimit = { readonly failuresMax: number; readonly windowMs: number }

/** The limits by the kind of count. */
export const SIGN_IN_LIMITS = {
  /** One browser in which this operator has signed in before. */
  known_browser: { failuresMax: 10, windowMs: 15 * 60_000 },
  /** One network address, for one operator, without such a browser. */
  address: { failuresMax: 5, windowMs: 15 * 60_000 },
  /** All addresses together, for one operator, without such a browser. */
  unknown_browsers: { failuresMax: 100, windowMs: 60 * 60_000 },
} as const satisfies Readonly<Record<string, SignInLimit>>

/** The kind of a count of failed sign-ins. */
export type SignInCountKind = keyof typeof SIGN_IN_LIMITS

/** A count of failures. Each try is counted before it is checked, so that simultaneous tries cannot exceed a limit. */
export type SignInCount = {
  readonly failureCount: number
  readonly startedAtMs: number
}

/**
 * Returns the count after one more try. Undefined: the try is refused, and the count does not change. A window that
 * begins in the future has ended, because the clock was ahead when it began.
 */
export function countTry(
  kind: SignInCountKind,
  count: SignInCount | undefined,
  nowMs: number,
): SignInCount | undefined {
  const { failuresMax, windowMs } = SIGN_IN_LIMITS[kind]
  const hasEnded =
    count === undefined || nowMs >= count.startedAtMs + windowMs || nowMs < count.startedAtMs
  if (hasEnded) return { failureCount: 1, startedAtMs: nowMs }
  if (count.failureCount >= failuresMax) return undefined
  return { ...count, failureCount: count.failureCount + 1 }
}
