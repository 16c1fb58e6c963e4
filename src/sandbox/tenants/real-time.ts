import { clearTimeout, setTimeout } from 'node:timers'

/**
 * Waits in real time, independent of a sandbox's clock, for some milliseconds or until the signal aborts. The timer
 * does not keep the process alive.
 */
export function waitRealTime(milliseconds: number, signal?: AbortSignal): Promise<void> {
  if (milliseconds <= 0 || signal?.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, milliseconds).unref()
    signal?.addEventListener('abort', end)
  })
}
