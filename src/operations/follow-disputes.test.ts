import { afterEach, beforeEach, expect, test } from 'vitest'
import { type ExampleBank, openExampleBank } from '../../test/support/example-bank.ts'
import { openMemoryStore } from '../../test/support/memory-store.ts'
import { inr, writeCapturedAttempt } from '../../test/support/stored-books.ts'
import { ACCOUNT, account, OTHER_ACCOUNT } from '../../test/support/stored-rows.ts'
import type { PaymentAttempt } from '../domain/payment-attempt.ts'
import type { ReportedDispute } from '../processors/dispute-reports.ts'
import { guardProcessor } from '../processors/guarded-processor.ts'
import { followDisputes } from './follow-disputes.ts'
import { FEED_RETRY_MS } from './read-feed.ts'

let world: Awaited<ReturnType<typeof openMemoryStore>>
let bank: ExampleBank
let troubles: string[]
beforeEach(async () => {
  world = await openMemoryStore()
  bank = openExampleBank()
  troubles = []
  await world.store.transaction(async (tx) => {
    await tx.accounts.insert(account(ACCOUNT), world.clock.nowMs())
    await tx.accounts.insert(account(OTHER_ACCOUNT, { edition: 'US' }), world.clock.nowMs())
  })
})
afterEach(() => world.store.close())

/** Reads all pages that the bank has. */
async function follow(): Promise<void> {
  const ask = async () => ({ kind: 'unknown', reason: '' }) as const
  const processor = guardProcessor(
    { name: 'bank', charge: ask, findCharge: ask, refund: ask, disputes: bank.disputes },
    { clock: world.clock, report: ({ trouble }) => troubles.push(trouble), callMsMax: 1_000 },
  )
  const deps = {
    ...world,
    mode: 'live' as const,
    processor,
    onTrouble: (trouble: string) => troubles.push(trouble),
  }
  while ((await followDisputes(deps)) !== undefined);
}
const later = () => world.clock.advance(FEED_RETRY_MS)

const reportOf = (
  { id }: Pick<PaymentAttempt, 'id'>,
  more: Partial<ReportedDispute> = {},
): ReportedDispute => ({
  disputeReference: 'dp_1',
  attemptId: id,
  amount: inr(500n),
  reason: 'fraudulent',
  openedAtMs: world.clock.nowMs(),
  result: { status: 'open' },
  ...more,
})
const readStored = (attempt: PaymentAttempt) => world.store.paymentAttempts.find(attempt.id)
const newest = (attempt: PaymentAttempt) => world.store.disputes.findCurrent(attempt.id)
async function expectSoundBooks(): Promise<void> {
  expect((await world.store.ledger.check()).discrepancies).toEqual([])
}

test('a reported dispute takes its amount and its fee, and a win returns them', async () => {
  const attempt = await writeCapturedAttempt(world.store, inr(500n))
  const open = reportOf(attempt, { feeMinor: 20n })
  bank.disputeReports.push(open)
  await follow()
  expect(await newest(attempt)).toMatchObject({
    status: 'open',
    reason: 'fraudulent',
    feeMinor: 20n,
    processorReference: 'dp_1',
  })
  expect((await readStored(attempt))?.money.disputedMinor).toBe(500n)
  await expectSoundBooks()
  const decidedAtMs = world.clock.nowMs() + 5
  bank.disputeReports.push({ ...open, result: { status: 'won', decidedAtMs } })
  later()
  await follow()
  expect(await newest(attempt)).toMatchObject({ status: 'won', decidedAtMs })
  expect((await readStored(attempt))?.money.disputedMinor).toBe(0n)
  await expectSoundBooks()
  expect(troubles).toEqual([])
})

test('a repeated report changes nothing, and a first report can already have a decision', async () => {
  const attempt = await writeCapturedAttempt(world.store, inr(500n))
  const open = reportOf(attempt)
  const lostDispute = {
    ...open,
    result: { status: 'lost', decidedAtMs: world.clock.nowMs() },
  } as const
  bank.disputeReports.push(lostDispute, open, lostDispute)
  await follow()
  expect(await newest(attempt)).toMatchObject({ status: 'lost' })
  expect((await readStored(attempt))?.money.disputedMinor).toBe(500n)
  await expectSoundBooks()
  expect(troubles).toEqual([])
})

test('a report of an unknown payment is read again until the payment is recorded', async () => {
  const missing = { id: '8123456789012345' as PaymentAttempt['id'] }
  const attempt = await writeCapturedAttempt(world.store, inr(500n))
  bank.disputeReports.push(
    reportOf(missing),
    reportOf(attempt, { disputeReference: 'dp_2', amount: inr(100n) }),
  )
  await follow()
  expect(troubles).toEqual([`dispute dp_1: there is no payment ${missing.id}`])
  // The other report of the page is recorded, once.
  expect(await newest(attempt)).toMatchObject({ processorReference: 'dp_2' })
  bank.disputeReports[0] = reportOf(attempt, { disputeReference: 'dp_2', amount: inr(100n) })
  later()
  await follow()
  expect((await readStored(attempt))?.money.disputedMinor).toBe(100n)
  expect(troubles).toHaveLength(1)
  await expectSoundBooks()
})

test('a report that contradicts its payment is refused with the reason', async () => {
  const ROWS: [more: Partial<ReportedDispute>, trouble: RegExp][] = [
    [{ amount: inr(501n) }, /exceeds the undisputed part of the captured amount/],
    [{ amount: { amountMinor: 5n, currency: 'USD' } }, /currency differs/],
  ]
  for (const [more, trouble] of ROWS) {
    const attempt = await writeCapturedAttempt(world.store, inr(500n))
    bank.disputeReports.splice(0, Number.POSITIVE_INFINITY, reportOf(attempt, more))
    later()
    await follow()
    expect(troubles.at(-1)).toMatch(trouble)
    expect(await newest(attempt)).toBeUndefined()
  }
  await expectSoundBooks()
})

test('an unusable page names its item and its field, and moves no money', async () => {
  const attempt = await writeCapturedAttempt(world.store, inr(500n))
  bank.disputeReports.push({ ...reportOf(attempt), openedAtMs: 17 })
  await follow()
  expect(troubles).toEqual(['items[0].openedAtMs of the page has the wrong shape'])
  expect(await newest(attempt)).toBeUndefined()
})
