import { expect, test } from 'vitest'
import type { PaymentAttemptId, PaymentMethodId, RefundId } from '../domain/id.ts'
import { CALL_MS_MAX, guardProcessor, type ProcessorTrouble } from './guarded-processor.ts'
import type { ChargeOutcome, Processor } from './processor.ts'

const ATTEMPT = '101' as PaymentAttemptId
const REFUND = {
  refundId: '201' as RefundId,
  attemptId: ATTEMPT,
  amount: { amountMinor: 1n, currency: 'INR' },
} as const

const NOW_MS = Date.UTC(2026, 10, 22)
const clock = { nowMs: () => NOW_MS }
const DAY_MS = 24 * 60 * 60_000
const PAN = '4111111111111111'

function guardedBy(answer: () => unknown, callMsMax = CALL_MS_MAX) {
  const troubles: ProcessorTrouble[] = []
  const module = {
    name: 'm',
    charge: answer,
    findCharge: answer,
    refund: answer,
    cancelCharge: answer,
  }
  const processor = guardProcessor(module as unknown as Processor, {
    clock,
    report: (one) => troubles.push(one),
    callMsMax,
  })
  return { processor, troubles }
}
const throwing = (error: unknown) => () => {
  throw error
}

const NONSENSE: [what: string, answer: () => unknown][] = [
  ['throws', throwing(new Error('card 4111111111111111 refused'))],
  ['throws undefined', throwing(undefined)],
  ['rejects', () => Promise.reject(new TypeError('x'))],
  ['answers undefined', () => undefined],
  ['answers null', async () => null],
  ['answers a text', async () => 'approved'],
  ['answers an unknown kind', async () => ({ kind: 'ok' })],
  ['approves without a reference', async () => ({ kind: 'approved' })],
  ['approves with an empty reference', async () => ({ kind: 'approved', processorReference: ' ' })],
  ['is pending without a reference', async () => ({ kind: 'pending', processorReference: 7 })],
  ['answers unknown without a reason', async () => ({ kind: 'unknown' })],
  [
    'answers unknown with a card number in the reason',
    async () => ({ kind: 'unknown', reason: `card ${PAN} timed out` }),
  ],
  ['throws an error named after a card', throwing(Object.assign(new Error('x'), { name: PAN }))],
  [
    'has an answer whose kind throws on access',
    async () => ({
      get kind() {
        throw new Error(PAN)
      },
    }),
  ],
]
test.each(NONSENSE)(
  'a module that %s leads to the outcome unknown and a report',
  async (_what, answer) => {
    const { processor, troubles } = guardedBy(answer)
    expect((await processor.findCharge(ATTEMPT)).kind).toBe('unknown')
    expect((await processor.cancelCharge?.(ATTEMPT))?.kind).toBe('unknown')
    expect(troubles.map(({ call, id }) => [call, id])).toEqual([
      ['findCharge', '101'],
      ['cancelCharge', '101'],
    ])
    expect(JSON.stringify(troubles)).not.toContain('4111')
  },
)

function guardedSaves(answer: () => unknown, callMsMax = CALL_MS_MAX) {
  const troubles: ProcessorTrouble[] = []
  const savedInstruments = { save: answer, findSaved: answer, forget: answer }
  const module = { name: 'm', charge: answer, findCharge: answer, refund: answer, savedInstruments }
  const { savedInstruments: saves } = guardProcessor(module as unknown as Processor, {
    clock,
    report: (one) => troubles.push(one),
    callMsMax,
  })
  if (saves === undefined) throw new Error('the guard lost the capability')
  return { saves, troubles }
}
const METHOD = '301' as PaymentMethodId

test.each([
  // A save that waits has no reference.
  ...NONSENSE.filter(([what]) => what !== 'is pending without a reference'),
  ['saves without a token', async () => ({ kind: 'saved' })],
] as const)(
  'a module that %s leads to the outcome unknown of a save and of a deletion, and is reported',
  async (_what, answer) => {
    const { saves, troubles } = guardedSaves(answer)
    expect((await saves.save({ paymentMethodId: METHOD } as never)).kind).toBe('unknown')
    expect((await saves.findSaved(METHOD)).kind).toBe('unknown')
    expect((await saves.forget({ paymentMethodId: METHOD })).kind).toBe('unknown')
    expect(troubles.map(({ call, id }) => [call, id])).toEqual([
      ['save', '301'],
      ['findSaved', '301'],
      ['forget', '301'],
    ])
    expect(JSON.stringify(troubles)).not.toContain('4111')
  },
)

