/** What became of one item of a batch. */
export type Settled<Result> = { readonly value: Result } | { readonly error: unknown }

type Waiting<Item, Result> = {
  readonly item: Item
  readonly resolve: (value: Result) => void
  readonly reject: (error: unknown) => void
}

/**
 * Gathers items while a batch is under way and runs them together in the next one.
 *
 * `run` gets 1 to `itemCountMax` items and answers one `Settled` for each, in order; when it throws,
 * every item of the batch fails. One batch runs at a time, and the first one of a quiet moment
 * waits for the end of the event loop's turn, so that requests read together are stored together.
 */
export class GroupCommit<Item, Result> {
  #gathering: Waiting<Item, Result>[] = []
  #isRunning = false
  #idle: { promise: Promise<void>; resolve: () => void } | undefined
  readonly #run: (items: readonly Item[]) => Promise<readonly Settled<Result>[]>
  readonly #itemCountMax: number
  readonly #onBatch: () => void

  constructor(
    run: (items: readonly Item[]) => Promise<readonly Settled<Result>[]>,
    itemCountMax: number,
    onBatch: () => void = () => {},
  ) {
    this.#run = run
    this.#itemCountMax = itemCountMax
    this.#onBatch = onBatch
  }

  /** Adds an item to the batch that is being gathered. Settles when that batch has run. */
  add(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#gathering.push({ item, resolve, reject })
      if (this.#isRunning) return
      this.#isRunning = true
      setImmediate(() => void this.#runAll())
    })
  }

  /** Resolves when nothing is under way and nothing waits. */
  idle(): Promise<void> {
    if (!this.#isRunning) return Promise.resolve()
    this.#idle ??= Promise.withResolvers<void>()
    return this.#idle.promise
  }

  async #runAll(): Promise<void> {
    while (this.#gathering.length > 0) {
      const batch = this.#gathering.splice(0, this.#itemCountMax)
      this.#onBatch()
      try {
        const outcomes = await this.#run(batch.map(({ item }) => item))
        for (const [index, { resolve, reject }] of batch.entries()) {
          const outcome = outcomes[index]
          if (outcome === undefined) reject(new Error('a batch left an item without an outcome'))
          else if ('error' in outcome) reject(outcome.error)
          else resolve(outcome.value)
        }
      } catch (error) {
        for (const { reject } of batch) reject(error)
      }
    }
    this.#isRunning = false
    this.#idle?.resolve()
    this.#idle = undefined
  }
}
