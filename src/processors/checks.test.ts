import { expect, test, vi } from 'vitest'
import { exampleUnderTest } from '../../test/support/example-processor.ts'
import type { Processor } from './processor.ts'
import { processorSuite, runProcessorChecks } from './suite.ts'

processorSuite('of the tests', async () => exampleUnderTest(), test)

const card = { declined: '4000000000000010' }
let drawCount = 0
function newReference(): string {
  drawCount += 1
  return `ex_${drawCount}`
}

const BROKEN: readonly [rule: string, reason: RegExp, change: (right: Example) => object][] = [
  ['has the fields of a processor', /must have the members name/, () => ({ name: 7 })],
  [
    'banks and wallets are lists of codes and names',
    /banks must be a list of \{ code, name \}, but has "HDFC"/,
    () => ({ banks: ['HDFC'] }),
  ],
  [
    'card brands are names of card schemes',
    /cardBrands must be a list of visa, .*, but was \["Visa"\]/,
    () => ({ cardBrands: ['Visa'] }),
  ],
  [
    'an approved charge stays approved and keeps its reference',
    /findCharge after an approval must be \{"kind":"approved"/,
    ({ findCharge }) => ({
      findCharge: async (id: Id) => ({
        ...(await findCharge(id)),
        processorReference: newReference(),
      }),
    }),
  ],
  [
    'a declined charge has a decline code and stays declined',
    /declineCode must be one of .*, but was "moon"/,
    ({ findCharge }) => ({
      charge: async () => ({ kind: 'declined', declineCode: 'moon' }),
      findCharge,
    }),
  ],
  [
    'a pending charge has a reference and keeps it',
    /findCharge before the customer acts must have the kind "pending", but was \{"kind":"unknown"/,
    ({ findCharge }) => ({
      findCharge: async (id: Id) => {
        const { kind } = await findCharge(id)
        return kind === 'pending' ? { kind } : findCharge(id)
      },
    }),
  ],
  [
    'repeated charges of one attempt are one charge, even with another amount or instrument',
    /a charge that is sent again must be/,
    ({ charge }) => ({
      charge: async (request: Request) =>
        request.instrument.type === 'card' && request.instrument.number === card.declined
          ? { kind: 'declined', declineCode: 'do_not_honour' }
          : charge(request),
    }),
  ],
  [
    'concurrent charges of one attempt are one charge',
    /must have one reference, but had \["ex_\d+","ex_\d+"/,
    () => ({ charge: async () => ({ kind: 'approved', processorReference: newReference() }) }),
  ],
  [
    'a declined attempt cannot be charged again',
    /a later charge with the same attemptId must have the kind "declined", but was \{"kind":"approved"/,
    ({ charge }) => ({
      charge: async (request: Request) =>
        request.instrument.type === 'card' && request.instrument.number === card.declined
          ? { kind: 'declined', declineCode: 'do_not_honour' }
          : charge(request),
    }),
  ],
  [
    'findCharge of an unknown attempt declines it for good',
    /the charge after this findCharge must have the kind "declined", but was \{"kind":"approved"/,
    () => {
      const { processor: other } = exampleUnderTest()
      return { findCharge: other.findCharge }
    },
  ],
  [
    'no answer contains a whole card or account number',
    /contains the whole card number/,
    ({ charge }) => ({
      charge: async (request: Request) => ({
        ...(await charge(request)),
        sent: request.instrument,
      }),
    }),
  ],
  [
    'a canceled charge is declined, unless the customer completed it first',
    /findCharge when the customer acts after cancelCharge must have the kind "declined", but was \{"kind":"approved"/,
    () => ({ cancelCharge: async () => ({ kind: 'declined', declineCode: 'card_declined' }) }),
  ],
  [
    'a refund gets one final status and keeps it, even when it is sent again',
    /the refund that is sent once more must be/,
    () => ({ refund: async () => ({ kind: 'succeeded', processorReference: newReference() }) }),
  ],
  [
    'a payment is refunded in parts, each with its own id',
    /a refund of a part must have the kind "pending" or "succeeded", but was \{"kind":"failed"/,
    ({ refund }) => ({
      refund: async (request: Parameters<Processor['refund']>[0]) =>
        request.amount.amountMinor < 10_050n
          ? { kind: 'failed', reason: 'amount_too_small' }
          : refund(request),
    }),
  ],
  [
    'every answer has the shape of the contract',
    /charge: approvedAtMs has the wrong shape and was left out/,
    ({ charge }) => ({
      charge: async (request: Request) => ({ ...(await charge(request)), approvedAtMs: 'now' }),
    }),
  ],
  [
    'every answer has the shape of the contract',
    /refund: the module threw RangeError/,
    () => ({ refund: () => Promise.reject(new RangeError('card 4000000000000002')) }),
  ],
  [
    'every answer has the shape of the contract',
    /findCharge: no answer in time/,
    () => ({ findCharge: () => new Promise(() => {}) }),
  ],
]
const BROKEN_SAVES: readonly [rule: string, reason: RegExp, change: (right: Saves) => object][] = [
  [
    'a saved instrument keeps its token, and a repeated save saves nothing new',
    /findSaved after a save must be .*"ex_\d+".*, but was .*"ex_\d+"/,
    ({ findSaved }) => ({
      findSaved: async (id: MethodId) => ({ ...(await findSaved(id)), token: newReference() }),
    }),
  ],
  [
    'a refused instrument stays refused',
    /findSaved after a refusal must be .*, but was .*"ex_1"/,
    () => ({ findSaved: async () => ({ kind: 'saved', token: 'ex_1' }) }),
  ],
  [
    'findSaved of an unknown method declines it for good',
    /the save after this findSaved must have the kind "declined", but was \{"kind":"saved"/,
    () => {
      const { findSaved } = exampleUnderTest().processor.savedInstruments
      return { findSaved }
    },
  ],
  [
    'a saved instrument is charged once for each attempt',
    /a charge of the saved instrument must have the kind "approved" or "pending", but was \{"kind":"declined"/,
    ({ save }) => ({
      save: async (request: SaveRequest) => ({ ...(await save(request)), token: newReference() }),
    }),
  ],
  [
    'a deleted instrument cannot be charged',
    /a charge of the deleted instrument must have the kind "declined", but was \{"kind":"approved"/,
    () => ({ forget: async () => ({ kind: 'forgotten' }) }),
  ],
  [
    'a deleted instrument cannot be charged',
    /the first forget must have the kind "forgotten", but was \{"kind":"unknown"/,
    () => ({ forget: async () => ({ kind: 'gone' }) }),
  ],
  [
    'no answer about a saved instrument contains its number, and each has the shape of the contract',
    /contains the whole number/,
    ({ save }) => ({
      save: async (request: SaveRequest) => ({
        ...(await save(request)),
        sent: request.instrument,
      }),
    }),
  ],
]
type Saves = Example['savedInstruments']
type SaveRequest = Parameters<Saves['save']>[0]
type MethodId = Parameters<Saves['findSaved']>[0]

test.each(BROKEN_SAVES)(
  'a processor that breaks a rule of saved instruments fails "%s": %s',
  async (rule, reason, change) => {
    const right = exampleUnderTest()
    const { savedInstruments } = right.processor
    const processor = {
      ...right.processor,
      savedInstruments: { ...savedInstruments, ...change(savedInstruments) },
    } as unknown as Processor
    const results = await runProcessorChecks({ ...right, processor, callMsMax: 50 })
    const result = results.find(({ name }) => name === rule)
    expect(result).toEqual({ name: rule, result: 'failed', reason: expect.stringMatching(reason) })
  },
)

const BROKEN_MANDATES: readonly [
  rule: string,
  reason: RegExp,
  change: (right: Example['mandates']) => Partial<Example['mandates']>,
][] = [
  [
    'an approved mandate is active, and a repeated enrollment is one mandate',
    /findMandate must have the kind "active", but was \{"kind":"paused"\}/,
    () => ({ findMandate: async () => ({ kind: 'paused' }) }),
  ],
  [
    'a notice is sent once for each notification, and keeps its result',
    /the notice that is sent once more must be .*"ex_\d+".*, but was .*"ex_\d+"/,
    () => ({
      notify: async () => ({ kind: 'succeeded', processorReference: newReference() }),
    }),
  ],
  [
    'a notice is sent once for each notification, and keeps its result',
    /the notice after completeNotice must have the kind "succeeded", but was \{"kind":"pending"\}/,
    () => ({ notify: async () => ({ kind: 'pending' }) }),
  ],
  [
    'a mandate is debited once for each attempt',
    /the notice must have the kind "pending" or "succeeded", but was \{"kind":"failed"\}/,
    () => ({ notify: async () => ({ kind: 'failed' }) }),
  ],
  [
    'a canceled mandate stays revoked and cannot be debited',
    /a debit of the canceled mandate must have the kind "declined", but was \{"kind":"approved"/,
    () => {
      const revocation = { kind: 'revoked' } as const
      return { cancelMandate: async () => revocation, findMandate: async () => revocation }
    },
  ],
  [
    'a canceled mandate stays revoked and cannot be debited',
    /the first cancelMandate must have the kind "revoked", but was \{"kind":"active"\}/,
    () => ({ cancelMandate: async () => ({ kind: 'active' }) }),
  ],
  [
    'every answer about a mandate has the shape of the contract',
    /findMandate: unknown, without a reason/,
    () => ({ findMandate: async () => ({ kind: 'unknown' }) }),
  ],
]
test.each(BROKEN_MANDATES)(
  'a processor that breaks a rule of mandates fails "%s": %s',
  async (rule, reason, change) => {
    const right = exampleUnderTest()
    const { mandates } = right.processor
    const processor = { ...right.processor, mandates: { ...mandates, ...change(mandates) } }
    const results = await runProcessorChecks({ ...right, processor, callMsMax: 50 })
    const result = results.find(({ name }) => name === rule)
    expect(result).toEqual({ name: rule, result: 'failed', reason: expect.stringMatching(reason) })
  },
)

test('a processor that approves every debit of a mandate fails the rules of debits', async () => {
  const right = exampleUnderTest()
  const { charge } = right.processor
  const processor: Processor = {
    ...right.processor,
    charge: async (request) =>
      request.instrument.type === 'mandate_debit'
        ? { kind: 'approved', processorReference: newReference() }
        : charge(request),
  }
  const results = await runProcessorChecks({ ...right, processor, callMsMax: 50 })
  const reasons = results.flatMap(({ reason, result }) => (result === 'failed' ? [reason] : []))
  expect(reasons).toEqual([
    expect.stringMatching(/^the debit that is sent again must be/),
    expect.stringMatching(/^a debit of the canceled mandate must have the kind "declined"/),
    expect.stringMatching(/^a debit of an unapproved mandate must have the kind "declined"/),
  ])
})

const BROKEN_REPORTS: readonly [
  rule: string,
  reason: RegExp,
  change: (right: Example) => Partial<Example>,
][] = [
  [
    'an account number is opened once for each virtual account',
    /the outcome of a repeated virtualAccounts\.open must be .*, but was/,
    ({ virtualAccounts: right }) => ({
      virtualAccounts: {
        ...right,
        open: async () => ({
          kind: 'opened',
          accountNumber: `A${newReference().slice(-6)}`.replaceAll('_', ''),
          ifscCode: 'ACME0000001',
        }),
      },
    }),
  ],
  [
    'an account number is opened once for each virtual account',
    /the outcome of virtualAccounts\.open must have the kind "opened", but was .*the answer has the wrong shape/,
    ({ virtualAccounts: right }) => ({
      virtualAccounts: {
        ...right,
        open: async () => ({
          kind: 'opened',
          accountNumber: '4000000000000002',
          ifscCode: 'ACME0000001',
        }),
      },
    }),
  ],
  [
    'a transfer to a virtual account is reported, and keeps its place in the list',
    /the list must have transfer UTR0/,
    ({ virtualAccounts: right }) => ({
      virtualAccounts: { ...right, listTransfers: async () => ({ kind: 'page', items: [] }) },
    }),
  ],
  [
    'a decision about a transfer can be repeated',
    /the first decideTransfer must have the kind "recorded", but was/,
    ({ virtualAccounts: right }) => ({
      virtualAccounts: {
        ...right,
        decideTransfer: async () => ({ kind: 'unknown', reason: 'later' }),
      },
    }),
  ],
  [
    'a virtual account can be closed repeatedly',
    /the second close must have the kind "closed", but was/,
    ({ virtualAccounts: right }) => {
      const closedReferences = new Set<string>()
      return {
        virtualAccounts: {
          ...right,
          close: async (id) => {
            if (closedReferences.has(id)) return { kind: 'unknown', reason: 'closed' }
            closedReferences.add(id)
            return { kind: 'closed' }
          },
        },
      }
    },
  ],
  [
    'a payout is reported with its transactions, which never change',
    /the payout must have payment \d+, but had \[\]/,
    ({ payouts }) => ({
      payouts: { ...payouts, listTransactions: async () => ({ kind: 'page', items: [] }) },
    }),
  ],
]
test.each(BROKEN_REPORTS)(
  'a processor that breaks a rule of reports fails "%s": %s',
  async (rule, reason, change) => {
    const right = exampleUnderTest()
    const processor = { ...right.processor, ...change(right.processor) }
    const results = await runProcessorChecks({ ...right, processor, callMsMax: 50 })
    const result = results.find(({ name }) => name === rule)
    expect(result).toEqual({ name: rule, result: 'failed', reason: expect.stringMatching(reason) })
  },
)

type Example = ReturnType<typeof exampleUnderTest>['processor']
type Request = Parameters<Processor['charge']>[0]
type Id = Request['attemptId']

test.each(BROKEN)('a processor that breaks a rule fails "%s": %s', async (rule, reason, change) => {
  const right = exampleUnderTest()
  const processor = { ...right.processor, ...change(right.processor) } as unknown as Processor
  const results = await runProcessorChecks({ ...right, processor, callMsMax: 50 })
  const result = results.find(({ name }) => name === rule)
  expect(result).toEqual({ name: rule, result: 'failed', reason: expect.stringMatching(reason) })
})

test('a processor that follows every rule passes all checks, and the checks of a missing optional part are skipped', async () => {
  const right = exampleUnderTest()
  const all = await runProcessorChecks(right)
  expect(new Set(all.map(({ result }) => result))).toEqual(new Set(['passed']))

  const {
    cancelCharge: _,
    mandates: _mandates,
    savedInstruments: __,
    virtualAccounts: _accounts,
    payouts: _payouts,
    ...processor
  } = exampleUnderTest().processor
  const checkNames: string[] = []
  const results = await runProcessorChecks(
    { ...exampleUnderTest(), processor: { ...processor, name: 'without' } },
    { onResult: ({ name }) => checkNames.push(name) },
  )
  const otherResults = results.filter(({ result }) => result !== 'passed')
  expect(otherResults.map(({ reason, result }) => [result, reason])).toContainEqual([
    'skipped',
    'the processor has no cancelCharge',
  ])
  const {
    savable: ___,
    mandatePayer: _mandatePayer,
    sendTransfer: _sendTransfer,
    makePayout: _makePayout,
    ...withoutSavable
  } = exampleUnderTest()
  const resultsWithoutSaves = await runProcessorChecks(withoutSavable)
  for (const [list, reason, count] of [
    [otherResults, 'the processor has no savedInstruments', 6],
    [resultsWithoutSaves, 'the test setup must have both savable and completeSave', 6],
    [otherResults, 'the processor has no mandates', 6],
    [resultsWithoutSaves, 'the test setup must have both mandatePayer and completeNotice', 6],
    [otherResults, 'the processor has no virtualAccounts', 4],
    [resultsWithoutSaves, 'the test setup has no sendTransfer', 2],
    [otherResults, 'the processor has no payouts', 1],
    [resultsWithoutSaves, 'the test setup has no makePayout', 1],
  ] as const) {
    expect(list.filter((one) => one.reason === reason)).toHaveLength(count)
  }
  expect(checkNames).toEqual(all.map(({ name }) => name))
})

test('the suite skips the rules of a capability that the processor lacks, and warns where a framework cannot skip', async () => {
  const { mandates: _, ...processor } = exampleUnderTest().processor
  const runs = new Map<string, (...context: unknown[]) => Promise<void>>()
  processorSuite(
    'without mandates',
    async () => ({ ...exampleUnderTest(), processor }),
    (name, run) => runs.set(name, run),
  )
  const rule = 'a mandate is debited once for each attempt'
  const run = runs.get(`the processor without mandates: ${rule}`)
  const reasons: string[] = []
  await run?.({ skip: (reason: string) => reasons.push(reason) })
  const warning = vi.spyOn(console, 'warn').mockImplementation(() => {})
  await run?.()
  expect(reasons).toEqual([`${rule}: the processor has no mandates`])
  expect(warning.mock.calls).toEqual([[`Skipped: ${reasons[0]}`]])
  // Jest passes a callback to a function with a named argument.
  expect([...runs.values()].filter(({ length }) => length > 0)).toEqual([])
  warning.mockRestore()
})
