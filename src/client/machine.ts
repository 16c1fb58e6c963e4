/** What a client takes of the machine it runs on. Each can be replaced, so that a test need not wait. */
export type Machine = {
  /** Milliseconds since 1970. */
  readonly nowMs: () => number
  /** A number from 0 to below 1. */
  readonly chance: () => number
  /** Resolves after so many milliseconds, and rejects with the signal's reason when that comes first. */
  readonly wait: (ms: number, signal: AbortSignal | undefined) => Promise<void>
  /** A text that no other request has. */
  readonly newKey: () => string
}

// Taken when the module loads: a test that fakes timers later must not stop the client's own waiting.
const { clearTimeout, setTimeout } = globalThis

/** The machine as it is: what every runtime has that has `fetch`. */
export const MACHINE: Machine = {
  nowMs: () => Date.now(),
  chance: () => Math.random(),
  wait: (ms, signal) =>
    new Promise((resolve, reject) => {
      const stop = () => {
        clearTimeout(timer)
        reject(signal?.reason)
      }
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', stop)
        resolve()
      }, ms)
      if (signal?.aborted) stop()
      else signal?.addEventListener('abort', stop, { once: true })
    }),
  newKey: () => crypto.randomUUID(),
}
