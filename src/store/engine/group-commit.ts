import { setImmediate } from 'node:timers'

/** The outcome of one item in a batch. */
export type Settlement<Result> = { readonly value: Result } | { readonly error: unknown }

type WaitingItem<Item, Result> = {
  readonly item: Item
  readonly resolve: (value: Result) => void
  readonly reject: (error: unknown) => void
}

/** The event loop and a steady clock. A test has its own. */
export type EventLoop = {
  /** Resolves in the next turn of the loop. */
  readonly nextTurn: () => Promise<unknown>
  /** Returns milliseconds of a clock that is never set. */
  readonly nowMs: () => number
}

const EVENT_LOOP: EventLoop = {
  nextTurn: () => new Promise(setImmediate),
  nowMs: () => performance.now(),
}

/** The most turns in a row for which a batch grows. */
const GROWING_TURN_COUNT_MAX = 16
/** The longest wait for expected items, as a part of the duration of the last batch. */
export const EXPECTING_PART = 0.5
/** The longest wait for expected items, in milliseconds, so that a slow disk does not keep the loop busy. */
export const EXPECTING_MS_MAX = 1
/** The part of the expected items that ends the wait, because a few clients may send nothing more. */
export const EXPECTED_PART = 7 / 8

/** The limits of a group commit, and its surroundings. */
export type GroupCommitOptions = {
  /** The most items in a batch. */
  readonly itemCountMax: number
  /**
   * True if this process itself makes the commit. It handles items that arrive in the meantime only
   * after the commit, so a batch grows while each turn of the event loop brings more. If another
   * process commits, one turn is enough.
   */
  readonly commitsInProcess: boolean
  /**
   * The longest wait for more items after a batch of several, in milliseconds. Set it if no caller waits for an item.
   * Undefined: the wait is a part of the batch's duration.
   */
  readonly patienceMs?: number
  /** Called before each batch. */
  readonly onBatch?: (itemCount: number) => void
  readonly eventLoop?: EventLoop
}

/**
 * Collects items while a batch is running, and runs them together in the next batch.
 *
 * `run` gets 1 to `itemCountMax` items and returns one `Settled` for each, in order; if it throws, every item of the
 * batch fails. One batch runs at a time.
 *
 * The clients of a batch send their next items at nearly the same time. A batch therefore expects as many items as
 * were under way at the end of the last one, and waits for most of them, within the limits above. An item that
 * arrives after this wait waits only for one empty turn of the event loop.
 */
export class GroupCommit<Item, Result> {
  #gathering: WaitingItem<Item, Result>[] = []
  #isRunning = false
  #isDue = false
  #enoughCount = 0
  #expectingUntilMs = 0
  #idle: { promise: Promise<void>; resolve: () => void } | undefined
  readonly #run: (items: readonly Item[]) => Promise<readonly Settlement<Result>[]>
  readonly #itemCountMax: number
  readonly #growingTurnCountMax: number
  readonly #patienceMs: number | undefined
  readonly #onBatch: (itemCount: number) => void
  readonly #eventLoop: EventLoop

  constructor(
    run: (items: readonly Item[]) => Promise<readonly Settlement<Result>[]>,
    options: GroupCommitOptions,
  ) {
    this.#run = run
    this.#itemCountMax = options.itemCountMax
    this.#growingTurnCountMax = options.commitsInProcess ? GROWING_TURN_COUNT_MAX : 1
    this.#patienceMs = options.patienceMs
    this.#onBatch = options.onBatch ?? (() => {})
    this.#eventLoop = options.eventLoop ?? EVENT_LOOP
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

  /**
   * Adds an item that contains the work of many requests. It waits for the batch under way, but not for other items.
   */
  addGathered(item: Item): Promise<Result> {
    this.#isDue = true
    return this.add(item)
  }

  /** Resolves when no batch is running and no item waits. */
  idle(): Promise<void> {
    if (!this.#isRunning) return Promise.resolve()
    this.#idle ??= Promise.withResolvers<void>()
    return this.#idle.promise
  }

  /** Waits until a turn of the event loop has brought nothing new and nothing more is expected, or a batch is full. */
  async #gathered(): Promise<void> {
    let grownCount = 0
    while (!this.#isDue && this.#gathering.length < this.#itemCountMax) {
      const count = this.#gathering.length
      await this.#eventLoop.nextTurn()
      if (this.#gathering.length > count) grownCount += 1
      const isGrowing = this.#gathering.length > count && grownCount < this.#growingTurnCountMax
      if (!isGrowing && !this.#expectsMore()) return
    }
  }

  #expectsMore(): boolean {
    return (
      this.#gathering.length < this.#enoughCount && this.#eventLoop.nowMs() < this.#expectingUntilMs
    )
  }

  /** Notes how many items are expected after a batch, and until when. */
  #expect(itemCount: number, durationMs: number): void {
    const expectedCount = itemCount + this.#gathering.length
    this.#enoughCount =
      this.#patienceMs === undefined || expectedCount <= 1
        ? expectedCount * EXPECTED_PART
        : this.#itemCountMax
    if (this.#enoughCount <= 1) return
    this.#expectingUntilMs = Number.POSITIVE_INFINITY
    // This turn answers all items of the batch. Only then can their clients send more.
    void this.#eventLoop.nextTurn().then(() => {
      this.#expectingUntilMs =
        this.#eventLoop.nowMs() +
        (this.#patienceMs ?? Math.min(durationMs * EXPECTING_PART, EXPECTING_MS_MAX))
    })
  }

  async #runAll(): Promise<void> {
    while (this.#gathering.length > 0) {
      await this.#gathered()
      const batch = this.#gathering.splice(0, this.#itemCountMax)
      this.#isDue = false
      this.#onBatch(batch.length)
      const startedAtMs = this.#eventLoop.nowMs()
      await this.#runBatch(batch)
      this.#expect(batch.length, this.#eventLoop.nowMs() - startedAtMs)
    }
    this.#isRunning = false
    this.#idle?.resolve()
    this.#idle = undefined
  }

  async #runBatch(batch: readonly WaitingItem<Item, Result>[]): Promise<void> {
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
}
