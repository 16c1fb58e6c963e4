import { expect, test } from 'vitest'
import { announceSandbox } from './announce.ts'
import { SANDBOX_VALUES } from './well-known.ts'

const NOW_MS = Date.UTC(2026, 10, 28, 9)
const DAY_MS = 86_400_000

test.each([
  [0, 1, undefined],
  [999, 1, undefined],
  [2 * DAY_MS, 1, '2026-11-30T09:00:00.000Z  (2 d ahead of this machine’s)'],
  [-90_000, 1, '2026-11-28T08:58:30.000Z  (1 min 30 s behind this machine’s)'],
  [0, 0, '2026-11-28T09:00:00.000Z  (frozen)'],
  [
    3_600_000,
    60,
    '2026-11-28T10:00:00.000Z  (1 h ahead of this machine’s, runs 60 times as fast as real time)',
  ],
])(
  'a start prints a clock that does not show the machine’s time: %d ms, rate %d',
  (aheadMs, rate, line) => {
    const text = announceSandbox({
      baseUrl: 'http://127.0.0.1:4242',
      values: SANDBOX_VALUES,
      database: './paydesk.db',
      hasConsole: true,
      clock: { nowMs: NOW_MS + aheadMs, rate },
      machineMs: NOW_MS,
    })
    expect(/Clock {11}(.*)/.exec(text)?.[1]).toBe(line)
    expect(text.includes('--data other.db')).toBe(line !== undefined)
  },
)