const SAVED_CARD = {
  type: 'card',
  brand: 'visa',
  lastFourDigits: '1111',
  expiryMonth: 9,
  expiryYear: 2028,
  holderName: 'Ben Ode',
  country: 'US',
}
const CHECKS = { addressLine: 'unchecked', postalCode: 'pass', cvc: 'fail' }

test.each<[what: string, answer: object, expected: object, trouble?: string]>([
  [
    'a save with all details',
    { kind: 'saved', token: 'tok', instrument: SAVED_CARD, checks: CHECKS },
    { kind: 'saved', token: 'tok', instrument: SAVED_CARD, checks: CHECKS },
  ],
  [
    'a save with more fields',
    { kind: 'verifying', token: 'tok', number: PAN, askAfterMs: 5 },
    { kind: 'verifying', token: 'tok', askAfterMs: 1_000 },
  ],
  [
    'a save with facts of another instrument',
    { kind: 'saved', token: 'tok', instrument: { type: 'wallet', walletName: 'W' } },
    { kind: 'saved', token: 'tok' },
    'instrument has the wrong shape and was left out',
  ],
  [
    'a save with unknown checks',
    { kind: 'saved', token: 'tok', checks: { ...CHECKS, cvc: 'good' } },
    { kind: 'saved', token: 'tok' },
    'checks has the wrong shape and was left out',
  ],
  [
    'a token that could be a card number',
    { kind: 'saved', token: PAN },
    { kind: 'unknown', reason: 'the answer has the wrong shape' },
    'the answer has the wrong shape',
  ],
  [
    'a page of a wallet',
    { kind: 'pending', action: { kind: 'redirect', to: 'wallet', url: '/x' } },
    { kind: 'pending' },
    'action has the wrong shape and was left out',
  ],
  [
    'a refusal with an unknown code',
    { kind: 'declined', declineCode: 'moon' },
    { kind: 'declined', declineCode: 'card_declined' },
  ],
])('%s is read as the contract defines', async (_what, answer, expected, trouble) => {
  const { saves, troubles } = guardedSaves(async () => answer)
  expect(await saves.findSaved(METHOD)).toEqual(expected)
  expect(troubles.map((one) => one.trouble)).toEqual(trouble === undefined ? [] : [trouble])
})

test('findSaved and forget end at the time limit', async () => {
  const { saves, troubles } = guardedSaves(() => new Promise(() => {}), 5)
  expect((await saves.findSaved(METHOD)).kind).toBe('unknown')
  expect((await saves.forget({ paymentMethodId: METHOD })).kind).toBe('unknown')
  expect(troubles.map(({ trouble }) => trouble)).toEqual(Array(2).fill('no answer in time'))
})

test('an unknown decline code becomes the general decline code', async () => {
  const { processor, troubles } = guardedBy(async () => ({ kind: 'declined', declineCode: 'moon' }))
  expect(await processor.findCharge(ATTEMPT)).toEqual({
    kind: 'declined',
    declineCode: 'card_declined',
  })
  expect(troubles).toEqual([])
})

test('a failed or unknown refund is reported with its reason', async () => {
  const failing = guardedBy(async () => ({ kind: 'failed', reason: 'payment_not_captured' }))
  expect((await failing.processor.refund(REFUND)).kind).toBe('failed')
  expect(failing.troubles).toEqual([
    { call: 'refund', id: '201', trouble: 'failed: payment_not_captured' },
  ])

  const silent = guardedBy(throwing(new RangeError('x')))
  expect(await silent.processor.refund(REFUND)).toEqual({ kind: 'unknown' })
  expect(silent.troubles).toEqual([
    { call: 'refund', id: '201', trouble: 'the module threw RangeError' },
  ])
})

