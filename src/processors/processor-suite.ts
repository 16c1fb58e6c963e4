/** The contract of a processor, as tests that every adapter passes. */
import { beforeAll, describe, expect, test } from 'vitest'
import type { PaymentAttemptId, RefundId } from '../domain/id.ts'
import type { Instrument } from '../domain/instrument.ts'
import type { Money } from '../domain/money.ts'
import { DECLINE_CODES } from '../domain/payment-attempt.ts'
import {
  type ChargeOutcome,
  type ChargeRequest,
  isProcessor,
  type Processor,
  type RefundOutcome,
} from './processor.ts'

/** A processor with what the suite needs to steer it. */
export type ProcessorUnderTest = {
  readonly processor: Processor
  readonly amount: Money
  /** What a charge of each comes to once the customer has done what was asked for. */
  readonly instruments: Readonly<Record<'approved' | 'declined' | 'pending', Instrument>>
  /** Draws an id that was not drawn before. */
  readonly drawAttemptId: () => PaymentAttemptId
  readonly drawRefundId: (of: PaymentAttemptId) => RefundId
  /** Does what the customer is asked for, and lets as much time pass as the processor takes. */
  readonly complete: (id: PaymentAttemptId) => Promise<void>
  /** Lets as much time pass as a refund takes. */
  readonly completeRefund: (id: RefundId) => Promise<void>
}

/** Runs the suite on the processor that `make` gives. */
export function processorSuite(name: string, make: () => Promise<ProcessorUnderTest>): void {
  describe(`the processor ${name}`, () => {
    let world: ProcessorUnderTest
    let processor: Processor
    beforeAll(async () => {
      world = await make()
      processor = world.processor
    })

    type Kind = keyof ProcessorUnderTest['instruments']
    const requestFor = (kind: Kind, attemptId = world.drawAttemptId()): ChargeRequest => ({
      attemptId,
      amount: world.amount,
      instrument: world.instruments[kind],
      description: 'Order 1',
      returnUrl: 'https://shop.example/back',
    })

    /** Charges, has the customer do what is asked for, and gives what it came to. */
    async function chargeToTheEnd(request: ChargeRequest): Promise<ChargeOutcome> {
      const first = await processor.charge(request)
      if (first.kind !== 'pending') return first
      await world.complete(request.attemptId)
      return processor.findCharge(request.attemptId)
    }

    const referenceOf = (outcome: ChargeOutcome) =>
      'processorReference' in outcome ? outcome.processorReference : undefined

    test('can be recognised as one', () => {
      expect(isProcessor(processor)).toBe(true)
    })

    test('a charge that is approved stays approved, under one reference', async () => {
      const request = requestFor('approved')
      const first = await chargeToTheEnd(request)
      expect(first.kind).toBe('approved')
      expect(referenceOf(first)).toMatch(/./)
      expect(await processor.findCharge(request.attemptId)).toEqual(first)
    })

    test('a charge that is declined says why, and stays declined', async () => {
      const request = requestFor('declined')
      const first = await chargeToTheEnd(request)
      expect(first).toEqual({ kind: 'declined', declineCode: expect.any(String) })
      expect(DECLINE_CODES).toContain((first as { declineCode: string }).declineCode)
      expect(await processor.findCharge(request.attemptId)).toEqual(first)
    })

    test('a charge that waits has a reference, which it keeps', async () => {
      const request = requestFor('pending')
      const first = await processor.charge(request)
      expect(first.kind).toBe('pending')
      expect(referenceOf(first)).toMatch(/./)
      const found = await processor.findCharge(request.attemptId)
      expect([found.kind, referenceOf(found)]).toEqual(['pending', referenceOf(first)])
    })

    test('one attempt is charged once, however often and whatever with it is sent', async () => {
      const { attemptId } = requestFor('approved')
      const approved = await chargeToTheEnd(requestFor('approved', attemptId))
      const again = await Promise.all([
        ...Array.from({ length: 5 }, () => processor.charge(requestFor('approved', attemptId))),
        processor.charge(requestFor('declined', attemptId)),
      ])
      expect(again).toEqual(again.map(() => approved))
    })

    test('charges for one attempt that are sent at once are one charge', async () => {
      const request = requestFor('approved')
      const outcomes = await Promise.all(
        Array.from({ length: 10 }, () => processor.charge(request)),
      )
      expect(new Set(outcomes.map(referenceOf)).size).toBe(1)
    })

    test('an attempt that was never charged is declined, and cannot be charged any more', async () => {
      const request = requestFor('approved')
      expect((await processor.findCharge(request.attemptId)).kind).toBe('declined')
      expect((await processor.charge(request)).kind).toBe('declined')
      expect((await processor.findCharge(request.attemptId)).kind).toBe('declined')
    })

    test('no answer repeats what a customer typed in secret', async () => {
      for (const kind of ['approved', 'declined', 'pending'] as const) {
        const request = requestFor(kind)
        const { instrument } = request
        const text = JSON.stringify([
          await processor.charge(request),
          await chargeToTheEnd(request),
        ])
        if (instrument.type === 'card') expect(text).not.toContain(instrument.number)
        if (instrument.type === 'ach_debit') expect(text).not.toContain(instrument.accountNumber)
      }
    })

    test('a charge that is given up is declined, unless the customer was faster', async () => {
      const { cancelCharge } = processor
      if (cancelCharge === undefined) return
      const waiting = requestFor('pending')
      await processor.charge(waiting)
      expect((await cancelCharge(waiting.attemptId)).kind).toBe('declined')
      await world.complete(waiting.attemptId)
      expect((await processor.findCharge(waiting.attemptId)).kind).toBe('declined')

      const paid = requestFor('approved')
      const approved = await chargeToTheEnd(paid)
      expect(await cancelCharge(paid.attemptId)).toEqual(approved)
    })

    test('a refund comes to an end and stays there, however often it is sent', async () => {
      const { attemptId } = requestFor('approved')
      await chargeToTheEnd(requestFor('approved', attemptId))
      const refundId = world.drawRefundId(attemptId)
      const send = () => processor.refund({ refundId, attemptId, amount: world.amount })
      const first: RefundOutcome[] = await Promise.all([send(), send(), send()])
      expect(['pending', 'succeeded']).toContain(first[0]?.kind)
      await world.completeRefund(refundId)
      const last = [await send(), await send()]
      expect(last.map(({ kind }) => kind)).toEqual(['succeeded', 'succeeded'])
      // Where it has a reference, that is one and the same.
      const references = [...first, ...last].flatMap((outcome) =>
        'processorReference' in outcome ? [outcome.processorReference] : [],
      )
      expect(new Set(references).size).toBeLessThanOrEqual(1)
      expect(last[1]).toEqual(last[0])
    })
  })
}
