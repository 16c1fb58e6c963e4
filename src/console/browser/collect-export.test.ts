import { expect, test } from 'vitest'
import { ApiConnectionError, InvalidRequestError, RateLimitError } from '../../client/errors.ts'
import { collectExport, type ExportPart } from './collect-export.ts'

const PARTS: readonly ExportPart[] = [
  { csv: '\uFEFFid\r\n1\r\n', row_count: 1, total: 2, next_cursor: 'b' },
  { csv: '2\r\n', row_count: 2, total: 2 },
]
const outage = () => new ApiConnectionError('no answer', { code: 'connection_failed' })
const tooMany = () => new RateLimitError('too many', { code: 'rate_limited', status: 429 }, 7)

/** Collects an export whose calls fail with these errors first. Undefined: the call succeeds. */
async function collect(
  errors: readonly (Error | undefined)[],
  signal = new AbortController().signal,
) {
  const waits: number[] = []
  const rowCounts: number[] = []
  let callCount = 0
  const collecting = collectExport({
    signal,
    onPart: ({ row_count: rowCount }) => rowCounts.push(rowCount),
    wait: async (ms) => {
      waits.push(ms)
    },
    readPart: async (cursor) => {
      const error = errors[callCount]
      callCount += 1
      if (error !== undefined) throw error
      const part = PARTS[cursor === undefined ? 0 : 1]
      if (part === undefined) throw new Error('no such part')
      return part
    },
  })
  return collecting.then(
    async ({ file, rowCount }) => ({
      bytes: Buffer.from(await file.arrayBuffer()).toString('utf8'),
      rowCount,
      rowCounts,
      waits,
    }),
    (error) => ({ error, rowCounts, waits }),
  )
}

test('a part that fails by an outage or the rate limit is read again, and no row is lost or repeated', async () => {
  expect(await collect([undefined, outage(), tooMany()])).toEqual({
    bytes: '\uFEFFid\r\n1\r\n2\r\n',
    rowCount: 2,
    rowCounts: [1, 2],
    waits: [1_000, 7_000],
  })
})

test('an export without its last part has no file: after outages, a refusal or a cancellation', async () => {
  const outages = await collect([undefined, outage(), outage(), outage(), outage()])
  expect(outages).toMatchObject({ error: expect.any(ApiConnectionError), rowCounts: [1] })
  const refusal = new InvalidRequestError('no', { code: 'invalid_parameter', status: 400 })
  expect(await collect([undefined, refusal])).toMatchObject({ error: refusal, waits: [] })
  const stop = new AbortController()
  stop.abort()
  expect(await collect([], stop.signal)).toMatchObject({ error: stop.signal.reason, rowCounts: [] })
})
