import { nextTick } from 'node:process'

/**
 * Makes a function that runs all its calls of one event loop turn together. Operations that share a transaction make
 * the same calls at the same time. `run` returns a result for each item, in order; if it throws, every call fails.
 */
export function gatherCalls<Item, Result>(
  run: (items: readonly Item[]) => Promise<readonly Result[]>,
): (item: Item) => Promise<Result> {
  let items: Item[] = []
  let results: Promise<readonly Result[]> | undefined

  function begin(): Promise<readonly Result[]> {
    return new Promise((resolve) => {
      // A microtask's `nextTick` runs after all waiting microtasks.
      queueMicrotask(() =>
        nextTick(() => {
          const batch = items
          items = []
          results = undefined
          resolve(run(batch))
        }),
      )
    })
  }
  return async (item) => {
    const index = items.push(item) - 1
    results ??= begin()
    return (await results)[index] as Result
  }
}
