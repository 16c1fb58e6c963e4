/** The life of an operator's session after its last request, in milliseconds. */
export const OPERATOR_IDLE_MS = 30 * 60_000
/** The life of an operator's session after the sign-in, in milliseconds. */
export const OPERATOR_SESSION_MS = 12 * 60 * 60_000
/**
 * The shortest time between two writes of the time of the last request, in milliseconds. Otherwise every request would
 * write.
 */
export const OPERATOR_SEEN_EVERY_MS = 60_000
/** The time after a sign-in in which an operator may change their own access, in milliseconds. */
export const OPERATOR_RECENT_MS = 10 * 60_000
/** The life of an invitation, in milliseconds. */
export const OPERATOR_INVITATION_MS = 24 * 60 * 60_000

/** The times of an operator's session, in milliseconds. */
export type OperatorSessionTimes = {
  readonly createdAtMs: number
  readonly seenAtMs: number
}

/**
 * Returns true if a session has ended by its times. A session that was created in the future has ended too, because
 * a clock that was ahead must not prolong it. Small differences between the clocks of servers are allowed.
 */
export function hasOperatorSessionEnded(
  { createdAtMs, seenAtMs }: OperatorSessionTimes,
  nowMs: number,
): boolean {
  return (
    nowMs >= createdAtMs + OPERATOR_SESSION_MS ||
    nowMs >= seenAtMs + OPERATOR_IDLE_MS ||
    nowMs < createdAtMs - OPERATOR_SEEN_EVERY_MS
  )
}
