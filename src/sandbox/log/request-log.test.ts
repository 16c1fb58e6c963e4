import { expect, test } from 'vitest'
import { createRequestLog, LOG_COUNT_MAX, QUERY_COUNT_MAX, queryLog } from './request-log.ts'

const entry = (requestBody: string) => ({
  kind: 'api' as const,
  atMs: 0,
  durationMs: 1,
  method: 'POST',
  path: '/api/v1/payments',
  requestHeaders: {},
  requestBody,
})

test('the log keeps only the newest exchanges, up to its limit', () => {
  const log = createRequestLog()
  for (let count = 0; count < LOG_COUNT_MAX + 5; count += 1) log.add(entry(String(count)))
  const entries = log.entries()
  expect([entries.length, entries[0]?.requestBody, entries.at(-1)?.id]).toEqual([
    LOG_COUNT_MAX,
    '5',
    LOG_COUNT_MAX + 5,
  ])
})

test('large exchanges replace the oldest entries, and the log uses at most eight mebibytes', () => {
  const log = createRequestLog()
  const more = log.add(entry('the first'))
  const large = 'x'.repeat(64 * 1024)
  for (let count = 0; count < 500; count += 1) log.add(entry(`${count} ${large}`))
  expect(log.byteCount()).toBeLessThanOrEqual(8 * 1024 * 1024)
  expect(log.byteCount()).toBeGreaterThan(7 * 1024 * 1024)
  const entries = log.entries()
  expect(entries.at(-1)?.requestBody.startsWith('499 ')).toBe(true)
  expect(entries.map(({ id }) => id)).toEqual(
    entries.map((_, index) => 501 - entries.length + index + 1),
  )
  // A later change of a deleted entry does not bring it back.
  more({ failure: 'late' })
  expect(log.entries()).toHaveLength(entries.length)
  log.clear()
  expect([log.byteCount(), log.entries()]).toEqual([0, []])
  log.add(entry('again'))
  expect(log.entries().map(({ id }) => id)).toEqual([502])
})

test('headers count toward the size limit like bodies', () => {
  const log = createRequestLog()
  const requestHeaders = { 'x-large': 'x'.repeat(16 * 1024) }
  for (let count = 0; count < LOG_COUNT_MAX; count += 1) log.add({ ...entry(''), requestHeaders })
  expect(log.byteCount()).toBeLessThanOrEqual(8 * 1024 * 1024)
  expect(log.entries().length).toBeLessThan(LOG_COUNT_MAX)
})

const query = (attempt: number | string) => ({
  ...entry(`{"attemptId":"${attempt}"}`),
  kind: 'processor' as const,
  method: 'findCharge',
  path: 'sandbox',
})
const answer = (status: string) => ({ response: { status, headers: {}, body: '' } })

test('queries of waiting attempts never remove an API call from the log', () => {
  const log = createRequestLog()
  log.add(entry('the only call'))
  for (let count = 0; count < 3_000; count += 1) log.addQuery(query(count))(answer('pending'))
  for (let count = 0; count < 3_000; count += 1) log.addQuery(query('one'))(answer('unknown'))
  const entries = log.entries()
  expect(entries[0]?.requestBody).toBe('the only call')
  expect(entries.length).toBeGreaterThanOrEqual(QUERY_COUNT_MAX)
  expect(entries.length).toBeLessThanOrEqual(1 + QUERY_COUNT_MAX)
})

test('a query with an unchanged answer is counted in the last row, and the final answer has its own row', () => {
  const log = createRequestLog()
  const heardIds: number[] = []
  for (const [atMs, status] of [
    [1, 'pending'],
    [2, 'pending'],
    [3, 'pending'],
    [4, 'unknown'],
    [5, 'pending'],
    [6, 'approved'],
  ] as const) {
    log.addQuery({ ...query(7), atMs })(answer(status))
  }
  log.listen(({ id }) => heardIds.push(id))
  const more = log.addQuery({ ...query(8), atMs: 7 })
  expect(log.entries().at(-1)?.response).toBeUndefined()
  more(answer('pending'))
  expect(
    log
      .entries()
      .map(({ atMs, id, lastAtMs, repeatCount, response }) => [
        id,
        atMs,
        response?.status,
        repeatCount,
        lastAtMs,
      ]),
  ).toEqual([
    [1, 1, 'pending', 2, 3],
    [4, 4, 'unknown', undefined, undefined],
    [5, 5, 'pending', undefined, undefined],
    [6, 6, 'approved', undefined, undefined],
    [7, 7, 'pending', undefined, undefined],
  ])
  expect(heardIds).toEqual([7, 7])
})

test('a query with a fault has its own row', () => {
  const log = createRequestLog()
  for (const faultId of ['fault-1', 'fault-1'])
    log.addQuery({ ...query(7), faultId })(answer('unknown'))
  log.addQuery(query(7))(answer('unknown'))
  expect(log.entries()).toHaveLength(3)
})

test('calls are listed by their displayed times, newest first, and can be filtered by path and time', () => {
  const log = createRequestLog()
  log.add({ ...entry('fast'), atMs: 20 })
  log.add({ ...entry('slow'), atMs: 10, method: 'GET', path: '/api/v1/events' })
  log.add({ ...entry('last'), atMs: 20 })
  const list = (more: object) =>
    queryLog(log.entries(), { countMax: 10, ...more }).map(({ requestBody }) => requestBody)
  expect(list({})).toEqual(['last', 'fast', 'slow'])
  expect(list({ countMax: 1 })).toEqual(['last'])
  expect(list({ path: 'get /API/v1/e' })).toEqual(['slow'])
  expect([list({ fromMs: 20 }), list({ toMs: 20 })]).toEqual([['last', 'fast'], ['slow']])
})
