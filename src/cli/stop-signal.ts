/**
 * Runs a command's work until Ctrl-C or SIGTERM aborts the signal. Only the first Ctrl-C is handled: a second one kills
 * the process if it has not ended.
 */
export async function runUntilStop(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const stopping = new AbortController()
  const stop = () => stopping.abort()
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
  try {
    await work(stopping.signal)
  } finally {
    process.off('SIGINT', stop)
    process.off('SIGTERM', stop)
  }
}
