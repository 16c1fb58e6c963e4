import { expect, test } from 'vitest'
import type { PaymentAttemptId, RefundId } from '../domain/id.ts'
import { guardProcessor, type ProcessorTrouble } from './guarded-processor.ts'
import type { Processor } from './processor.ts'

const ATTEMPT = '101' as PaymentAttemptId
const REFUND = {
  refundId: '201' as RefundId,
  attemptId: ATTEMPT,
  amount: { amountMinor: 1n, currency: 'INR' },
} as const

function guarded(answer: () => unknown) {
  const troubles: ProcessorTrouble[] = []
  const module = {
    name: 'm',
    charge: answer,
    findCharge: answer,
    refund: answer,
    cancelCharge: answer,
  }
  const processor = guardProcessor(module as unknown as Processor, (one) => troubles.push(one))
  return { processor, troubles }
}
const throwing = (error: unknown) => () => {
  throw error
}

const NONSENSE: [what: string, answer: () => unknown][] = [
  ['throws', throwing(new Error('card 4111111111111111 refused'))],
  ['throws nothing at all', throwing(undefined)],
  ['rejects', () => Promise.reject(new TypeError('x'))],
  ['answers nothing', () => undefined],
  ['answers null', async () => null],
  ['answers a text', async () => 'approved'],
  ['answers an unknown kind', async () => ({ kind: 'ok' })],
  ['approves without a reference', async () => ({ kind: 'approved' })],
  ['is pending without a reference', async () => ({ kind: 'pending', processorReference: 7 })],
]
test.each(NONSENSE)(
  'a module that %s has said nothing of the money, and is reported',
  async (_what, answer) => {
    const { processor, troubles } = guarded(answer)
    expect((await processor.findCharge(ATTEMPT)).kind).toBe('unknown')
    expect((await processor.cancelCharge?.(ATTEMPT))?.kind).toBe('unknown')
    expect(troubles.map(({ call, id }) => [call, id])).toEqual([
      ['findCharge', '101'],
      ['cancelCharge', '101'],
    ])
    expect(JSON.stringify(troubles)).not.toContain('4111')
  },
)

test('an unknown reason to decline is the general one', async () => {
  const { processor, troubles } = guarded(async () => ({ kind: 'declined', declineCode: 'moon' }))
  expect(await processor.findCharge(ATTEMPT)).toEqual({
    kind: 'declined',
    declineCode: 'card_declined',
  })
  expect(troubles).toEqual([])
})

test('a refund that fails, or of which nothing is known, is reported with its reason', async () => {
  const failing = guarded(async () => ({ kind: 'failed', reason: 'payment_not_captured' }))
  expect((await failing.processor.refund(REFUND)).kind).toBe('failed')
  expect(failing.troubles).toEqual([
    { call: 'refund', id: '201', trouble: 'failed: payment_not_captured' },
  ])

  const silent = guarded(throwing(new RangeError('x')))
  expect(await silent.processor.refund(REFUND)).toEqual({ kind: 'unknown' })
  expect(silent.troubles).toEqual([
    { call: 'refund', id: '201', trouble: 'the module threw RangeError' },
  ])
})

test('what keeps the contract goes through as it is, and keeps its own this', async () => {
  class Module implements Processor {
    readonly name = 'a class'
    readonly reference = 'r1'
    async charge() {
      return { kind: 'approved', processorReference: this.reference } as const
    }
    findCharge = async () => ({ kind: 'declined', declineCode: 'upi_declined' }) as const
    refund = async () => ({ kind: 'succeeded' }) as const
  }
  const processor = guardProcessor(new Module(), () => {})
  expect(await processor.charge({ attemptId: ATTEMPT } as never)).toEqual({
    kind: 'approved',
    processorReference: 'r1',
  })
  expect(await processor.findCharge(ATTEMPT)).toEqual({
    kind: 'declined',
    declineCode: 'upi_declined',
  })
  expect(processor.cancelCharge).toBeUndefined()
})
