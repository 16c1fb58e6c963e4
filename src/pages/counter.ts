import { LRUCache } from 'lru-cache'

/** Counts events by key. The count of a key ends some time after its first event. */
export type Counter = {
  readonly countOf: (key: string) => number
  /** Adds one. Returns a function that subtracts it again. */
  readonly add: (key: string) => () => void
}

/** Above this number the least recently used keys are dropped, so that addresses cannot fill the memory. */
const KEY_COUNT_MAX = 100_000

/** Makes a counter that drops a key `lifeMs` milliseconds after its first count. */
export function createCounter(lifeMs: number): Counter {
  const counts = new LRUCache<string, { count: number }>({
    // With `max` instead, the cache would allocate 4 MB at once.
    maxSize: KEY_COUNT_MAX,
    sizeCalculation: () => 1,
    ttl: lifeMs,
  })
  return {
    countOf: (key) => counts.get(key)?.count ?? 0,
    add: (key) => {
      const entry = counts.get(key) ?? { count: 0 }
      if (entry.count === 0) counts.set(key, entry)
      entry.count += 1
      return () => {
        entry.count -= 1
      }
    },
  }
}
