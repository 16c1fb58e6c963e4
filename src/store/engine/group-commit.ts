import { clearTimeout, setImmediate, setTimeout } from 'node:timers'

/** The outcome of one item in a batch. */
export type Settlement<Result> = { readonly value: Result } | { readonly error: unknown }

type WaitingItem<Item, Result> = {
  readonly item: Item
  readonly resolve: (value: Result) => void
  readonly reject: (error: unknown) => void
}

/** The event loop and a monotonic clock. A test has its own. */
export type EventLoop = {
  /** Resolves in the next turn of the loop. */
  readonly nextTurn: () => Promise<unknown>
  /** Returns milliseconds of a monotonic clock. */
  readonly nowMs: () => number
  /** Calls back after some milliseconds. Returns a function that cancels it. */
  readonly callAfter: (ms: number, callback: () => void) => () => void
}

/** Returns milliseconds of a monotonic clock, for durations. */
export const steadyNowMs = (): number => performance.now()

const EVENT_LOOP: EventLoop = {
  nextTurn: () => new Promise(setImmediate),
  nowMs: steadyNowMs,
  callAfter: (ms, callback) => {
    const timer = setTimeout(callback, ms)
    return () => clearTimeout(timer)
  },
}

/** The maximum number of turns in a row for which a batch grows. */
const GROWING_TURN_COUNT_MAX = 16
/** The longest wait for expected items, as a part of the duration of the last batch. */
export const EXPECTING_PART = 0.5
/** The longest wait for expected items, so that a slow disk does not keep the loop busy. */
export const EXPECTING_MS_MAX = 1
/** The part of the expected items that ends the wait, because a few clients may send nothing more. */
export const EXPECTED_PART = 7 / 8
/**
 * The minimum number of items of a batch that starts immediately while another one runs: a batch costs as much as some
 * items.
 */
export const BESIDE_COUNT_MIN = 32
/** The age of the last batch at which the next one starts beside it with fewer items. */
export const BESIDE_AGE_MS = 5

/** The options of a group commit. */
export type GroupCommitOptions<Item> = {
  readonly itemCountMax: number
  /**
   * True if this process itself makes the commit. It handles items that arrive in the meantime only
   * after the commit, so a batch grows while each turn of the event loop brings more. If another
   * process commits, one turn is enough.
   */
  readonly commitsInProcess: boolean
  /**
   * The longest wait for more items after a batch of several. Set it if no caller waits for an item. Undefined: the
   * wait is a part of the batch's duration.
   */
  readonly patienceMs?: number
  /** The maximum number of batches that run at the same time. */
  readonly batchCountMax: number
  /**
   * Returns the key of an item. Items with the same key share no batch, and their batches run one after another, in
   * the order of the items. Undefined: the items are independent of each other.
   */
  readonly keyOf?: (item: Item) => string
  /** Called before each batch. */
  readonly onBatch?: (itemCount: number) => void
  readonly eventLoop?: EventLoop
}

type RunningBatch<Item, Result> = {
  readonly items: readonly WaitingItem<Item, Result>[]
  readonly startedAtMs: number
}

/**
 * Collects items while batches are running, and runs them together in the next batch.
 *
 * `run` gets 1 to `itemCountMax` items and returns one `Settlement` for each, in order; if it throws, every item of the
 * batch fails, and no other item. At most `batchCountMax` batches run at a time. While one runs, the next one starts
 * when it has `BESIDE_COUNT_MIN` items, or when the last one is `BESIDE_AGE_MS` old.
 *
 * The clients of a batch send their next items at nearly the same time. A batch therefore expects as many items as
 * were under way at the end of the last one, and waits for most of them, within the limits above. An item that
 * arrives after this wait waits only for one empty turn of the event loop.
 */
export class GroupCommit<Item, Result> {
  #gathering: WaitingItem<Item, Result>[] = []
  #isCollecting = false
  #isDue = false
  #enoughCount = 0
  #expectingUntilMs = 0
  #lastStartMs = 0
  /** Ends the wait for room. */
  #wake: (() => void) | undefined
  #idle: { promise: Promise<void>; resolve: () => void } | undefined
  readonly #running = new Set<RunningBatch<Item, Result>>()
  readonly #runningKeys = new Set<string>()
  readonly #run: (items: readonly Item[]) => Promise<readonly Settlement<Result>[]>
  readonly #itemCountMax: number
  readonly #batchCountMax: number
  readonly #keyOf: ((item: Item) => string) | undefined
  readonly #growingTurnCountMax: number
  readonly #patienceMs: number | undefined
  readonly #onBatch: (itemCount: number) => void
  readonly #eventLoop: EventLoop

  constructor(
    run: (items: readonly Item[]) => Promise<readonly Settlement<Result>[]>,
    options: GroupCommitOptions<Item>,
  ) {
    this.#run = run
    this.#itemCountMax = options.itemCountMax
    this.#batchCountMax = options.batchCountMax
    this.#keyOf = options.keyOf
    this.#growingTurnCountMax = options.commitsInProcess ? GROWING_TURN_COUNT_MAX : 1
    this.#patienceMs = options.patienceMs
    this.#onBatch = options.onBatch ?? (() => {})
    this.#eventLoop = options.eventLoop ?? EVENT_LOOP
  }

