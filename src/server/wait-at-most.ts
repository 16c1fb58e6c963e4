import { clearTimeout, setTimeout } from 'node:timers'

/**
 * Waits for work, but not longer than some milliseconds of real time; then rejects with `late()`. The work continues.
 */
export async function waitAtMost<Result>(
  work: Promise<Result>,
  milliseconds: number,
  late: () => Error,
): Promise<Result> {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(late()), milliseconds)
  try {
    return await Promise.race([work, promise])
  } finally {
    clearTimeout(timer)
  }
}
