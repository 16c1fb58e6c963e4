/** Closes resources that a failed test has left open. */

/** A command-line flag without effect. It marks a process that the files of a worker share. */
export const SHARED_BY_FILES = '--paydesk-shared-by-test-files'

const leftOpen = new Set<() => Promise<void>>()

/**
 * Registers `close` for the end of the file. The returned function calls `close` earlier. `close` is called only once.
 */
export function closedWithFile(close: () => unknown): () => Promise<void> {
  let closing: Promise<void> | undefined
  const closeOnce = () => {
    leftOpen.delete(closeOnce)
    closing ??= Promise.resolve(close()).then(() => {})
    return closing
  }
  leftOpen.add(closeOnce)
  return closeOnce
}

/** Closes everything that is still open, the last one first. A failed close is no error. */
export async function closeLeftOpen(): Promise<void> {
  for (const closeOnce of [...leftOpen].reverse()) {
    try {
      await closeOnce()
    } catch {
      // The test that broke the resource reports the error.
    }
  }
}
