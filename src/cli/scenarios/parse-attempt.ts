/** An attempt to pay, by the names of the control API, which checks its words. */
export type AttemptFields = {
  readonly method: string
  readonly outcome: string
  readonly decline_code?: string
  readonly after?: string
}

/** An attempt in one word, such as `upi:succeeded`, `card:insufficient_funds`, `netbanking:succeeded@12m`. */
export const ATTEMPT_PATTERN = '^([a-z_]+):([a-z_]+)(?:@([0-9a-z]+))?$'

const ATTEMPT = new RegExp(ATTEMPT_PATTERN)
const OUTCOMES: readonly string[] = ['succeeded', 'failed', 'pending']

/**
 * Reads `method:outcome` or `method:decline_code`; `@12m` behind it is how long the bank takes. Undefined:
 * it is written in another way.
 */
export function parseAttempt(text: string): AttemptFields | undefined {
  const [, method, outcome, after] = ATTEMPT.exec(text) ?? []
  if (method === undefined || outcome === undefined) return undefined
  return {
    method,
    ...(OUTCOMES.includes(outcome) ? { outcome } : { outcome: 'failed', decline_code: outcome }),
    ...(after !== undefined && { after }),
  }
}
