import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createRequestLog, queryLog } from '../log/request-log.ts'
import { createFaults } from './faults.ts'
import { watchPost, withChangedByte } from './faulty-post.ts'

const bytes = (text: string) => Buffer.byteLength(text)

test('a corrupted body always differs from the signed body', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.nat(), (body, draw) => {
      expect(withChangedByte(body, (bound) => draw % bound)).not.toBe(body)
    }),
  )
})

test.each(['{"amount":"1.00"}', '{}', '[ ]', ' ', 'रुपये {'])(
  'a corrupted body keeps its length in bytes: %s',
  (body) => {
    const corruptBody = withChangedByte(body, () => 0)
    expect(corruptBody).not.toBe(body)
    expect(bytes(corruptBody)).toBe(bytes(body))
  },
)

test.each(['', 'रुपये'])(
  'a corrupted body without an ASCII character is one byte longer: "%s"',
  (body) => {
    expect(bytes(withChangedByte(body, () => 0))).toBe(bytes(body) + 1)
  },
)

test('a corrupted webhook is logged with its event, session and payment, even when the changed byte is in an id', async () => {
  const ids = { eventId: '3316490196928673', paymentSessionId: '6264512932387892', paymentId: '27' }
  const body = JSON.stringify({
    event_id: Number(ids.eventId),
    payments_session_id: ids.paymentSessionId,
    payment_id: ids.paymentId,
  })
  const placeCount = body.match(/[0-9A-Za-z]/g)?.length ?? 0
  expect(placeCount).toBeGreaterThan(30)
  for (let place = 0; place < placeCount; place += 1) {
    const clock = { nowMs: () => 1, state: () => ({ rate: 1 }) }
    const log = createRequestLog()
    const faults = createFaults(clock, () => place)
    faults.add({
      target: 'webhook',
      probability: 1,
      match: undefined,
      countMax: undefined,
      fromMs: undefined,
      toMs: undefined,
      effect: { kind: 'corrupt', latencyMs: 0 },
    })
    const stopping = new AbortController().signal
    const post = watchPost(
      async () => ({ kind: 'answered', status: 200, body: '', durationMs: 1 }),
      { clock, faults, log, stopping, startTimer: () => () => 1 },
    )
    await post({ url: 'http://127.0.0.1/hooks', headers: {}, body })
    const [entry] = queryLog(log.entries(), { eventId: ids.eventId, countMax: 1 })
    expect(entry).toMatchObject(ids)
    expect(entry?.requestBody).not.toBe(body)
  }
})
