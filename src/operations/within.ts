import { clearTimeout, setTimeout } from 'node:timers'

/** Returns the result of the work. Undefined: it takes longer than the limit, in milliseconds. */
export function within<Result>(
  limitMs: number,
  work: Promise<Result>,
): Promise<Result | undefined> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, limitMs, undefined)
    work.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
