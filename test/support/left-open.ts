/** Closes the leftovers of a test file, which a failed test can leave open. */

/** A switch that no program knows: it marks a process that the files of a worker share. */
export const SHARED_BY_FILES = '--paydesk-shared-by-test-files'

const leftOpen = new Set<() => Promise<void>>()

/**
 * Registers `close` for the end of the file, unless the returned function is called before. `close` is called once,
 * however often that happens.
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

/** Closes everything that is still open, the last first. A failed close is no error. */
export async function closeLeftOpen(): Promise<void> {
  for (const closeOnce of [...leftOpen].reverse()) {
    try {
      await closeOnce()
    } catch {
      // A test broke it, and reports that itself.
    }
  }
}
