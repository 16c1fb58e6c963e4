/** The contract of a processor as named checks. They run without a test framework. */
import { isDeepStrictEqual } from 'node:util'
import { CARD_BRANDS, isCardBrand } from '../domain/card-brand.ts'
import type { PaymentAttemptId } from '../domain/id.ts'
import { DECLINE_CODES } from '../domain/payment-attempt.ts'
import { type ChargeOutcome, type ChargeRequest, isProcessor } from './processor.ts'
import {
  INSTRUMENT_RESULTS,
  type InstrumentResult,
  type ObservedProcessor,
} from './processor-under-test.ts'

/** A rule of the contract, by its name. */
export type ProcessorCheck = {
  readonly name: string
  /** Throws CheckFailed if the processor breaks the rule, and CheckSkipped if the rule does not apply. */
  readonly run: (subject: ObservedProcessor) => Promise<void>
}

/** A broken rule; the message says what was expected and what the processor answered. */
export class CheckFailed extends Error {
  override readonly name = 'CheckFailed'
}

/** The rule does not apply to this processor; the message says why. */
export class CheckSkipped extends Error {
  override readonly name = 'CheckSkipped'
}

/** Throws CheckFailed with the message unless the condition holds. */
export function ensure(condition: boolean, message: () => string): asserts condition {
  if (!condition) throw new CheckFailed(message())
}

const TEXT_LENGTH_MAX = 300

/** Writes a value for a message, at most 300 characters. */
export function describeValue(value: unknown): string {
  return jsonOf(value).slice(0, TEXT_LENGTH_MAX)
}

/** Writes a value as JSON, with amounts as digits. */
export function jsonOf(value: unknown): string {
  const text = JSON.stringify(value, (_name, one) => (typeof one === 'bigint' ? `${one}` : one))
  return text ?? String(value)
}

function requestFor(
  { amount, drawAttemptId, instruments }: ObservedProcessor,
  result: InstrumentResult,
  attemptId = drawAttemptId(),
): ChargeRequest {
  return {
    attemptId,
    amount,
    instrument: instruments[result],
    description: 'Order 1',
    returnUrl: 'https://shop.example/back',
  }
}

async function chargeToTheEnd(
  { complete, processor }: ObservedProcessor,
  request: ChargeRequest,
): Promise<ChargeOutcome> {
  const first = await processor.charge(request)
  if (first.kind !== 'pending') return first
  await complete(request.attemptId)
  return processor.findCharge(request.attemptId)
}

/** Throws CheckFailed unless the outcome has one of the kinds. */
export function ensureKind(
  what: string,
  outcome: { readonly kind: string },
  ...kinds: readonly string[]
): void {
  ensure(
    kinds.includes(outcome.kind),
    () => `${what} must have the kind "${kinds.join('" or "')}", but was ${describeValue(outcome)}`,
  )
}

/** Throws CheckFailed unless both values are equal. */
export function ensureSame(what: string, expected: unknown, outcome: unknown): void {
  ensure(
    isDeepStrictEqual(outcome, expected),
    () => `${what} must be ${describeValue(expected)}, but was ${describeValue(outcome)}`,
  )
}

const referenceIn = (outcome: object): unknown =>
  'processorReference' in outcome ? outcome.processorReference : undefined

async function approve(
  subject: ObservedProcessor,
  attemptId?: PaymentAttemptId,
): Promise<{ readonly attemptId: PaymentAttemptId; readonly outcome: ChargeOutcome }> {
  const request = requestFor(subject, 'approved', attemptId)
  const outcome = await chargeToTheEnd(subject, request)
  ensureKind('a charge of the instrument for approvals', outcome, 'approved')
  return { attemptId: request.attemptId, outcome }
}

async function chargesSentAtOnce(subject: ObservedProcessor): Promise<void> {
  const request = requestFor(subject, 'approved')
  const outcomes = await Promise.all(
    Array.from({ length: 10 }, () => subject.processor.charge(request)),
  )
  for (const outcome of outcomes) ensureKind('each charge', outcome, 'approved', 'pending')
  const references = [...new Set(outcomes.map(referenceIn))]
  ensure(
    references.length === 1,
    () =>
      `ten charges with one attemptId must have one reference, but had ${describeValue(references)}`,
  )
}

async function chargesSentAgain(subject: ObservedProcessor): Promise<void> {
  const { processor } = subject
  const { attemptId, outcome } = await approve(subject)
  const again = await Promise.all([
    ...Array.from({ length: 5 }, () =>
      processor.charge(requestFor(subject, 'approved', attemptId)),
    ),
    processor.charge(requestFor(subject, 'declined', attemptId)),
  ])
  for (const one of again) ensureSame('a charge that is sent again', outcome, one)
}