  /** Adds an item to the next batch. Settles when that batch has run. */
  add(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      const count = this.#gathering.push({ item, resolve, reject })
      if (!this.#isCollecting) {
        this.#isCollecting = true
        void this.#collect()
      } else if (this.#isDue || count >= BESIDE_COUNT_MIN) this.#wake?.()
    })
  }

  /**
   * Adds an item that contains the work of many requests. It waits for a free place among the batches, but not for
   * other items.
   */
  addGathered(item: Item): Promise<Result> {
    this.#isDue = true
    return this.add(item)
  }

  /** Resolves when no batch is running and no item waits. */
  idle(): Promise<void> {
    if (!this.#isCollecting && this.#running.size === 0) return Promise.resolve()
    this.#idle ??= Promise.withResolvers<void>()
    return this.#idle.promise
  }

  async #collect(): Promise<void> {
    while (this.#gathering.length > 0) {
      // Checked without a microtask: an item that arrives alone waits for only one turn.
      while (!this.#hasRoom()) await this.#change()
      await this.#gathered()
      const items = this.#take()
      // Nothing can start if each item has the key of one that runs.
      if (items.length === 0) await this.#change()
      else this.#start(items)
    }
    this.#isCollecting = false
  }

  #hasRoom(): boolean {
    if (this.#running.size === 0) return true
    if (this.#running.size >= this.#batchCountMax) return false
    return this.#isDue || this.#gathering.length >= BESIDE_COUNT_MIN || this.#besideInMs() <= 0
  }

  /** Returns the time until a batch of any size may start beside the others. */
  #besideInMs(): number {
    return this.#lastStartMs + BESIDE_AGE_MS - this.#eventLoop.nowMs()
  }

  /** Waits until a batch ends, more items arrive, or the last batch is `BESIDE_AGE_MS` old. */
  async #change(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#wake = resolve
    const waitMs = this.#besideInMs()
    const hasPlace = this.#running.size < this.#batchCountMax
    const cancel = hasPlace && waitMs > 0 ? this.#eventLoop.callAfter(waitMs, resolve) : undefined
    await promise
    cancel?.()
    this.#wake = undefined
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

  #expect(itemCount: number, durationMs: number): void {
    const expectedCount = itemCount + this.#gathering.length
    this.#enoughCount =
      this.#patienceMs === undefined || expectedCount <= 1
        ? expectedCount * EXPECTED_PART
        : this.#itemCountMax
    // The next batch may start beside others, so it expects no more than such a batch needs.
    if (this.#batchCountMax > 1) this.#enoughCount = Math.min(this.#enoughCount, BESIDE_COUNT_MIN)
    if (this.#enoughCount <= 1) return
    this.#expectingUntilMs = Number.POSITIVE_INFINITY
    // This turn answers all items of the batch. Only then can their clients send more.
    void this.#eventLoop.nextTurn().then(() => {
      this.#expectingUntilMs =
        this.#eventLoop.nowMs() +
        (this.#patienceMs ?? Math.min(durationMs * EXPECTING_PART, EXPECTING_MS_MAX))
    })
  }

  /** Takes the items of the next batch, the oldest first, each key once and no key that runs. */
  #take(): readonly WaitingItem<Item, Result>[] {
    this.#isDue = false
    const keyOf = this.#keyOf
    if (keyOf === undefined) return this.#gathering.splice(0, this.#itemCountMax)
    const items: WaitingItem<Item, Result>[] = []
    this.#gathering = this.#gathering.filter((one) => {
      const key = keyOf(one.item)
      if (items.length >= this.#itemCountMax || this.#runningKeys.has(key)) return true
      this.#runningKeys.add(key)
      items.push(one)
      return false
    })
    return items
  }

  #start(items: readonly WaitingItem<Item, Result>[]): void {
    this.#onBatch(items.length)
    this.#lastStartMs = this.#eventLoop.nowMs()
    const batch = { items, startedAtMs: this.#lastStartMs }
    this.#running.add(batch)
    void this.#runBatch(items).then(() => this.#end(batch))
  }

  #end(batch: RunningBatch<Item, Result>): void {
    this.#running.delete(batch)
    const keyOf = this.#keyOf
    if (keyOf !== undefined) {
      for (const { item } of batch.items) this.#runningKeys.delete(keyOf(item))
    }
    this.#expect(batch.items.length, this.#eventLoop.nowMs() - batch.startedAtMs)
    this.#wake?.()
    if (this.#isCollecting || this.#running.size > 0) return
    this.#idle?.resolve()
    this.#idle = undefined
  }

  async #runBatch(items: readonly WaitingItem<Item, Result>[]): Promise<void> {
    try {
      const outcomes = await this.#run(items.map(({ item }) => item))
      for (const [index, { resolve, reject }] of items.entries()) {
        const outcome = outcomes[index]
        if (outcome === undefined) reject(new Error('a batch left an item without an outcome'))
        else if ('error' in outcome) reject(outcome.error)
        else resolve(outcome.value)
      }
    } catch (error) {
      for (const { reject } of items) reject(error)
    }
  }
}
