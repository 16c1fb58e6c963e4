import type { PlayedAttempt } from '../../client/control.ts'

/** An attempt in one word, such as `upi:succeeded`, `card:insufficient_funds`, `netbanking:succeeded@12m`. */
export const ATTEMPT_PATTERN = '^([a-z_]+):([a-z_]+)(?:@([0-9a-z]+))?$'

const ATTEMPT = new RegExp(ATTEMPT_PATTERN)

/**
 * Reads `method:outcome` or `method:decline_code`. A suffix `@12m` is the bank's time to decide. The sandbox checks
 * the words. Undefined: the text has another form.
 */
export function parseAttempt(text: string): PlayedAttempt | undefined {
  const [, method, word, after] = ATTEMPT.exec(text) ?? []
  if (method === undefined || word === undefined) return undefined
  const result =
    word === 'succeeded' || word === 'failed' || word === 'pending'
      ? { outcome: word }
      : { outcome: 'failed', decline_code: word }
  return { method, ...result, ...(after !== undefined && { after }) } as PlayedAttempt
}
