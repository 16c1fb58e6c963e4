import { expect, test } from 'vitest'
import { EXAMPLE_BANK_ACCOUNT } from '../../test/support/example-bank.ts'
import { guardProcessor, type ProcessorTrouble } from './guarded-processor.ts'
import type { Processor } from './processor.ts'
import { REPORT_COUNT_MAX } from './reports.ts'

const ID = '8123456789012345'
const PAN = '4111111111111111'
const TIME_MS = Date.UTC(2026, 10, 22)
const AMOUNT = { amountMinor: 100n, currency: 'INR' }

function guardedBy(answer: () => unknown, callMsMax = 1_000) {
  const troubles: ProcessorTrouble[] = []
  const ask = answer as () => Promise<never>
  const processor = guardProcessor(
    {
      name: 'm',
      charge: ask,
      findCharge: ask,
      refund: ask,
      virtualAccounts: { open: ask, close: ask, listTransfers: ask, decideTransfer: ask },
      payouts: { listPayouts: ask, listTransactions: ask },
    } satisfies Processor,
    { clock: { nowMs: () => TIME_MS }, report: (one) => troubles.push(one), callMsMax },
  )
  const { payouts, virtualAccounts } = processor
  if (payouts === undefined || virtualAccounts === undefined) throw new Error('no capability')
  return { payouts, virtualAccounts, troubles }
}
const answering = (value: unknown) => guardedBy(async () => value)

const WRONG: readonly (readonly [what: string, answer: () => unknown])[] = [
  ['throws', () => Promise.reject(new RangeError(PAN))],
  ['answers nothing', async () => undefined],
  ['answers a text', async () => 'page'],
  ['answers another kind', async () => ({ kind: 'ok' })],
  ['never answers', () => new Promise(() => {})],
]
test.each(WRONG)(
  'a module that %s leads to the outcome unknown and a report',
  async (_what, answer) => {
    const { payouts, troubles, virtualAccounts } = guardedBy(answer, 5)
    const outcomes = [
      await virtualAccounts.open({
        virtualAccountId: ID as never,
        beneficiaryName: 'Shop',
        description: 'x',
      }),
      await virtualAccounts.close(ID as never),
      await virtualAccounts.listTransfers(undefined),
      await virtualAccounts.decideTransfer({ attemptId: ID } as never),
      await payouts.listPayouts('p1'),
      await payouts.listTransactions('po_1', undefined),
    ]
    expect(outcomes.map(({ kind }) => kind)).toEqual(outcomes.map(() => 'unknown'))
    expect(troubles.map(({ call, id }) => [call, id])).toEqual([
      ['open', ID],
      ['close', ID],
      ['listTransfers', ''],
      ['decideTransfer', ID],
      ['listPayouts', 'p1'],
      ['listTransactions', 'po_1'],
    ])
    expect(JSON.stringify(troubles)).not.toContain(PAN)
  },
)

const OPENED = { kind: 'opened', accountNumber: 'ACME1001X', ifscCode: 'ACME0000001' }
const OPEN = { virtualAccountId: ID as never, beneficiaryName: 'Shop', description: 'x' }
test.each<[what: string, answer: object]>([
  ['a number that could be a card', { ...OPENED, accountNumber: PAN }],
  ['a number with a blank', { ...OPENED, accountNumber: 'ACME 1001' }],
  ['a number of three characters', { ...OPENED, accountNumber: 'ABC' }],
  ['a number of 35 characters', { ...OPENED, accountNumber: 'A'.repeat(35) }],
  ['no bank code', { ...OPENED, ifscCode: undefined }],
  ['a wrong bank code', { ...OPENED, ifscCode: 'ACME1000001' }],
])('an answer with %s to an opening leads to the outcome unknown', async (_what, answer) => {
  const { troubles, virtualAccounts } = answering(answer)
  expect((await virtualAccounts.open(OPEN)).kind).toBe('unknown')
  expect(JSON.stringify(troubles)).not.toContain(PAN)
})

test('an opened account keeps its known fields, and a refusal is passed', async () => {
  const { troubles, virtualAccounts } = answering({ ...OPENED, card: PAN, beneficiaryName: 'Shop' })
  expect(await virtualAccounts.open(OPEN)).toEqual({ ...OPENED, beneficiaryName: 'Shop' })
  expect(await answering({ kind: 'refused' }).virtualAccounts.open(OPEN)).toEqual({
    kind: 'refused',
  })
  expect(troubles).toEqual([])
})

const TRANSFER = {
  virtualAccountId: ID,
  utr: 'HDFCN26112200001',
  amount: AMOUNT,
  mode: 'NEFT',
  payerName: 'Asha Rao',
  payerIfscCode: 'HDFC0000001',
}
const pageOf = (...items: unknown[]) => ({ kind: 'page', items, next: 'p1' })

