import { afterEach, beforeEach, expect, test } from 'vitest'
import { openMemoryStore } from '../../test/support/memory-store.ts'
import { inr, writeCapturedAttempt } from '../../test/support/stored-books.ts'
import { ACCOUNT, account, endpointOf, OTHER_ACCOUNT } from '../../test/support/stored-rows.ts'
import type { Payout } from '../domain/payout.ts'
import { decidePayout, type PayoutDeps, payOutNext, runPayouts } from './pay-out.ts'
import type { Store } from './store.ts'

const HOUR_MS = 60 * 60_000
const DAY_MS = 24 * HOUR_MS
const PAGE = { page: 1, perPage: 50 }

let world: Awaited<ReturnType<typeof openMemoryStore>>
const open = async () => {
  const memoryStore = await openMemoryStore()
  await memoryStore.store.transaction(async (tx) => {
    const nowMs = memoryStore.clock.nowMs()
    await tx.accounts.insert(account(ACCOUNT), nowMs)
    await tx.accounts.insert(account(OTHER_ACCOUNT, { edition: 'US' }), nowMs)
    const enabledEvents = ['payout.initiated', 'payout.paid', 'payout.failed'] as const
    await tx.webhookEndpoints.put(endpointOf(ACCOUNT, { enabledEvents }))
  })
  return memoryStore
}
beforeEach(async () => {
  world = await open()
})
afterEach(() => world.store.close())

class Killed extends Error {}

/** The process ends at its n-th database transaction, before or after the commit. */
function depsOf({
  killAt,
  isCommitted = false,
  batchSize = 2,
}: {
  readonly killAt?: number
  readonly isCommitted?: boolean
  readonly batchSize?: number
} = {}): PayoutDeps {
  let count = 0
  const transaction: Store['transaction'] = async (work) => {
    count += 1
    if (count === killAt && !isCommitted) throw new Killed()
    const result = await world.store.transaction(work)
    if (count === killAt) throw new Killed()
    return result
  }
  return { ...world, mode: 'sandbox', batchSize, store: { ...world.store, transaction } }
}

/** False: the process was killed. */
async function workUntilIdle(deps: PayoutDeps): Promise<boolean> {
  try {
    while ((await payOutNext(deps)) !== undefined);
    return true
  } catch (error) {
    if (error instanceof Killed) return false
    throw error
  }
}

const pay = async (amounts: readonly bigint[]) => {
  for (const amount of amounts) await writeCapturedAttempt(world.store, inr(amount))
}
const listPayouts = async (): Promise<readonly Payout[]> =>
  (await world.store.payouts.list(ACCOUNT, {}, PAGE)).items
const eventTypes = async () =>
  (await world.store.webhookEvents.list(ACCOUNT, {}, PAGE)).items.map(({ type }) => type).toSorted()

async function expectSoundBooks(): Promise<void> {
  expect((await world.store.ledger.check()).discrepancies).toEqual([])
}

const AMOUNTS = [100n, 200n, 300n, 400n, 500n]
const KILLS = Array.from({ length: 9 }, (_, index) => index + 1).flatMap((killAt) => [
  { killAt, isCommitted: false },
  { killAt, isCommitted: true },
])

test.each(KILLS)(
  'a run that is killed at database transaction $killAt (committed: $isCommitted) continues, and pays each balance transaction once',
  async (kill) => {
    await pay(AMOUNTS)
    await workUntilIdle(depsOf())
    world.clock.advance(3 * DAY_MS)
    await workUntilIdle(depsOf(kill))
    await expectSoundBooks()
    expect(await workUntilIdle(depsOf())).toBe(true)
    const payouts = await listPayouts()
    expect(payouts.map(({ amount, status }) => [amount.amountMinor, status])).toEqual([
      [1_500n, 'paid'],
    ])
    expect(await eventTypes()).toEqual(['payout.initiated', 'payout.paid'])
    await expectSoundBooks()
  },
)

test.each(KILLS)(
  'if the release of a failed payout is killed at database transaction $killAt (committed: $isCommitted), each balance transaction becomes free later',
  async (kill) => {
    await pay(AMOUNTS)
    await workUntilIdle(depsOf())
    world.clock.advance(3 * DAY_MS)
    const [payout] = await runPayouts(depsOf(), ACCOUNT)
    if (payout === undefined) throw new Error('there is no payout')
    const failure = { type: 'record_failure', failureCode: 'declined' } as const
    await decidePayout(depsOf(), payout.id, failure)
    await workUntilIdle(depsOf(kill))
    await expectSoundBooks()
    const [second] = await runPayouts(depsOf(), ACCOUNT)
    expect(second?.amount).toEqual(payout.amount)
    await expectSoundBooks()
    expect((await listPayouts()).map(({ status }) => status).toSorted()).toEqual([
      'failed',
      'initiated',
    ])
  },
)

test('several concurrent processes make one payout', async () => {
  await pay(AMOUNTS)
  await workUntilIdle(depsOf())
  world.clock.advance(3 * DAY_MS)
  await Promise.all([depsOf(), depsOf(), depsOf({ batchSize: 100 })].map(workUntilIdle))
  expect((await listPayouts()).map(({ status }) => status)).toEqual(['paid'])
  expect(await eventTypes()).toEqual(['payout.initiated', 'payout.paid'])
  await expectSoundBooks()
})

test('one of several concurrent decisions about a payout is recorded, and the others are refused', async () => {
  await pay(AMOUNTS)
  world.clock.advance(3 * DAY_MS)
  const [payout] = await runPayouts(depsOf(), ACCOUNT)
  if (payout === undefined) throw new Error('there is no payout')
  const decisions = await Promise.all(
    [0, 1, 2, 3].map((index) =>
      decidePayout(
        depsOf(),
        payout.id,
        index % 2 === 0
          ? { type: 'record_payment' }
          : { type: 'record_failure', failureCode: 'declined' },
      ),
    ),
  )
  expect(decisions.filter((one) => one !== undefined && 'refused' in one)).toHaveLength(3)
  await workUntilIdle(depsOf())
  await expectSoundBooks()
})

test('runs that a stopped server has missed are made later in order, except those of days without money', async () => {
  await workUntilIdle(depsOf())
  await pay([100n])
  // The server is down for a month.
  world.clock.advance(30 * DAY_MS)
  await workUntilIdle(depsOf())
  const [payout] = await listPayouts()
  // Sunday, 22 November: available on Tuesday.
  expect(new Date(payout?.createdAtMs ?? 0).toISOString()).toBe('2026-11-24T04:30:00.000Z')
  expect(payout?.status).toBe('paid')
  const run = await world.store.payouts.findDueRun(world.clock.nowMs() + DAY_MS)
  expect(run?.nextRunAtMs).toBeGreaterThan(world.clock.nowMs())
  await expectSoundBooks()
})

test('payouts of one day have different bank references', async () => {
  await pay([100n])
  await writeCapturedAttempt(world.store, { amountMinor: 100n, currency: 'JPY' })
  world.clock.advance(3 * DAY_MS)
  await runPayouts(depsOf(), ACCOUNT)
  world.clock.advance(DAY_MS)
  await workUntilIdle(depsOf())
  const references = (await listPayouts()).map(({ bankReference }) => bankReference)
  expect(references.toSorted()).toEqual(['PAYD261126000001', 'PAYD261126000002'])
})
