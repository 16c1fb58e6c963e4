/** The processes of a run. All of them end with the run, also after a failure. */
export type Lifetime = {
  /**
   * Registers a process or server that is starting, with the function that ends it. Returns it after its start. If
   * the run ends earlier, `end` waits for the start and then ends it too.
   */
  readonly keep: <Started>(
    starting: Started | Promise<Started>,
    end: (work: Started) => unknown,
  ) => Promise<Started>
  /** Ends everything, in the reverse order of the starts. */
  readonly end: () => Promise<void>
}

export function createLifetime(): Lifetime {
  const ends: (() => Promise<unknown>)[] = []
  let ending: Promise<void> | undefined

  async function endAll(): Promise<void> {
    for (let end = ends.pop(); end !== undefined; end = ends.pop()) {
      await end().catch((error: unknown) => console.error('bench: ending failed:', error))
    }
  }

  return {
    keep: async (starting, end) => {
      const start = Promise.resolve(starting)
      const endOnce = () =>
        start.then(end, () => {
          // The process never started, so there is nothing to end. The caller of `keep` gets the error.
        })
      if (ending !== undefined) {
        await endOnce()
        throw new Error('the run has ended')
      }
      ends.push(endOnce)
      return start
    },
    end: () => {
      ending ??= endAll()
      return ending
    },
  }
}
