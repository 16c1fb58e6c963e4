import { expect, test } from 'vitest'
import { guardProcessor, type ProcessorTrouble } from './guarded-processor.ts'
import type { NoticeRequest } from './mandates.ts'

const MANDATE = '8123456789012345' as NoticeRequest['mandateId']
const NOTICE: NoticeRequest = {
  notificationId: '8223456789012345' as NoticeRequest['notificationId'],
  mandateId: MANDATE,
  amount: { amountMinor: 10_000n, currency: 'INR' },
  executionOn: '2026-12-05',
  description: 'Monthly fee',
  invoiceNumber: 'INV-2',
  requestedAtMs: Date.UTC(2026, 11, 4),
}
const PAN = '4111111111111111'

function guardedBy(answer: () => unknown, callMsMax = 1_000) {
  const troubles: ProcessorTrouble[] = []
  const ask = answer as () => Promise<never>
  const { mandates } = guardProcessor(
    {
      name: 'm',
      charge: ask,
      findCharge: ask,
      refund: ask,
      mandates: { notify: ask, findMandate: ask, cancelMandate: ask },
    },
    { clock: { nowMs: () => 0 }, report: (one) => troubles.push(one), callMsMax },
  )
  if (mandates === undefined) throw new Error('no capability')
  return { mandates, troubles }
}

test.each<[unknown, object]>([
  [
    { kind: 'succeeded', processorReference: 'n1', more: 1 },
    { kind: 'succeeded', processorReference: 'n1' },
  ],
  [{ kind: 'succeeded' }, { kind: 'succeeded' }],
  [{ kind: 'failed', reason: 'no app' }, { kind: 'failed' }],
  [
    { kind: 'pending', askAfterMs: 1 },
    { kind: 'pending', askAfterMs: 1_000 },
  ],
])('the answer %j to a notice is read as %j', async (answer, expected) => {
  const { mandates, troubles } = guardedBy(async () => answer)
  expect(await mandates.notify(NOTICE)).toEqual(expected)
  expect(troubles).toEqual([])
})

test.each(['active', 'paused', 'revoked'] as const)(
  'the state %s of a mandate is read by both calls',
  async (kind) => {
    const { mandates, troubles } = guardedBy(async () => ({ kind, more: 1 }))
    expect(await mandates.findMandate(MANDATE)).toEqual({ kind })
    expect(await mandates.cancelMandate(MANDATE)).toEqual({ kind })
    expect(troubles).toEqual([])
  },
)

test.each<[string, () => unknown, string]>([
  ['has no known kind', async () => ({ kind: 'ended' }), 'the answer has the wrong shape'],
  ['is null', async () => null, 'the answer has the wrong shape'],
  ['has a reason', async () => ({ kind: 'unknown', reason: 'status 500' }), 'status 500'],
  ['has no reason', async () => ({ kind: 'unknown' }), 'unknown, without a reason'],
  [
    'has a card number in its reason',
    async () => ({ kind: 'unknown', reason: `card ${PAN}` }),
    'reason withheld',
  ],
  ['is an error', () => Promise.reject(new RangeError(PAN)), 'the module threw RangeError'],
  ['never comes', () => new Promise(() => {}), 'no answer in time'],
])(
  'an answer that %s is unknown for every call, and the log has the reason',
  async (_what, answer, trouble) => {
    const { mandates, troubles } = guardedBy(answer, 20)
    const outcomes = [
      await mandates.notify(NOTICE),
      await mandates.findMandate(MANDATE),
      await mandates.cancelMandate(MANDATE),
    ]
    expect(outcomes).toEqual(Array(3).fill({ kind: 'unknown' }))
    expect(troubles).toEqual([
      { call: 'notify', id: NOTICE.notificationId, trouble },
      { call: 'findMandate', id: MANDATE, trouble },
      { call: 'cancelMandate', id: MANDATE, trouble },
    ])
  },
)
