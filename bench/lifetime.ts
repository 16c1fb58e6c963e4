/** The processes of a run: all of them end with the run, also after a failure. */
export type Lifetime = {
  /**
   * Notes something that is starting, and how to end it. Gives it when it has started; what is
   * still starting when the run ends is waited for and ended too.
   */
  readonly keep: <Started>(
    starting: Started | Promise<Started>,
    end: (started: Started) => unknown,
  ) => Promise<Started>
  /** Ends everything, the last started first. */
  readonly end: () => Promise<void>
}

/** Makes the lifetime of one run. */
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
      const started = Promise.resolve(starting)
      const endOnce = () =>
        started.then(end, () => {
          // The process never started, and its starter gets the error: there is nothing to end.
        })
      if (ending !== undefined) {
        await endOnce()
        throw new Error('the run has ended')
      }
      ends.push(endOnce)
      return started
    },
    end: () => {
      ending ??= endAll()
      return ending
    },
  }
}
