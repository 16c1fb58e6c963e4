import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  microsOfTree,
  othersShareBetween,
  parseMachineStat,
  parseProcessStat,
  startCpuMeter,
} from './cpu.ts'

/** A line of `/proc/<pid>/stat`. `ticks`: user and system time, then the same of ended children, in units of 10 ms. */
function statLine(pid: number, name: string, parentPid: number, ticks: readonly number[]): string {
  return `${pid} (${name}) S ${parentPid} 1 1 0 -1 4194304 102 0 0 0 ${ticks.join(' ')} 20 0 1 0 3237355 3133440\n`
}

describe('measured CPU time', () => {
  test('of a process includes its threads and its ended children', () => {
    expect(parseProcessStat(statLine(41, 'node', 7, [10, 5, 3, 2]))).toEqual({
      pid: 41,
      parentPid: 7,
      micros: 200_000,
    })
  })

  test.each(['a b', ') S 1 (', 'x)'])(
    'of a process is correct if its program is named %j',
    (name) => {
      expect(parseProcessStat(statLine(41, name, 7, [1, 0, 0, 0]))).toEqual({
        pid: 41,
        parentPid: 7,
        micros: 10_000,
      })
    },
  )

  test('of a process tree includes all descendants and no other process', () => {
    const processes = [
      { pid: 10, parentPid: 1, micros: 1 },
      { pid: 11, parentPid: 10, micros: 20 },
      { pid: 12, parentPid: 11, micros: 300 },
      { pid: 13, parentPid: 1, micros: 4000 },
    ]
    expect(microsOfTree(processes, 10)).toBe(321)
    expect(microsOfTree(processes, 99)).toBe(0)
  })

  test('per request is the total divided by the number of answered requests', () => {
    const costOf = startCpuMeter({ serverPid: process.pid })
    const before = process.cpuUsage()
    while (process.cpuUsage(before).user < 30_000) {
      // Uses CPU time.
    }
    const { cpuMicros, databaseCpuMicros } = costOf(10)
    expect(cpuMicros).toBeGreaterThanOrEqual(1_000)
    expect(databaseCpuMicros).toBeUndefined()
  })
})

describe('the CPU share of other programs', () => {
  const moment = (total: number, usedMicros: number, own: number) => ({
    machine: { totalMicros: total, usedMicros },
    ownMicros: own,
  })

  test.each([
    ['is 0 if the machine runs only the benchmark', moment(1000, 400, 400), 0],
    ['is a quarter if another program uses a quarter', moment(1000, 650, 400), 0.25],
    ['is 0 if the benchmark’s own time exceeds the machine’s used time', moment(1000, 390, 400), 0],
    ['is 0 if no time has passed', moment(0, 0, 0), 0],
  ])('%s', (_, after, share) => {
    expect(othersShareBetween(moment(0, 0, 0), after)).toBeCloseTo(share)
  })

  test('is measured from the first moment', () => {
    expect(othersShareBetween(moment(5000, 5000, 100), moment(6000, 5300, 200))).toBeCloseTo(0.2)
  })

  test('includes the time that other virtual machines take, but neither idle time nor interrupts', () => {
    const text = 'cpu  100 20 30 400 50 6 7 8 9 10\ncpu0 1 1 1 1\n'
    expect(parseMachineStat(text)).toEqual({
      totalMicros: 6_210_000,
      usedMicros: 1_580_000,
    })
  })

  test('can be read on this machine', () => {
    const { totalMicros, usedMicros } = parseMachineStat(readFileSync('/proc/stat', 'utf8'))
    expect(usedMicros).toBeGreaterThan(0)
    expect(totalMicros).toBeGreaterThan(usedMicros)
  })
})
