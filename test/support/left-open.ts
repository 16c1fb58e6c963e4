/** Closes what a test file opened and did not close, because a test of it failed. */

/** A switch that no program knows: it marks a process that the files of a worker share. */
export const SHARED_BY_FILES = '--paydesk-shared-by-test-files'

const leftOpen = new Set<() => Promise<void>>()

/**
 * Has `close` called at the end of the file, unless what this returns was called before. However often
 * that is called, `close` is called once.
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

/** Closes all that is still open, the last first. What cannot be closed any more is no mistake. */
export async function closeLeftOpen(): Promise<void> {
  for (const closeOnce of [...leftOpen].reverse()) {
    try {
      await closeOnce()
    } catch {
      // A test broke it, and says so.
    }
  }
}
