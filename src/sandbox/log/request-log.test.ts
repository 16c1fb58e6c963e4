import { expect, test } from 'vitest'
import { createRequestLog, LOG_COUNT_MAX } from './request-log.ts'

const entry = (requestBody: string) => ({
  kind: 'api' as const,
  atMs: 0,
  durationMs: 1,
  method: 'POST',
  path: '/api/v1/payments',
  requestHeaders: {},
  requestBody,
})

test('the log keeps the newest exchanges, up to its limit', () => {
  const log = createRequestLog()
  for (let count = 0; count < LOG_COUNT_MAX + 5; count += 1) log.add(entry(String(count)))
  const kept = log.entries()
  expect([kept.length, kept[0]?.requestBody, kept.at(-1)?.id]).toEqual([
    LOG_COUNT_MAX,
    '5',
    LOG_COUNT_MAX + 5,
  ])
})

test('large exchanges push the oldest out, so that the log takes eight mebibytes at most', () => {
  const log = createRequestLog()
  const more = log.add(entry('the first'))
  const large = 'x'.repeat(64 * 1024)
  for (let count = 0; count < 500; count += 1) log.add(entry(`${count} ${large}`))
  expect(log.byteCount()).toBeLessThanOrEqual(8 * 1024 * 1024)
  expect(log.byteCount()).toBeGreaterThan(7 * 1024 * 1024)
  const kept = log.entries()
  expect(kept.at(-1)?.requestBody.startsWith('499 ')).toBe(true)
  expect(kept.map(({ id }) => id)).toEqual(kept.map((_, index) => 501 - kept.length + index + 1))
  // A later change of a deleted entry does not bring it back.
  more({ failure: 'late' })
  expect(log.entries()).toHaveLength(kept.length)
  log.clear()
  expect([log.byteCount(), log.entries()]).toEqual([0, []])
  log.add(entry('again'))
  expect(log.entries().map(({ id }) => id)).toEqual([502])
})

test('large headers count like large bodies', () => {
  const log = createRequestLog()
  const requestHeaders = { 'x-large': 'x'.repeat(16 * 1024) }
  for (let count = 0; count < LOG_COUNT_MAX; count += 1) log.add({ ...entry(''), requestHeaders })
  expect(log.byteCount()).toBeLessThanOrEqual(8 * 1024 * 1024)
  expect(log.entries().length).toBeLessThan(LOG_COUNT_MAX)
})
