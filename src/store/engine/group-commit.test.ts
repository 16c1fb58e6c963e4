import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  BESIDE_AGE_MS,
  BESIDE_COUNT_MIN,
  type EventLoop,
  EXPECTED_PART,
  EXPECTING_MS_MAX,
  EXPECTING_PART,
  GroupCommit,
} from './group-commit.ts'

const OPTIONS = { itemCountMax: 10, commitsInProcess: true, batchCountMax: 1 }

test('items that arrive during a batch run together in the next batch', async () => {
  const batches: number[][] = []
  const first = Promise.withResolvers<void>()
  const commits = new GroupCommit<number, number>(
    async (items) => {
      batches.push([...items])
      if (batches.length === 1) await first.promise
      return items.map((value) => ({ value: value * 10 }))
    },
    { ...OPTIONS, itemCountMax: 3 },
  )

  const results = [commits.add(1)]
  await new Promise(setImmediate)
  for (const item of [2, 3, 4, 5]) results.push(commits.add(item))
  first.resolve()
  expect(await Promise.all(results)).toEqual([10, 20, 30, 40, 50])
  expect(batches).toEqual([[1], [2, 3, 4], [5]])
  await commits.idle()
})

test('an exception fails its whole batch, a failed item fails alone, and the next batch runs', async () => {
  let runs = 0
  const commits = new GroupCommit<string, string>(async (items) => {
    runs += 1
    if (items.includes('all')) throw new Error('all of it')
    return items.map((item) =>
      item === 'bad' ? { error: new Error('just this') } : { value: item },
    )
  }, OPTIONS)

  const outcomes = await Promise.allSettled([commits.add('all'), commits.add('good')])
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  const results = await Promise.allSettled([commits.add('good'), commits.add('bad')])
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
  expect(runs).toBe(2)
})

test('an item without an outcome fails, and does not wait forever', async () => {
  const commits = new GroupCommit<number, number>(async () => [], OPTIONS)
  await expect(commits.add(1)).rejects.toThrow(/without an outcome/)
})

const TURNS_A_MS = 100
const TURN_MS = 1 / TURNS_A_MS

/** Simulates an event loop with a clock. Each turn takes 0.01 ms and first handles the arrivals that are due. */
function simulateLoop() {
  let turnCount = 0
  let turns: (() => void)[] = []
  const arrivals: { readonly atMs: number; readonly handle: () => void }[] = []
  // Counted in whole turns, so that equal times are equal numbers.
  const nowMs = () => turnCount / TURNS_A_MS
  const loop: EventLoop = {
    nowMs,
    nextTurn: () => new Promise<void>((resolve) => turns.push(resolve)),
    callAfter: (ms, callback) => {
      const arrival = { atMs: nowMs() + ms, handle: callback }
      arrivals.push(arrival)
      return () => {
        if (arrivals.includes(arrival)) arrivals.splice(arrivals.indexOf(arrival), 1)
      }
    },
  }
  return {
    loop,
    at: (atMs: number, handle: () => void) => arrivals.push({ atMs, handle }),
    /** Simulates a commit in this process, which handles nothing else in the meantime. */
    block: (durationMs: number) => {
      turnCount += Math.round(durationMs * TURNS_A_MS)
    },
    runUntil: async (endMs: number) => {
      while (nowMs() < endMs) {
        turnCount += 1
        const ending = turns
        turns = []
        const due = arrivals.filter(({ atMs }) => atMs <= nowMs() + TURN_MS / 2)
        for (const arrival of due) arrivals.splice(arrivals.indexOf(arrival), 1)
        for (const { handle } of due) handle()
        for (const resolve of ending) resolve()
        // Lets the promises settle that depend on these.
        await new Promise(setImmediate)
      }
    },
  }
}

