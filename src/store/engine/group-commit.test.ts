import { expect, test } from 'vitest'
import { GATHERING_TURNS, GroupCommit } from './group-commit.ts'

test('what arrives while a batch is under way goes together into the next one', async () => {
  const batches: number[][] = []
  const first = Promise.withResolvers<void>()
  const commits = new GroupCommit<number, number>(
    async (items) => {
      batches.push([...items])
      if (batches.length === 1) await first.promise
      return items.map((value) => ({ value: value * 10 }))
    },
    3,
    GATHERING_TURNS.many,
  )

  const results = [commits.add(1)]
  await new Promise(setImmediate)
  for (const item of [2, 3, 4, 5]) results.push(commits.add(item))
  first.resolve()
  expect(await Promise.all(results)).toEqual([10, 20, 30, 40, 50])
  expect(batches).toEqual([[1], [2, 3, 4], [5]])
  await commits.idle()
})

test('a batch that throws fails its items, an item that fails only itself, and the next batch runs', async () => {
  let runs = 0
  const commits = new GroupCommit<string, string>(
    async (items) => {
      runs += 1
      if (items.includes('all')) throw new Error('all of it')
      return items.map((item) =>
        item === 'bad' ? { error: new Error('just this') } : { value: item },
      )
    },
    10,
    GATHERING_TURNS.one,
  )

  const settled = await Promise.allSettled([commits.add('all'), commits.add('good')])
  expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  const mixed = await Promise.allSettled([commits.add('good'), commits.add('bad')])
  expect(mixed.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
  expect(runs).toBe(2)
})

test('an item without an outcome is an error, not a wait for ever', async () => {
  const commits = new GroupCommit<number, number>(async () => [], 10, GATHERING_TURNS.one)
  await expect(commits.add(1)).rejects.toThrow(/without an outcome/)
})