async function declineIsFinal(subject: ObservedProcessor): Promise<void> {
  const { answers, processor } = subject
  const request = requestFor(subject, 'declined')
  const first = await chargeToTheEnd(subject, request)
  ensureKind('a charge of the instrument for declines', first, 'declined')
  const answer = answers.at(-1)
  const code = typeof answer === 'object' && answer !== null && Reflect.get(answer, 'declineCode')
  ensure(
    DECLINE_CODES.some((knownCode) => knownCode === code),
    () => `declineCode must be one of ${DECLINE_CODES.join(', ')}, but was ${describeValue(code)}`,
  )
  ensureSame('findCharge after a decline', first, await processor.findCharge(request.attemptId))
}

async function declinedChargeStaysDeclined(subject: ObservedProcessor): Promise<void> {
  const { processor } = subject
  const request = requestFor(subject, 'declined')
  ensureKind('the charge', await chargeToTheEnd(subject, request), 'declined')
  const again = await processor.charge(requestFor(subject, 'approved', request.attemptId))
  ensureKind('a later charge with the same attemptId', again, 'declined')
}

async function unknownChargeIsDeclined(subject: ObservedProcessor): Promise<void> {
  const { processor } = subject
  const request = requestFor(subject, 'approved')
  const { attemptId } = request
  ensureKind(
    'findCharge of an id that was never charged',
    await processor.findCharge(attemptId),
    'declined',
  )
  ensureKind('the charge after this findCharge', await processor.charge(request), 'declined')
  ensureKind('findCharge after this charge', await processor.findCharge(attemptId), 'declined')
}

async function pendingKeepsItsReference(subject: ObservedProcessor): Promise<void> {
  const { processor } = subject
  const request = requestFor(subject, 'pending')
  const first = await processor.charge(request)
  ensureKind('a charge of the instrument for pending charges', first, 'pending')
  for (let question = 1; question <= 2; question += 1) {
    const outcome = await processor.findCharge(request.attemptId)
    ensureKind('findCharge before the customer acts', outcome, 'pending')
    ensureSame('the reference of a pending charge', referenceIn(first), referenceIn(outcome))
  }
  await subject.complete(request.attemptId)
  const end = await processor.findCharge(request.attemptId)
  ensureKind('findCharge after complete', end, 'approved', 'declined')
}

async function answersRepeatNoSecret(subject: ObservedProcessor): Promise<void> {
  for (const result of INSTRUMENT_RESULTS) {
    const request = requestFor(subject, result)
    const { instrument } = request
    await subject.processor.charge(request)
    await chargeToTheEnd(subject, request)
    const text = jsonOf(subject.answers)
    if (instrument.type === 'card') {
      ensure(!text.includes(instrument.number), () => 'an answer contains the whole card number')
    }
    if (instrument.type === 'ach_debit') {
      ensure(
        !text.includes(instrument.accountNumber),
        () => 'an answer contains the whole account number',
      )
    }
  }
}

async function canceledChargeIsDeclined(subject: ObservedProcessor): Promise<void> {
  const { complete, processor } = subject
  const { cancelCharge } = processor
  if (cancelCharge === undefined) throw new CheckSkipped('the processor has no cancelCharge')
  const waiting = requestFor(subject, 'pending')
  await processor.charge(waiting)
  ensureKind(
    'cancelCharge of a charge that waits',
    await cancelCharge(waiting.attemptId),
    'declined',
  )
  await complete(waiting.attemptId)
  const outcome = await processor.findCharge(waiting.attemptId)
  ensureKind('findCharge when the customer acts after cancelCharge', outcome, 'declined')

  const payment = await approve(subject)
  const late = await cancelCharge(payment.attemptId)
  ensureSame('cancelCharge of a charge that is approved', payment.outcome, late)
}

async function refundsEnd(subject: ObservedProcessor): Promise<void> {
  const { amount, completeRefund, drawRefundId, processor } = subject
  const { attemptId } = await approve(subject)
  const refundId = drawRefundId(attemptId)
  const send = () => processor.refund({ refundId, attemptId, amount })
  const first = await Promise.all([send(), send(), send()])
  for (const outcome of first) ensureKind('a refund', outcome, 'pending', 'succeeded')
  await completeRefund(refundId)
  const [last, again] = [await send(), await send()]
  ensureKind('the refund after completeRefund', last, 'succeeded')
  ensureSame('the refund that is sent once more', last, again)
  const references = [...new Set([...first, last].map(referenceIn).filter(Boolean))]
  ensure(
    references.length <= 1,
    () => `one refundId must have one reference, but had ${describeValue(references)}`,
  )
}