/** Simulates commits in this process that take `commitMs`, and notes the time and the size of each batch. */
function simulateCommits(commitMs: number, patienceMs?: number) {
  const simulation = simulateLoop()
  const batches: { readonly atMs: number; readonly itemCount: number }[] = []
  const commits = new GroupCommit<number, number>(
    async (items) => {
      batches.push({ atMs: simulation.loop.nowMs(), itemCount: items.length })
      simulation.block(commitMs)
      return items.map((value) => ({ value }))
    },
    {
      itemCountMax: 128,
      commitsInProcess: true,
      batchCountMax: 1,
      eventLoop: simulation.loop,
      ...(patienceMs === undefined ? {} : { patienceMs }),
    },
  )
  return { ...simulation, batches, commits }
}

/**
 * Lets clients send one request after the other. Each client sends the next one 3 to 24 turns after its answer.
 */
function addClients(
  { at, commits, loop }: Pick<ReturnType<typeof simulateCommits>, 'at' | 'commits' | 'loop'>,
  count: number,
) {
  let clientCount = count
  const send = (client: number): void => {
    void commits.add(client).then(() => {
      if (client < clientCount)
        at(loop.nowMs() + TURN_MS * 3 * (1 + (client % 8)), () => send(client))
    })
  }
  for (let client = 0; client < count; client += 1) send(client)
  return {
    leaveOnly: (leftCount: number) => {
      clientCount = leftCount
    },
  }
}

test('64 clients with staggered requests share each commit', async () => {
  const simulation = simulateCommits(1)
  addClients(simulation, 64)
  await simulation.runUntil(40)
  expect(simulation.batches.length).toBeGreaterThan(20)
  for (const { itemCount } of simulation.batches) {
    expect(itemCount).toBeGreaterThanOrEqual(64 * EXPECTED_PART)
  }
})

test('a single request waits for only one empty turn, before, between and after requests of many clients', async () => {
  const simulation = simulateCommits(0.3)
  const { at, batches, commits, loop, runUntil } = simulation
  const lone = async (atMs: number) => {
    let addedAtMs = 0
    at(atMs, () => {
      addedAtMs = loop.nowMs()
      void commits.add(0)
    })
    await runUntil(atMs + 2)
    expect(batches.at(-1)?.itemCount).toBe(1)
    expect(batches.at(-1)?.atMs).toBeCloseTo(addedAtMs + TURN_MS, 6)
  }
  await lone(1)
  await lone(4)
  addClients(simulation, 64).leaveOnly(0)
  await runUntil(10)
  expect(batches.at(-1)?.itemCount).toBe(64)
  await lone(11)
})

test.each([
  ['a fraction of a short commit', 0.4, 0.4 * EXPECTING_PART],
  ['a fixed time after a long commit', 20, EXPECTING_MS_MAX],
])('clients that disconnect delay the others once, by at most %s', async (_, commitMs, waitMs) => {
  const simulation = simulateCommits(commitMs)
  const clients = addClients(simulation, 64)
  await simulation.runUntil(commitMs * 3)
  clients.leaveOnly(1)
  const before = simulation.batches.length
  await simulation.runUntil(commitMs * 12)
  const waits = simulation.batches.slice(before).map(({ atMs, itemCount }, index) => {
    const endedAtMs = (simulation.batches[before + index - 1]?.atMs ?? 0) + commitMs
    return { itemCount, ms: atMs - endedAtMs }
  })
  const first = waits.findIndex(({ itemCount }) => itemCount === 1)
  expect(waits[first]?.ms).toBeLessThanOrEqual(waitMs + 2 * TURN_MS)
  // The remaining client sends its next request three turns after its answer.
  const later = waits.slice(first + 1)
  expect(later.length).toBeGreaterThan(3)
  for (const { itemCount, ms } of later) {
    expect(itemCount).toBe(1)
    expect(ms).toBeLessThanOrEqual(4 * TURN_MS + 1e-6)
  }
})

test('an item with many requests starts its batch immediately, and waiting items join it', async () => {
  const { batches, commits } = simulateCommits(1)
  void commits.addGathered(1)
  void commits.add(2)
  await new Promise(setImmediate)
  expect(batches).toEqual([{ atMs: 0, itemCount: 2 }])
})

