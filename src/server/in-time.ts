import { clearTimeout, setTimeout } from 'node:timers'

/**
 * Waits for work at most so many milliseconds of real time. Rejects with `late()` after that; the work itself
 * continues.
 */
export async function inTime<Result>(
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
