import { describe, expect, test } from 'vitest'
import {
  cpuMicrosOf,
  cpuRatioOf,
  measureInRounds,
  medianOf,
  ratioGoals,
  ratioOf,
  type Series,
  tableOf,
} from './rounds.ts'

function series(name: string, perSecond: readonly number[], cpuMicros?: readonly number[]): Series {
  return {
    name,
    perRound: perSecond.map((rate, round) => ({ perSecond: rate, cpuMicros: cpuMicros?.[round] })),
  }
}

describe('the median', () => {
  test.each([
    [[3, 1, 2], 2],
    [[4, 1, 2, 3], 2.5],
    [[7], 7],
    [[10, 9, 100], 10],
  ])('of %j is %d', (values, median) => {
    expect(medianOf(values)).toBe(median)
  })

  test('is NaN if there is no value, or if one value is NaN', () => {
    expect([medianOf([]), medianOf([1, Number.NaN])]).toEqual([Number.NaN, Number.NaN])
  })
})

describe('a ratio', () => {
  const paydesk = series('ours', [10, 40, 90], [200, 100, 50])
  const bare = series('bare', [100, 100, 100], [50, 50, 50])

  test('is the median of the ratios of the rounds, not the ratio of the medians', () => {
    const slowThenFast = series('bare', [20, 400, 100])
    expect(ratioOf(paydesk, slowThenFast)).toBe(0.5)
  })

  test('of CPU time divides the contender’s cost of a request by the cost of the base', () => {
    expect([cpuRatioOf(paydesk, bare), cpuMicrosOf(paydesk)]).toEqual([2, 100])
  })

  test('decides whether each contender meets its goal', () => {
    expect(ratioGoals('create', [paydesk], bare, 0.4)).toEqual([
      { measured: 'create, ours: 0.40 of bare', limit: 'at least 0.4', isMet: true },
    ])
    expect(ratioGoals('create', [paydesk], bare, 0.41)[0]?.isMet).toBe(false)
  })
})

test('after one warm-up each round measures all contenders, and every second round reverses their order', async () => {
  const calls: string[] = []
  const contender = (name: string) => ({
    name,
    measure: async () => {
      calls.push(name)
      return { perSecond: calls.length }
    },
  })
  const all = await measureInRounds([contender('a'), contender('b')], 2, 1, async () => {
    calls.push('prepare')
  })
  expect(calls.filter((call) => call !== 'prepare')).toEqual(['a', 'b', 'a', 'b', 'b', 'a'])
  expect(calls.filter((call) => call === 'prepare')).toHaveLength(6)
  expect(all.map(({ name, perRound }) => [name, perRound.length])).toEqual([
    ['a', 2],
    ['b', 2],
  ])
})

test('a table shows only measured figures, and has a column for PostgreSQL only if it was measured', () => {
  const onPostgres: Series = {
    name: 'paydesk',
    perRound: [{ perSecond: 1000, cpuMicros: 80, databaseCpuMicros: 20.25 }],
  }
  const bare = series('bare', [4000], [25])
  expect(tableOf([onPostgres, bare], bare, 'request')).toEqual([
    [
      '',
      'CPU µs a request',
      'least',
      'PostgreSQL’s CPU µs',
      'requests/s',
      'min',
      'max',
      'of bare',
      'times its CPU',
    ],
    ['paydesk', '80.0', '80.0', '20.3', '1,000', '1,000', '1,000', '0.25', '3.2'],
    ['bare', '25.0', '25.0', '', '4,000', '4,000', '4,000', '1.00', '1.0'],
  ])
})