async function refundsInParts(subject: ObservedProcessor): Promise<void> {
  const { amount, completeRefund, drawRefundId, processor } = subject
  ensure(
    amount.amountMinor >= 2n,
    () => 'the amount of the test setup must be at least 2 minor units',
  )
  const { attemptId } = await approve(subject)
  const references: unknown[] = []
  for (const amountMinor of [1n, amount.amountMinor - 1n]) {
    const part = {
      refundId: drawRefundId(attemptId),
      attemptId,
      amount: { ...amount, amountMinor },
    }
    ensureKind('a refund of a part', await processor.refund(part), 'pending', 'succeeded')
    await completeRefund(part.refundId)
    const outcome = await processor.refund(part)
    ensureKind('a refund of a part after completeRefund', outcome, 'succeeded')
    references.push(referenceIn(outcome))
  }
  const presentReferences = references.filter(Boolean)
  ensure(
    new Set(presentReferences).size === presentReferences.length,
    () =>
      `two refunds must have two references, but both had ${describeValue(presentReferences[0])}`,
  )
}

async function choicesHaveCodeAndName({ unguardedProcessor }: ObservedProcessor): Promise<void> {
  for (const list of ['banks', 'wallets'] as const) {
    const choices: unknown = unguardedProcessor[list]
    if (choices === undefined) continue
    ensure(
      Array.isArray(choices),
      () => `${list} must be a list, but was ${describeValue(choices)}`,
    )
    for (const choice of choices) {
      const isText = (name: string) => {
        const value = typeof choice === 'object' && choice !== null && Reflect.get(choice, name)
        return typeof value === 'string' && value.trim() !== ''
      }
      ensure(
        isText('code') && isText('name'),
        () => `${list} must be a list of { code, name }, but has ${describeValue(choice)}`,
      )
    }
  }
}

async function cardBrandsAreSchemes({ unguardedProcessor }: ObservedProcessor): Promise<void> {
  const brands: unknown = unguardedProcessor.cardBrands
  ensure(
    brands === undefined || (Array.isArray(brands) && brands.every(isCardBrand)),
    () =>
      `cardBrands must be a list of ${CARD_BRANDS.join(', ')}, but was ${describeValue(brands)}`,
  )
}

async function answersCanBeUsed(subject: ObservedProcessor): Promise<void> {
  const { complete, completeRefund, drawRefundId, processor, troubles } = subject
  for (const result of INSTRUMENT_RESULTS) {
    const request = requestFor(subject, result)
    const first = await processor.charge(request)
    if (first.kind === 'pending') await complete(request.attemptId)
    const { kind } = await processor.findCharge(request.attemptId)
    await processor.cancelCharge?.(request.attemptId)
    if (kind !== 'approved') continue
    const refundId = drawRefundId(request.attemptId)
    const refund = { refundId, attemptId: request.attemptId, amount: subject.amount }
    await processor.refund(refund)
    await completeRefund(refundId)
    await processor.refund(refund)
  }
  ensure(troubles.length === 0, () => [...new Set(troubles)].join('; '))
}

/** The rules of charges and refunds, in reading order. */
export const CHARGE_CHECKS: readonly ProcessorCheck[] = [
  {
    name: 'has the fields of a processor',
    run: async ({ unguardedProcessor }) =>
      ensure(
        isProcessor(unguardedProcessor),
        () => 'a processor must have the members name, charge, findCharge and refund',
      ),
  },
  { name: 'banks and wallets are lists of codes and names', run: choicesHaveCodeAndName },
  { name: 'card brands are names of card schemes', run: cardBrandsAreSchemes },
  {
    name: 'an approved charge stays approved and keeps its reference',
    run: async (subject) => {
      const { attemptId, outcome } = await approve(subject)
      const foundOutcome = await subject.processor.findCharge(attemptId)
      ensureSame('findCharge after an approval', outcome, foundOutcome)
    },
  },
  { name: 'a declined charge has a decline code and stays declined', run: declineIsFinal },
  { name: 'a pending charge has a reference and keeps it', run: pendingKeepsItsReference },
  {
    name: 'repeated charges of one attempt are one charge, even with another amount or instrument',
    run: chargesSentAgain,
  },
  { name: 'concurrent charges of one attempt are one charge', run: chargesSentAtOnce },
  {
    name: 'a declined attempt cannot be charged again',
    run: declinedChargeStaysDeclined,
  },
  {
    name: 'findCharge of an unknown attempt declines it for good',
    run: unknownChargeIsDeclined,
  },
  { name: 'no answer contains a whole card or account number', run: answersRepeatNoSecret },
  {
    name: 'a canceled charge is declined, unless the customer completed it first',
    run: canceledChargeIsDeclined,
  },
  {
    name: 'a refund gets one final status and keeps it, even when it is sent again',
    run: refundsEnd,
  },
  { name: 'a payment is refunded in parts, each with its own id', run: refundsInParts },
  { name: 'every answer has the shape of the contract', run: answersCanBeUsed },
]