test('patient items that arrive at short intervals share batches, and each waits at most its patience', async () => {
  const patienceMs = 8
  const { at, batches, commits, loop, runUntil } = simulateCommits(0.1, patienceMs)
  const waits: number[] = []
  for (let index = 0; index < 400; index += 1) {
    // The first two arrive together: the patience begins only after a batch of several items.
    at(1 + Math.max(1, index) / 4, () => {
      const addedAtMs = loop.nowMs()
      void commits.add(index).then(() => waits.push(loop.nowMs() - addedAtMs))
    })
  }
  await runUntil(130)
  expect(waits).toHaveLength(400)
  expect(batches.length).toBeLessThan(400 / 16)
  // The parts of the longest wait: the turn after a batch, the patience, an empty turn, and the commit.
  expect(Math.max(...waits)).toBeLessThan(patienceMs + 0.1 + 4 * TURN_MS)
})

test('a patient item that is alone waits for only one empty turn', async () => {
  const { at, batches, commits, runUntil } = simulateCommits(0.1, 8)
  at(1, () => void commits.add(0))
  at(3, () => void commits.add(1))
  await runUntil(6)
  expect(batches.map(({ itemCount }) => itemCount)).toEqual([1, 1])
  expect(batches[1]?.atMs).toBeLessThanOrEqual(3 + 2 * TURN_MS)
})

/** Simulates commits in another process, several at a time. `commitMsOf` gives the duration of a batch. */
function simulateRemoteCommits<Item>(
  batchCountMax: number,
  commitMsOf: (items: readonly Item[]) => number,
  more: { readonly keyOf?: (item: Item) => string; readonly itemCountMax?: number } = {},
) {
  const simulation = simulateLoop()
  const batches: { readonly items: readonly Item[]; readonly atMs: number; endMs: number }[] = []
  const commits = new GroupCommit<Item, Item>(
    async (items) => {
      const atMs = simulation.loop.nowMs()
      const batch = { items, atMs, endMs: Number.POSITIVE_INFINITY }
      batches.push(batch)
      await new Promise<void>((resolve) => simulation.at(atMs + commitMsOf(items), resolve))
      batch.endMs = simulation.loop.nowMs()
      return items.map((value) => ({ value }))
    },
    {
      itemCountMax: 128,
      commitsInProcess: false,
      eventLoop: simulation.loop,
      batchCountMax,
      ...more,
    },
  )
  return { ...simulation, batches, commits }
}

