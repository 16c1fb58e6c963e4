import { setImmediate } from 'node:timers'

/** The outcome of one item in a batch. */
export type Settled<Result> = { readonly value: Result } | { readonly error: unknown }

type Waiting<Item, Result> = {
  readonly item: Item
  readonly resolve: (value: Result) => void
  readonly reject: (error: unknown) => void
}

/**
 * The most turns of the event loop for which a batch waits for more items.
 *
 * If this process makes the commit, it handles new requests only after it: with `many` turns all of their items can
 * join. If another process makes it, this process handles requests meanwhile, and `one` turn is enough.
 */
export const GATHERING_TURNS = { one: 1, many: 16 } as const

/** Returns the turns for an engine. */
export function turnsOf({ commitsInProcess }: { readonly commitsInProcess: boolean }): number {
  return commitsInProcess ? GATHERING_TURNS.many : GATHERING_TURNS.one
}

/**
 * Collects items while a batch is running, and runs them together in the next batch.
 *
 * `run` gets 1 to `itemCountMax` items and returns one `Settled` for each, in order; if it throws, every item of the
 * batch fails. One batch runs at a time. Before it runs, it waits as long as each turn of the event loop brings more
 * items: clients that wait for the same commit then share the next one, and a lone request waits for one empty turn.
 */
export class GroupCommit<Item, Result> {
  #gathering: Waiting<Item, Result>[] = []
  #isRunning = false
  #idle: { promise: Promise<void>; resolve: () => void } | undefined
  readonly #run: (items: readonly Item[]) => Promise<readonly Settled<Result>[]>
  readonly #itemCountMax: number
  readonly #turnCountMax: number
  readonly #onBatch: () => void

  constructor(
    run: (items: readonly Item[]) => Promise<readonly Settled<Result>[]>,
    itemCountMax: number,
    turnCountMax: number,
    onBatch: () => void = () => {},
  ) {
    this.#run = run
    this.#itemCountMax = itemCountMax
    this.#turnCountMax = turnCountMax
    this.#onBatch = onBatch
  }

  /** Adds an item to the next batch. Settles when that batch has run. */
  add(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#gathering.push({ item, resolve, reject })
      if (this.#isRunning) return
      this.#isRunning = true
      void this.#runAll()
    })
  }

  /** Resolves when no batch is running and no item waits. */
  idle(): Promise<void> {
    if (!this.#isRunning) return Promise.resolve()
    this.#idle ??= Promise.withResolvers<void>()
    return this.#idle.promise
  }

  /** Waits until a turn of the event loop has brought nothing new, or a batch is full. */
  async #gathered(): Promise<void> {
    let count = 0
    for (let turn = 0; turn < this.#turnCountMax; turn += 1) {
      count = this.#gathering.length
      if (count >= this.#itemCountMax) return
      await new Promise(setImmediate)
      if (this.#gathering.length === count) return
    }
  }

  async #runAll(): Promise<void> {
    while (this.#gathering.length > 0) {
      await this.#gathered()
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
