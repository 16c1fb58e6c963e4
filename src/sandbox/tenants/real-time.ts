import { clearTimeout, setTimeout } from 'node:timers'

/**
 * Waits so many milliseconds of real time, whatever a sandbox's clock does, or until the signal ends it.
 * Keeps no program alive.
 */
export function passRealTime(milliseconds: number, signal?: AbortSignal): Promise<void> {
  if (milliseconds <= 0 || signal?.aborted) return Promise.resolve()
  return new Promise((done) => {
    const end = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', end)
      done()
    }
    const timer = setTimeout(end, milliseconds).unref()
    signal?.addEventListener('abort', end)
  })
}
