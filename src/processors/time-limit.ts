import { clearTimeout, setTimeout } from 'node:timers'

/** A call has not ended within its time limit. */
export class NoAnswerInTime extends Error {}

/**
 * Returns the result of a call that ends within the limit, in milliseconds; otherwise throws NoAnswerInTime.
 * A later answer or error is ignored.
 */
export async function withinTimeLimit<Result>(
  limitMs: number,
  call: () => Promise<Result>,
): Promise<Result> {
  const { promise: limit, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new NoAnswerInTime()), limitMs)
  try {
    return await Promise.race([call(), limit])
  } finally {
    clearTimeout(timer)
  }
}
