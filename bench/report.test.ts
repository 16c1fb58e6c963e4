import { describe, expect, test } from 'vitest'
import { exitCodeOf, type Goal, type Report, renderReport, verdictOf } from './report.ts'

const met: Goal = { measured: 'create: 60 µs', limit: 'at most 65 µs', isMet: true }
const missed: Goal = { measured: 'create: 70 µs', limit: 'at most 65 µs', isMet: false }
const quiet = { othersShare: 0.02, isProfiled: false }

function reportWith(...goals: Goal[]): Report {
  return {
    title: 'create on sqlite',
    table: [
      ['', 'CPU µs'],
      ['paydesk', '60.0'],
    ],
    goals,
  }
}

describe('a verdict', () => {
  test.each([
    ['all goals met', [met, met], quiet, 'met'],
    ['one goal missed', [met, missed], quiet, 'missed'],
    ['a report without goals', [], quiet, 'met'],
    ['others at a tenth of the CPU', [met], { othersShare: 0.1, isProfiled: false }, 'met'],
    ['others above a tenth', [met], { othersShare: 0.101, isProfiled: false }, 'none'],
    [
      'others above a tenth, goal missed',
      [missed],
      { othersShare: 0.5, isProfiled: false },
      'none',
    ],
    ['a CPU profile', [met], { othersShare: 0, isProfiled: true }, 'none'],
  ] as const)('%s', (_, goals, facts, verdict) => {
    expect(verdictOf(reportWith(...goals), facts)).toBe(verdict)
  })

  test.each([
    [['met', 'met'], 0],
    [['met', 'missed'], 1],
    [['none', 'missed'], 1],
    [['met', 'none'], 3],
    [[], 0],
  ] as const)('%j ends the program with %i', (verdicts, code) => {
    expect(exitCodeOf(verdicts)).toBe(code)
  })
})

describe('a report', () => {
  test('prints aligned columns, each goal with its outcome, and the share of other programs', () => {
    expect(renderReport(reportWith(met, missed), quiet, 'text')).toEqual([
      '',
      'create on sqlite',
      '           CPU µs',
      '  paydesk    60.0',
      'create: 60 µs (goal: at most 65 µs): met',
      'create: 70 µs (goal: at most 65 µs): MISSED',
      'Other programs used 2.0 % of the machine’s CPU during the run.',
    ])
  })

  test('explains a missing verdict in a sentence, and then judges no goal', () => {
    const facts = { othersShare: 0.341, isProfiled: true }
    expect(renderReport(reportWith(missed), facts, 'text').slice(-3)).toEqual([
      'create: 70 µs (goal: at most 65 µs)',
      'Other programs used 34.1 % of the machine’s CPU during the run, more than 10 %: no verdict.',
      'A CPU profile was written, which costs time: no verdict.',
    ])
  })

  test('is a table of Markdown that can be pasted', () => {
    expect(renderReport(reportWith(met), quiet, 'markdown')).toEqual([
      '',
      '**create on sqlite**',
      '',
      '|  | CPU µs |',
      '|---|--:|',
      '| paydesk | 60.0 |',
      '',
      '- create: 60 µs (goal: at most 65 µs): met',
      '- Other programs used 2.0 % of the machine’s CPU during the run.',
    ])
  })
})
