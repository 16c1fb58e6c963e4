/** The clock, random source and waits of a client. Tests can replace them to avoid waiting. */
export type Machine = {
  /** Milliseconds since 1970. */
  readonly nowMs: () => number
  /** Returns a random number from 0 to below 1. */
  readonly chance: () => number
  /** Resolves after `ms` milliseconds. Rejects with the signal's reason if it aborts first. */
  readonly wait: (ms: number, signal: AbortSignal | undefined) => Promise<void>
  /** Returns a text that no other request has. */
  readonly newKey: () => string
}

// The timers are read when the module loads, so that fake timers of a test do not stop the client's waits.
const { clearTimeout, setTimeout } = globalThis

/** The real machine. Every runtime with `fetch` has these functions. */
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