describe('with several batches at a time', () => {
  test('a batch starts beside a running one as soon as it has enough items', async () => {
    const { at, batches, commits, runUntil } = simulateRemoteCommits<number>(2, () => 3)
    for (let item = 0; item < BESIDE_COUNT_MIN * 3; item += 1) {
      at(1 + item / 100, () => void commits.add(item))
    }
    await runUntil(10)
    // One turn for the first batch; then 32 items and a turn; then both places are taken until 4.02 ms.
    expect(batches.map(({ items }) => items.length)).toEqual([2, 33, 61])
    expect(batches[1]?.atMs).toBeCloseTo(1.35, 1)
    expect(batches[2]?.atMs).toBeCloseTo(4.05, 1)
  })

  test('while one batch hangs, a few items wait at most until the last batch is `BESIDE_AGE_MS` old', async () => {
    let count = 0
    const { at, batches, commits, runUntil } = simulateRemoteCommits<number>(3, () => {
      count += 1
      return count === 1 ? 1_000 : 0.3
    })
    const waits: number[] = []
    for (const atMs of [1, 2, 20, 21]) {
      at(atMs, () => void commits.add(atMs).then(() => waits.push(batches.at(-1)?.endMs ?? 0)))
    }
    await runUntil(40)
    expect(batches.map(({ items }) => items)).toEqual([[1], [2], [20], [21]])
    expect(batches[1]?.atMs).toBeCloseTo(1 + BESIDE_AGE_MS, 1)
    // The last batch is old: the item waits for only one empty turn.
    expect(batches[2]?.atMs).toBeCloseTo(20, 1)
    expect(batches[3]?.atMs).toBeCloseTo(20 + BESIDE_AGE_MS, 1)
    expect(waits).toHaveLength(3)
  })

  test('64 clients keep two batches running, of half of the clients each', async () => {
    const simulation = simulateRemoteCommits<number>(4, () => 1.5)
    addClients(simulation, 64)
    await simulation.runUntil(60)
    const { batches } = simulation
    const steady = batches.slice(10)
    expect(steady.length).toBeGreaterThan(20)
    for (const { items } of steady) expect(items).toHaveLength(32)
    const runningCounts = steady.map(
      ({ atMs }) => batches.filter((one) => one.atMs <= atMs && atMs < one.endMs).length,
    )
    expect(Math.max(...runningCounts)).toBe(2)
    expect(runningCounts.filter((count) => count === 2).length).toBeGreaterThan(steady.length * 0.9)
  })

  test('a batch that fails fails only its members, and `idle` waits for every batch', async () => {
    const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    let count = 0
    const commits = new GroupCommit<number, number>(
      async (items) => {
        await gates[count++]?.promise
        return items.map((value) => ({ value }))
      },
      { itemCountMax: BESIDE_COUNT_MIN, commitsInProcess: false, batchCountMax: 2 },
    )
    const add = (from: number) =>
      Array.from({ length: BESIDE_COUNT_MIN }, (_, index) => commits.add(from + index))
    const first = Promise.allSettled(add(0))
    await new Promise(setImmediate)
    const second = Promise.allSettled(add(100))
    await new Promise(setImmediate)
    const third = Promise.allSettled(add(200))
    let isIdle = false
    const idle = commits.idle().then(() => {
      isIdle = true
    })
    gates[1]?.resolve()
    expect((await second).every(({ status }) => status === 'fulfilled')).toBe(true)
    expect((await third).every(({ status }) => status === 'fulfilled')).toBe(true)
    expect(isIdle).toBe(false)
    gates[0]?.reject(new Error('the connection broke'))
    expect((await first).every(({ status }) => status === 'rejected')).toBe(true)
    await idle
    expect(isIdle).toBe(true)
  })

  test('any arrivals: every item runs once, items with one key in order and never at the same time', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 40 }),
        fc.array(
          fc.record({
            atMs: fc.integer({ min: 1, max: 400 }).map((turns) => turns / TURNS_A_MS),
            key: fc.integer({ min: 0, max: 30 }).map(String),
            commitMs: fc.constantFrom(0.1, 0.5, 2, 8),
          }),
          { maxLength: 120 },
        ),
        async (batchCountMax, itemCountMax, arrivals) => {
          const simulation = simulateRemoteCommits<(typeof arrivals)[number]>(
            batchCountMax,
            (items) => Math.max(...items.map(({ commitMs }) => commitMs)),
            { keyOf: ({ key }) => key, itemCountMax },
          )
          const { at, batches, commits } = simulation
          const addedArrivals: typeof arrivals = []
          let settledCount = 0
          for (const arrival of arrivals) {
            at(arrival.atMs, () => {
              addedArrivals.push(arrival)
              void commits.add(arrival).then((value) => {
                expect(value).toBe(arrival)
                settledCount += 1
              })
            })
          }
          // Every item alone in its batch, one batch after the other, takes at most this long.
          const endMs = 20 + arrivals.length * (8 + 1)
          for (let ms = 5; ms <= endMs && settledCount < arrivals.length; ms += 5) {
            await simulation.runUntil(ms)
          }
          expect(settledCount).toBe(arrivals.length)
          await commits.idle()
          const inOrder = batches.flatMap(({ items }) => items)
          expect(inOrder).toHaveLength(arrivals.length)
          for (const [index, { atMs, items }] of batches.entries()) {
            expect(items.length).toBeLessThanOrEqual(itemCountMax)
            const beside = batches.slice(0, index).filter(({ endMs }) => endMs > atMs)
            expect(beside.length).toBeLessThan(batchCountMax)
            const keys = [...beside.flatMap((one) => one.items), ...items].map(({ key }) => key)
            expect(new Set(keys).size).toBe(keys.length)
          }
          for (const [key, items] of Map.groupBy(inOrder, (item) => item.key)) {
            expect(items).toEqual(addedArrivals.filter((item) => item.key === key))
          }
        },
      ),
      { numRuns: 60 },
    )
  })
})