test('a page is passed without unknown fields, and whole numbers become exact amounts', async () => {
  const remote = { ...TRANSFER, amount: { amountMinor: 100, currency: 'INR' }, receivedAtMs: null }
  const { troubles, virtualAccounts } = answering(pageOf({ ...remote, card: PAN }))
  expect(await virtualAccounts.listTransfers(undefined)).toEqual(pageOf(TRANSFER))
  expect(await answering({ kind: 'page', items: [] }).payouts.listPayouts('p1')).toEqual({
    kind: 'page',
    items: [],
  })
  expect(troubles).toEqual([])
})

test.each<[field: string, change: object]>([
  ['virtualAccountId', { virtualAccountId: 'x' }],
  ['utr', { utr: '' }],
  ['utr', { utr: 'U'.repeat(51) }],
  ['utr', { utr: PAN }],
  ['amount', { amount: { amountMinor: 0n, currency: 'INR' } }],
  ['amount', { amount: { amountMinor: 1.5, currency: 'INR' } }],
  ['amount', { amount: { amountMinor: 100n, currency: 'USD' } }],
  ['amount', { amount: { amountMinor: '100', currency: 'INR' } }],
  ['mode', { mode: 'UPI' }],
  ['payerName', { payerName: 7 }],
  ['payerIfscCode', { payerIfscCode: 'HDFC' }],
  ['receivedAtMs', { receivedAtMs: TIME_MS / 1_000 }],
  ['receivedAtMs', { receivedAtMs: '2026-11-22' }],
])(
  'a page with one transfer whose %s is wrong leads to the outcome unknown, and the report names the field',
  async (field, change) => {
    const { troubles, virtualAccounts } = answering(pageOf(TRANSFER, { ...TRANSFER, ...change }))
    const reason = `items[1].${field} of the page has the wrong shape`
    expect(await virtualAccounts.listTransfers(undefined)).toEqual({ kind: 'unknown', reason })
    expect(troubles.map(({ trouble }) => trouble)).toEqual([reason])
  },
)

const PAYOUT = {
  payoutReference: 'po_1',
  amount: AMOUNT,
  initiatedAtMs: TIME_MS,
  bankAccount: EXAMPLE_BANK_ACCOUNT,
  result: { status: 'initiated' },
}
test.each<[field: string, change: object]>([
  ['payoutReference', { payoutReference: PAN }],
  ['amount', { amount: { amountMinor: -1n, currency: 'INR' } }],
  ['initiatedAtMs', { initiatedAtMs: undefined }],
  ['connectedAccountId', { connectedAccountId: 'x' }],
  ['bankAccount.bankName', { bankAccount: {} }],
  [
    'bankAccount.lastFourDigits',
    { bankAccount: { ...EXAMPLE_BANK_ACCOUNT, lastFourDigits: '123456789012' } },
  ],
  ['result.status', { result: { status: 'done' } }],
  ['result.bankReference', { result: { status: 'paid', decidedAtMs: TIME_MS } }],
  ['result.decidedAtMs', { result: { status: 'failed', failureCode: 'declined' } }],
])(
  'a page with one payout whose %s is wrong leads to the outcome unknown, whose reason names the field',
  async (field, change) => {
    const { payouts } = answering(pageOf({ ...PAYOUT, ...change }))
    const reason = `items[0].${field} of the page has the wrong shape`
    expect(await payouts.listPayouts(undefined)).toEqual({ kind: 'unknown', reason })
  },
)

test('an unknown reason for a failed payout becomes the general one', async () => {
  const result = { status: 'failed', decidedAtMs: TIME_MS, failureCode: 'moon' }
  const { payouts } = answering(pageOf({ ...PAYOUT, result }))
  expect(await payouts.listPayouts(undefined)).toEqual(
    pageOf({ ...PAYOUT, result: { ...result, failureCode: 'declined' } }),
  )
})

const WRONG_NEXT = 'next of the page has the wrong shape'

test.each<[what: string, page: object, reason: string]>([
  ['without next', { kind: 'page', items: [TRANSFER] }, WRONG_NEXT],
  ['with a number as next', { kind: 'page', items: [], next: 7 }, WRONG_NEXT],
  ['with a card number as next', { ...pageOf(TRANSFER), next: PAN }, WRONG_NEXT],
  [
    'with too many items',
    pageOf(...Array.from({ length: REPORT_COUNT_MAX + 1 }, () => TRANSFER)),
    'the page has more than 500 items',
  ],
])('a page %s leads to the outcome unknown', async (_what, page, reason) => {
  const { virtualAccounts } = answering(page)
  expect(await virtualAccounts.listTransfers(undefined)).toEqual({ kind: 'unknown', reason })
})

test('the last page of the transactions of a payout needs no field "next"', async () => {
  const page = { kind: 'page', items: [{ kind: 'refund', id: ID }] }
  expect(await answering(page).payouts.listTransactions('po_1', undefined)).toEqual(page)
})
