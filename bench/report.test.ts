import { describe, expect, test } from 'vitest'
import { exitCodeOf, type Goal, type Report, renderReport, verdictOf } from './report.ts'

const metGoal: Goal = { measured: 'create: 60 µs', limit: 'at most 65 µs', isMet: true }
const missedGoal: Goal = { measured: 'create: 70 µs', limit: 'at most 65 µs', isMet: false }
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
    ['is met if all goals are met', [metGoal, metGoal], quiet, 'met'],
    ['is missed if one goal is missed', [metGoal, missedGoal], quiet, 'missed'],
    ['is met if the report has no goals', [], quiet, 'met'],
    [
      'is met if other programs use exactly a tenth of the CPU',
      [metGoal],
      { othersShare: 0.1, isProfiled: false },
      'met',
    ],
    [
      'is none if other programs use more than a tenth of the CPU',
      [metGoal],
      { othersShare: 0.101, isProfiled: false },
      'none',
    ],
    [
      'is none if other programs use more than a tenth of the CPU and a goal is missed',
      [missedGoal],
      { othersShare: 0.5, isProfiled: false },
      'none',
    ],
    [
      'is none if a CPU profile was written',
      [metGoal],
      { othersShare: 0, isProfiled: true },
      'none',
    ],
  ] as const)('%s', (_, goals, facts, verdict) => {
    expect(verdictOf(reportWith(...goals), facts)).toBe(verdict)
  })

  test.each([
    [['met', 'met'], 0],
    [['met', 'missed'], 1],
    [['none', 'missed'], 1],
    [['met', 'none'], 3],
    [[], 0],
  ] as const)('the verdicts %j end the program with exit code %i', (verdicts, code) => {
    expect(exitCodeOf(verdicts)).toBe(code)
  })
})

describe('a report', () => {
  test('prints aligned columns, the outcome of each goal, and the CPU share of other programs', () => {
    expect(renderReport(reportWith(metGoal, missedGoal), quiet, 'text')).toEqual([
      '',
      'create on sqlite',
      '           CPU µs',
      '  paydesk    60.0',
      'create: 60 µs (goal: at most 65 µs): met',
      'create: 70 µs (goal: at most 65 µs): MISSED',
      'Other programs used 2.0 % of the machine’s CPU during the run.',
    ])
  })

  test('without a verdict gives the reason, and judges no goal', () => {
    const facts = { othersShare: 0.341, isProfiled: true }
    expect(renderReport(reportWith(missedGoal), facts, 'text').slice(-3)).toEqual([
      'create: 70 µs (goal: at most 65 µs)',
      'Other programs used 34.1 % of the machine’s CPU during the run, more than 10 %: no verdict.',
      'A CPU profile was written, which costs time: no verdict.',
    ])
  })

  test('in Markdown contains a table and a list', () => {
    expect(renderReport(reportWith(metGoal), quiet, 'markdown')).toEqual([
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