test('an answer that follows the contract is passed unchanged, and methods keep their `this`', async () => {
  class Module implements Processor {
    readonly name = 'a class'
    readonly reference = 'r1'
    async charge() {
      return { kind: 'approved', processorReference: this.reference } as const
    }
    findCharge = async () => ({ kind: 'declined', declineCode: 'upi_declined' }) as const
    refund = async () => ({ kind: 'succeeded' }) as const
  }
  const processor = guardProcessor(new Module(), { clock, report: () => {} })
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

const REFERENCE = { processorReference: 'p1' }
const never = () => new Promise<never>(() => {})

test('a query without an answer leads to a timeout, the outcome unknown and a report', async () => {
  const { processor, troubles } = guardedBy(never, 1)
  expect(await processor.findCharge(ATTEMPT)).toEqual({
    kind: 'unknown',
    reason: 'no answer in time',
  })
  expect((await processor.cancelCharge?.(ATTEMPT))?.kind).toBe('unknown')
  expect(await processor.refund(REFUND)).toEqual({ kind: 'unknown' })
  expect(troubles).toEqual([
    { call: 'findCharge', id: '101', trouble: 'no answer in time' },
    { call: 'cancelCharge', id: '101', trouble: 'no answer in time' },
    { call: 'refund', id: '201', trouble: 'no answer in time' },
  ])
})

test.each<[what: string, end: (answer: PromiseWithResolvers<unknown>) => void]>([
  ['answer', ({ resolve }) => resolve({ kind: 'approved', ...REFERENCE, approvedAtMs: 'now' })],
  ['error', ({ reject }) => reject(new Error('late'))],
])('an %s after the time limit changes nothing', async (_what, end) => {
  const answer = Promise.withResolvers<unknown>()
  const { processor, troubles } = guardedBy(() => answer.promise, 1)
  expect((await processor.findCharge(ATTEMPT)).kind).toBe('unknown')
  // Vitest fails a run with an unhandled rejection.
  end(answer)
  await Promise.allSettled([answer.promise])
  expect(troubles.map(({ trouble }) => trouble)).toEqual(['no answer in time'])
})

test('a charge waits for its answer beyond the time limit', async () => {
  const answer = Promise.withResolvers<unknown>()
  const { processor, troubles } = guardedBy(() => answer.promise, 1)
  const charging = processor.charge({ attemptId: ATTEMPT } as never)
  // This call begins later and ends at the time limit, so the limit has also passed for the charge.
  await processor.findCharge(ATTEMPT)
  answer.resolve({ kind: 'approved', processorReference: 'p1' })
  expect(await charging).toEqual({ kind: 'approved', processorReference: 'p1' })
  expect(troubles.map(({ call }) => call)).toEqual(['findCharge'])
})

/** Returns the field after the guard, and the reported troubles. */
async function fieldOf(kind: 'approved' | 'pending', name: string, value: unknown) {
  const { processor, troubles } = guardedBy(async () => ({ kind, ...REFERENCE, [name]: value }))
  const outcome = (await processor.findCharge(ATTEMPT)) as ChargeOutcome & Record<string, unknown>
  expect(outcome).toMatchObject({ kind, ...REFERENCE })
  expect(JSON.stringify(troubles)).not.toContain(PAN)
  return { value: outcome[name], troubles: troubles.map(({ trouble }) => trouble) }
}
const leftOut = (name: string) => ({
  value: undefined,
  troubles: [`${name} has the wrong shape and was left out`],
})
const withoutChange = (value: unknown) => ({ value, troubles: [] })

test.each([
  ['now', NOW_MS],
  ['a day ago', NOW_MS - DAY_MS],
  ['five minutes ahead', NOW_MS + 300_000],
])('an approval with a time of %s keeps that time', async (_when, approvedAtMs) => {
  expect(await fieldOf('approved', 'approvedAtMs', approvedAtMs)).toEqual(
    withoutChange(approvedAtMs),
  )
})

test.each<[what: string, approvedAtMs: unknown]>([
  ['more than thirty days ago', NOW_MS - 30 * DAY_MS - 1],
  ['more than five minutes ahead', NOW_MS + 300_001],
  ['in seconds', NOW_MS / 1_000],
  ['in microseconds', NOW_MS * 1_000],
  ['with a fraction of a millisecond', NOW_MS - 0.5],
  ['that is not a number', Number.NaN],
  ['that is infinite', Number.POSITIVE_INFINITY],
  ['as ISO text', new Date(NOW_MS).toISOString()],
  ['as a text of digits', String(NOW_MS)],
  ['as a date', new Date(NOW_MS)],
  ['as a bigint', BigInt(NOW_MS)],
])(
  'an approval with a time %s gets the current time, and is reported',
  async (_what, approvedAtMs) => {
    expect(await fieldOf('approved', 'approvedAtMs', approvedAtMs)).toEqual(leftOut('approvedAtMs'))
  },
)

test.each([
  [2_000, 2_000],
  [1_500.5, 1_501],
  [1, 1_000],
  [0, 1_000],
  [-5, 1_000],
  [300_000, 300_000],
  [1e300, 300_000],
])(
  'a module that requests a query after %d ms gets it after %d',
  async (requestedMs, askAfterMs) => {
    expect(await fieldOf('pending', 'askAfterMs', requestedMs)).toEqual(withoutChange(askAfterMs))
    for (const kind of ['pending', 'unknown'] as const) {
      const { processor } = guardedBy(async () => ({ kind, askAfterMs: requestedMs }))
      expect(await processor.refund(REFUND)).toEqual({ kind, askAfterMs })
    }
  },
)

test.each([[Number.NaN], [Number.POSITIVE_INFINITY], ['2000'], [2_000n], [{}], [[5]]])(
  'a module that requests a query after %s gets it at the default intervals, and is reported',
  async (askAfterMs) => {
    expect(await fieldOf('pending', 'askAfterMs', askAfterMs)).toEqual(leftOut('askAfterMs'))
    const { processor, troubles } = guardedBy(async () => ({ kind: 'pending', askAfterMs }))
    expect(await processor.refund(REFUND)).toEqual({ kind: 'pending' })
    expect(troubles.map(({ trouble }) => trouble)).toEqual(leftOut('askAfterMs').troubles)
  },
)

test.each<[what: string, reference: string]>([
  ['is a card number', PAN],
  ['hides a card number', `acme/4111_1111_1111_1111/1`],
  ['is longer than 200 characters', 'x'.repeat(201)],
  ['has a zero character, which PostgreSQL refuses', 'p\u00001'],
])(
  'a charge counts even if its reference %s, and the reference is redacted',
  async (_what, reference) => {
    for (const kind of ['approved', 'pending'] as const) {
      const { processor, troubles } = guardedBy(async () => ({
        kind,
        processorReference: reference,
      }))
      const expected = { kind, processorReference: 'redacted' }
      expect(await processor.findCharge(ATTEMPT)).toEqual(expected)
      expect(await processor.charge({ attemptId: ATTEMPT } as never)).toEqual(expected)
      expect(troubles.map(({ call }) => call)).toEqual(['findCharge', 'charge'])
      expect(JSON.stringify(troubles)).not.toContain(reference)
    }
  },
)

test.each<[what: string, reference: string]>([
  ['is a card number', PAN],
  ['hides a card number', 'acme/4111_1111_1111_1111/1'],
  ['is longer than 200 characters', 'x'.repeat(201)],
  ['has a zero character, which PostgreSQL refuses', 'p\u00001'],
  ['has a line end', 'p\n1'],
])(
  'a refund counts even if its reference %s, and the reference is redacted',
  async (_what, reference) => {
    for (const kind of ['succeeded', 'pending'] as const) {
      const { processor, troubles } = guardedBy(async () => ({
        kind,
        processorReference: reference,
      }))
      expect(await processor.refund(REFUND)).toEqual({ kind, processorReference: 'redacted' })
      expect(troubles.map(({ call, id }) => [call, id])).toEqual([['refund', '201']])
      expect(JSON.stringify(troubles)).not.toContain(reference)
    }
  },
)

test.each<[what: string, answer: object]>([
  ['no reference', {}],
  ['a number as reference', { processorReference: 7 }],
  ['an empty reference', { processorReference: ' ' }],
])('a refund with %s counts, and has no reference', async (_what, more) => {
  for (const kind of ['succeeded', 'pending'] as const) {
    const { processor, troubles } = guardedBy(async () => ({ kind, ...more }))
    expect(await processor.refund(REFUND)).toEqual({ kind })
    expect(troubles).toEqual([])
  }
})

test.each(['succeeded', 'pending'] as const)(
  'the reference of a refund that is %s is stored, and unknown fields are dropped',
  async (kind) => {
    const answer = { kind, processorReference: 're_3MtwBwLkdIwHu7ix', card: PAN }
    const { processor, troubles } = guardedBy(async () => answer)
    const { card: _, ...expected } = answer
    expect(await processor.refund(REFUND)).toEqual(expected)
    expect(troubles).toEqual([])
  },
)

test('a failed refund has no reference, even when the module returns a reference', async () => {
  const { processor } = guardedBy(async () => ({
    kind: 'failed',
    reason: 'insufficient_funds',
    processorReference: 're_1',
  }))
  const expected = { kind: 'failed', reason: 'insufficient_funds' }
  expect(await processor.refund(REFUND)).toEqual(expected)
})

test.each([['p'], ['x'.repeat(200)], ['pi_3MtwBwLkdIwHu7ix28a3tqPa'], ['ref/2026-11-22/7']])(
  'the reference %s is stored unchanged',
  async (processorReference) => {
    const { processor, troubles } = guardedBy(async () => ({ kind: 'pending', processorReference }))
    expect(await processor.findCharge(ATTEMPT)).toEqual({ kind: 'pending', processorReference })
    expect(troubles).toEqual([])
  },
)

test('the known facts of an instrument and the known fields of an answer are stored', async () => {
  const facts = { type: 'wallet', walletName: 'Purse' }
  const { processor, troubles } = guardedBy(async () => ({
    kind: 'approved',
    ...REFERENCE,
    card: PAN,
    action: { kind: 'upi_approve' },
    instrument: { ...facts, number: PAN, cvv: '987' },
  }))
  const expected = { kind: 'approved', ...REFERENCE, instrument: facts }
  expect(await processor.findCharge(ATTEMPT)).toEqual(expected)
  expect(troubles).toEqual([])
})

test.each<[what: string, instrument: unknown]>([
  ['hides a card number', { type: 'wallet', walletName: `Purse ${PAN}` }],
  ['has a fact of a wrong type', { type: 'wallet', walletName: 7 }],
  ['is a text', PAN],
])('an instrument that %s is dropped, and reported', async (_what, instrument) => {
  expect(await fieldOf('approved', 'instrument', instrument)).toEqual(leftOut('instrument'))
})

const TRANSFER = { kind: 'bank_transfer', beneficiary: 'B', accountNumber: '1', ifsc: 'I' }
test.each<object>([
  { kind: 'redirect', to: 'issuer', url: 'https://issuer.example/3ds?id=1 2' },
  { kind: 'redirect', to: 'bank', url: 'http://127.0.0.1:4242/bank' },
  { kind: 'redirect', to: 'wallet', url: '/sandbox/wallet/1' },
  { kind: 'upi_approve' },
  { kind: 'upi_link', uri: 'upi://pay?pa=a@b&am=1.00' },
  TRANSFER,
])('the action %j is passed without its unknown fields', async (action) => {
  expect(await fieldOf('pending', 'action', { ...action, card: PAN })).toEqual(
    withoutChange(action),
  )
})

test.each<[action: unknown]>([
  [{ kind: 'redirect', to: 'issuer', url: 'javascript:alert(1)' }],
  [{ kind: 'redirect', to: 'issuer', url: 'data:text/html,x' }],
  [{ kind: 'redirect', to: 'issuer', url: '//elsewhere.example/' }],
  [{ kind: 'redirect', to: 'issuer', url: '/\\elsewhere.example/' }],
  [{ kind: 'redirect', to: 'issuer', url: '/\t/elsewhere.example/' }],
  [{ kind: 'redirect', to: 'issuer', url: 'issuer.example/3ds' }],
  [{ kind: 'redirect', to: 'issuer', url: 'https://' }],
  [{ kind: 'redirect', to: 'issuer' }],
  [{ kind: 'redirect', to: 'mars', url: 'https://issuer.example/' }],
  [{ kind: 'upi_link', uri: 'https://pay.example/' }],
  [{ kind: 'upi_link', uri: ' upi://pay' }],
  [{ kind: 'upi_link' }],
  [{ ...TRANSFER, beneficiary: '' }],
  [{ ...TRANSFER, accountNumber: 1 }],
  [{ ...TRANSFER, ifsc: undefined }],
  [{ kind: 'dance' }],
  ['upi_approve'],
])('the action %j is dropped, and reported', async (action) => {
  expect(await fieldOf('pending', 'action', action)).toEqual(leftOut('action'))
})

test('a page whose address is longer than 8000 characters is dropped, and reported', async () => {
  const page = (length: number) => {
    const url = 'https://issuer.example/'.padEnd(length, 'x')
    return { kind: 'redirect', to: 'issuer', url }
  }
  expect(await fieldOf('pending', 'action', page(8_000))).toEqual(withoutChange(page(8_000)))
  expect(await fieldOf('pending', 'action', page(8_001))).toEqual(leftOut('action'))
})

test.each([
  ['unknown', 'reason withheld'],
  ['failed', 'failed: reason withheld'],
])('the reason why a refund is %s never repeats a card number', async (kind, trouble) => {
  const reason = `${'x'.repeat(190)} 4111/1111/1111/1111`
  const { processor, troubles } = guardedBy(async () => ({ kind, reason }))
  const outcome = await processor.refund(REFUND)
  expect(troubles).toEqual([{ call: 'refund', id: '201', trouble }])
  expect(JSON.stringify(outcome)).not.toContain('4111')
})
