/** Reports of a processor: transfers to virtual accounts, and payouts. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { BOTH_ENGINES, OPEN_ENGINE } from '../../test/support/both-engines.ts'
import {
  EXAMPLE_BANK_ACCOUNT,
  type ExampleBank,
  type ExamplePayout,
  openExampleBank,
} from '../../test/support/example-bank.ts'
import { createTestClock } from '../../test/support/memory-store.ts'
import { inr, writeCapturedAttempt } from '../../test/support/stored-books.ts'
import { ACCOUNT, account, OTHER_ACCOUNT } from '../../test/support/stored-rows.ts'
import type { VirtualAccountId } from '../domain/id.ts'
import type { Payout } from '../domain/payout.ts'
import { guardProcessor } from '../processors/guarded-processor.ts'
import { createIds } from '../server/ids.ts'
import { createRandom } from '../server/random.ts'
import { migrate } from '../store/engine/migrate.ts'
import { createStore } from '../store/store.ts'
import {
  closeLockedVirtualAccount,
  endVirtualAccounts,
  updateVirtualAccount,
} from './change-virtual-account.ts'
import { storeOpenedAccount } from './create-virtual-account.ts'
import { followDisputes } from './follow-disputes.ts'
import { followPayouts } from './follow-payouts.ts'
import {
  closeAtProcessorNext,
  followTransfers,
  REPEAT_CALL_MS,
  sendDecision,
} from './follow-transfers.ts'
import { FEED_POLL_MS, FEED_RETRY_MS } from './read-feed.ts'
import { refundPayment } from './refund-payment.ts'
import type { Store } from './store.ts'

const ALL = { page: 1, perPage: 50 }

class Killed extends Error {}

describe.each(BOTH_ENGINES)('what a processor reports, on %s', (engineName) => {
  const random = createRandom()
  const clock = createTestClock()
  const ids = createIds(clock, random)
  const bank: ExampleBank = openExampleBank()
  const troubles: string[] = []
  let store: Store
  beforeAll(async () => {
    const engine = await OPEN_ENGINE[engineName]()
    await migrate(engine)
    store = createStore(engine, random)
    await store.transaction(async (tx) => {
      await tx.accounts.insert(account(ACCOUNT), clock.nowMs())
      await tx.accounts.insert(account(OTHER_ACCOUNT), clock.nowMs())
    })
  })
  afterAll(() => store.close())
  beforeEach(() => {
    troubles.length = 0
    bank.notices.length = 0
    bank.isDown = false
    clock.advance(FEED_RETRY_MS)
  })

  const processor = guardProcessor(
    {
      name: 'example',
      charge: async () => ({ kind: 'declined', declineCode: 'card_declined' }),
      findCharge: async () => ({ kind: 'declined', declineCode: 'card_declined' }),
      refund: async () => ({ kind: 'succeeded' }),
      virtualAccounts: bank.virtualAccounts,
      payouts: bank.payouts,
      disputes: bank.disputes,
    },
    { clock, report: () => {} },
  )
  /** `killAt`: the process ends after its n-th database transaction. */
  const depsOf = (killAt?: number) => {
    let count = 0
    const transaction: Store['transaction'] = async (work) => {
      count += 1
      const result = await store.transaction(work)
      if (count === killAt) throw new Killed()
      return result
    }
    const onTrouble = (trouble: string) => void troubles.push(trouble)
    const mode = 'live' as const
    return {
      store: { ...store, transaction },
      clock,
      ids,
      random,
      mode,
      processor,
      onTrouble,
      batchSize: 2,
    }
  }
  async function work(deps = depsOf()): Promise<void> {
    for (const next of [
      followTransfers,
      followDisputes,
      followPayouts,
      sendDecision,
      closeAtProcessorNext,
    ]) {
      while ((await next(deps)) !== undefined);
    }
  }
  /** Advances the clock to the next read of the lists, and does all due work. */
  async function workLater(ms = FEED_RETRY_MS): Promise<void> {
    clock.advance(ms)
    await work()
  }
  async function openAccount(more: object = {}) {
    const id = ids.virtualAccount(7)
    const outcome = await bank.virtualAccounts.open({
      virtualAccountId: id,
      beneficiaryName: 'Shop',
      description: 'Deposits',
    })
    if (outcome.kind !== 'opened') throw new Error('the bank opens no account')
    const { accountNumber, ifscCode } = outcome
    const record = await store.transaction((tx) =>
      storeOpenedAccount(tx, { clock }, ACCOUNT, {
        number: { id, accountNumber, ifscCode, beneficiaryName: 'Shop' },
        request: { description: 'Deposits', ...more },
      }),
    )
    if (record === undefined) throw new Error('the account is not stored')
    return record
  }
  const send = (accountNumber: string, amountMinor: bigint, receivedAtMs?: number) =>
    bank.sendTransfer({
      accountNumber,
      amount: inr(amountMinor),
      ...(receivedAtMs !== undefined && { receivedAtMs }),
    })
  const transfersOf = async (id: VirtualAccountId) =>
    (await store.virtualAccounts.listTransfers(id, {}, ALL)).items
  const eventsOf = async (subject: object) =>
    (await store.webhookEvents.list(ACCOUNT, { subject } as never, ALL)).items.map(
      ({ type }) => type,
    )
  const ledgerAgrees = async () => {
    expect((await store.ledger.check()).discrepancies).toEqual([])
  }

  test('each reported transfer becomes one payment, whose id Paydesk sends to the processor', async () => {
    const { accountNumber, id } = await openAccount()
    const utrs = [100n, 200n, 300n].map((minor) => send(accountNumber, minor))
    await Promise.all([work(), work()])
    const rows = await transfersOf(id)
    expect(rows.map(({ utr }) => utr).toSorted()).toEqual(utrs)
    const expected = rows.map(({ id: attemptId, utr }) => ({
      virtualAccountId: id,
      utr,
      attemptId,
      decision: 'accepted',
    }))
    expect(bank.notices.toSorted(byUtr)).toEqual(expected.toSorted(byUtr))
    // The same page again, as after a crash between the record of its items and the record of its position.
    await store.processorFeeds.put('transfers', {
      position: undefined,
      nextReadAtMs: clock.nowMs(),
    })
    await work()
    expect(await transfersOf(id)).toHaveLength(3)
    expect(bank.notices).toHaveLength(3)
    await ledgerAgrees()
  })

  test('a transfer outside the limits fails, and Paydesk requests its return from the processor', async () => {
    const { accountNumber, id } = await openAccount({ maximumMinor: 500n })
    const utr = send(accountNumber, 501n)
    await workLater()
    expect((await transfersOf(id)).map(({ status }) => status)).toEqual(['failed'])
    expect(bank.notices).toMatchObject([{ utr, decision: 'returned' }])
    await ledgerAgrees()
  })

  test('a transfer that arrived before the end of its account succeeds, even if it is reported later', async () => {
    const record = await openAccount({ expiresOn: '2026-11-23' })
    const endMs = Date.parse('2026-11-24T00:00:00+05:30')
    clock.advance(endMs - clock.nowMs() + 1)
    send(record.accountNumber, 100n, endMs - 1)
    send(record.accountNumber, 100n, endMs)
    await workLater()
    const rows = await transfersOf(record.id)
    expect(rows.map(({ status }) => status).toSorted()).toEqual(['failed', 'succeeded'])
  })

  test('decisions are repeated until the processor has recorded them', async () => {
    const { accountNumber, id } = await openAccount()
    send(accountNumber, 100n)
    clock.advance(FEED_RETRY_MS)
    await followTransfers(depsOf())
    bank.isDown = true
    await sendDecision(depsOf())
    expect(await sendDecision(depsOf())).toBeUndefined()
    bank.isDown = false
    expect(bank.notices).toEqual([])
    await workLater(REPEAT_CALL_MS)
    expect(bank.notices).toMatchObject([{ virtualAccountId: id, decision: 'accepted' }])
  })

  test('concurrent workers send each decision once', async () => {
    const { accountNumber } = await openAccount()
    const utrs = Array.from({ length: 5 }, (_, index) => send(accountNumber, BigInt(index + 1)))
    clock.advance(FEED_RETRY_MS)
    while ((await followTransfers(depsOf())) !== undefined);
    const sendAll = async () => {
      while ((await sendDecision(depsOf())) !== undefined);
    }
    await Promise.all([sendAll(), sendAll(), sendAll(), sendAll()])
    const noticedUtrs = bank.notices.flatMap((one) => ('utr' in one ? one.utr : []))
    expect(noticedUtrs.toSorted()).toEqual(utrs.toSorted())
  })

  test('the closing of an account, by the merchant or by its time, is sent to the processor once', async () => {
    const closedAccount = await openAccount()
    const expiring = await openAccount({ expiresOn: '2026-11-24' })
    await store.transaction(async (tx) => {
      const lockedAccount = await tx.virtualAccounts.lock(closedAccount.id)
      return lockedAccount && closeLockedVirtualAccount(tx, depsOf(), lockedAccount)
    })
    bank.isDown = true
    await closeAtProcessorNext(depsOf())
    bank.isDown = false
    clock.advance(3 * 24 * 60 * 60_000)
    await endVirtualAccounts(depsOf())
    await work()
    await work()
    const closedReferences = bank.notices.flatMap((one) => ('closed' in one ? one.closed : []))
    expect(
      closedReferences.filter((one) => one === closedAccount.id || one === expiring.id).toSorted(),
    ).toEqual([closedAccount.id, expiring.id].toSorted())
    const refusal = await store.transaction(async (tx) => {
      const lockedAccount = await tx.virtualAccounts.lock(closedAccount.id)
      return (
        lockedAccount && updateVirtualAccount(tx, depsOf(), lockedAccount, { description: 'x' })
      )
    })
    expect(refusal).toHaveProperty('refused')
  })

  test('a transfer to an unknown account is reported, and the page is read again until it is recorded', async () => {
    const { accountNumber, id } = await openAccount()
    send(accountNumber, 700n)
    const utr = send(accountNumber, 800n)
    const wrong = ids.virtualAccount(7)
    Object.assign(bank.transfers.at(-1) ?? {}, { virtualAccountId: wrong })
    await workLater()
    expect(troubles).toEqual([`transfer ${utr}: there is no virtual account ${wrong}`])
    // The other transfer of the page is recorded.
    expect((await transfersOf(id)).map(({ amountMinor }) => amountMinor)).toEqual([700n])
    Object.assign(bank.transfers.at(-1) ?? {}, { virtualAccountId: id })
    await workLater()
    expect((await transfersOf(id)).map(({ amountMinor }) => amountMinor).toSorted()).toEqual([
      700n,
      800n,
    ])
  })

  test('a list that cannot be read is read again after a minute, and an empty one after half a minute', async () => {
    const { accountNumber, id } = await openAccount()
    await work()
    send(accountNumber, 100n)
    await workLater(FEED_POLL_MS - 1)
    expect(await transfersOf(id)).toEqual([])
    bank.isDown = true
    await workLater(1)
    bank.isDown = false
    await workLater(FEED_RETRY_MS - 1)
    expect(await transfersOf(id)).toEqual([])
    await workLater(1)
    expect(await transfersOf(id)).toHaveLength(1)
  })

  let payoutCount = 0
  async function report(
    amounts: readonly bigint[],
    more: Partial<ExamplePayout> = {},
  ): Promise<ExamplePayout> {
    const transactions = []
    for (const minor of amounts) {
      const { id } = await writeCapturedAttempt(store, inr(minor))
      transactions.push({ kind: 'payment', id } as const)
    }
    const payout: ExamplePayout = {
      payoutReference: `po_${payoutCount}`,
      amount: inr(amounts.reduce((sum, minor) => sum + minor, 0n)),
      initiatedAtMs: clock.nowMs(),
      bankAccount: EXAMPLE_BANK_ACCOUNT,
      result: { status: 'initiated' },
      transactions,
      ...more,
    }
    payoutCount += 1
    bank.reports.push(payout)
    return payout
  }
  const change = (payout: ExamplePayout, more: Partial<ExamplePayout>): ExamplePayout => {
    const changedPayout = { ...payout, ...more }
    bank.reports.push(changedPayout)
    return changedPayout
  }
  const paidStatus = (reference: string) =>
    ({ status: 'paid', decidedAtMs: clock.nowMs(), bankReference: reference }) as const
  const failedStatus = () =>
    ({ status: 'failed', decidedAtMs: clock.nowMs(), failureCode: 'account_closed' }) as const
  async function find({ payoutReference }: ExamplePayout): Promise<Payout> {
    const result = await store.payouts.findByProcessorReference(payoutReference)
    if (result === undefined) throw new Error(`payout ${payoutReference} is not recorded`)
    return result
  }

  test('a reported payout is listed with its transactions and events, and the ledger agrees', async () => {
    const reportedPayout = await report([100n, 200n, 300n])
    await workLater()
    const before = await find(reportedPayout)
    expect(before).toMatchObject({ status: 'initiated', amount: inr(600n), accountId: ACCOUNT })
    await ledgerAgrees()
    change(reportedPayout, { result: paidStatus('UTR-1') })
    await workLater()
    const after = await find(reportedPayout)
    expect(after).toMatchObject({ id: before.id, status: 'paid', bankReference: 'UTR-1' })
    const { items } = await store.balanceTransactions.listByPayout({ id: after.id, total: 3 }, ALL)
    expect(items.map(({ id }) => id).toSorted()).toEqual(
      reportedPayout.transactions.map(({ id }) => id).toSorted(),
    )
    expect(await eventsOf({ kind: 'payout', id: after.id })).toEqual([
      'payout.paid',
      'payout.initiated',
    ])
    expect(troubles).toEqual([])
    await ledgerAgrees()
  })

  test('a failed payout frees its transactions, and a later payout takes them', async () => {
    const reportedPayout = await report([100n, 200n, 300n], { result: failedStatus() })
    await workLater()
    expect((await find(reportedPayout)).status).toBe('failed')
    await ledgerAgrees()
    const second = change(reportedPayout, {
      payoutReference: 'po_again',
      result: paidStatus('UTR-2'),
    })
    await workLater()
    expect(await find(second)).toMatchObject({ status: 'paid', amount: inr(600n) })
    expect((await find(reportedPayout)).status).toBe('failed')
    expect(troubles).toEqual([])
    await ledgerAgrees()
  })

  test.each([1, 2, 3, 4, 5, 6])(
    'the work of a process that dies after database transaction %i for a report is continued, and each event is written once',
    async (killAt) => {
      const reportedPayout = await report([100n, 200n, 300n], { result: failedStatus() })
      clock.advance(FEED_RETRY_MS)
      await followPayouts(depsOf(killAt)).catch((error: unknown) => {
        if (!(error instanceof Killed)) throw error
      })
      await workLater()
      const result = await find(reportedPayout)
      expect(result.status).toBe('failed')
      expect(await eventsOf({ kind: 'payout', id: result.id })).toEqual([
        'payout.failed',
        'payout.initiated',
      ])
      await ledgerAgrees()
    },
  )

  test('payouts contain a reported dispute and its return, by the reference of the dispute', async () => {
    const disputedAttempt = await writeCapturedAttempt(store, inr(500n))
    const dispute = {
      disputeReference: 'dp_1',
      attemptId: disputedAttempt.id,
      amount: inr(200n),
      feeMinor: 20n,
      reason: 'duplicate',
      openedAtMs: clock.nowMs(),
      result: { status: 'open' },
    } as const
    bank.disputeReports.push(dispute)
    const paidOut = await report([], {
      amount: inr(280n),
      transactions: [
        { kind: 'payment', id: disputedAttempt.id },
        { kind: 'dispute', id: disputedAttempt.id, disputeReference: 'dp_1' },
      ],
    })
    await workLater()
    await workLater()
    expect(await find(paidOut)).toMatchObject({ status: 'initiated', amount: inr(280n) })
    await ledgerAgrees()
    bank.disputeReports.push({
      ...dispute,
      result: { status: 'won', decidedAtMs: clock.nowMs() },
    })
    const reportedPayout = await report([], {
      amount: inr(220n),
      transactions: [{ kind: 'dispute_return', id: disputedAttempt.id, disputeReference: 'dp_1' }],
    })
    await workLater()
    await workLater()
    expect(await find(reportedPayout)).toMatchObject({ amount: inr(220n) })
    await ledgerAgrees()
    troubles.length = 0
  })

  test('a payout waits for a payment that is not recorded yet, and takes nothing until then', async () => {
    const first = await report([100n])
    bank.reports.pop()
    const later = ids.paymentAttempt(ids.paymentSession(7))
    const waiting = change(first, {
      payoutReference: 'po_waiting',
      amount: inr(300n),
      transactions: [...first.transactions, { kind: 'payment', id: later }],
    })
    await workLater()
    expect(troubles).toEqual([`payout po_waiting: charge ${later} is not known`])
    expect(await store.payouts.findByProcessorReference('po_waiting')).toBeUndefined()
    await ledgerAgrees()
    const second = await writeCapturedAttempt(store, inr(200n))
    const transactions = [...first.transactions, { kind: 'payment', id: second.id } as const]
    Object.assign(waiting, { transactions })
    await workLater()
    expect(await find(waiting)).toMatchObject({ status: 'initiated', amount: inr(300n) })
    await ledgerAgrees()
  })

  test.each<[what: string, more: (one: ExamplePayout) => Partial<ExamplePayout>, trouble: RegExp]>([
    [
      'whose amount is not the sum of its transactions',
      () => ({ amount: inr(301n) }),
      /its amount is 3\.01, but the sum of its transactions is 3\.00/,
    ],
    ['without transactions', () => ({ transactions: [] }), /it has no transactions/],
    [
      'of a connected account that does not exist',
      () => ({ connectedAccountId: '99999999' as never }),
      /cannot contain a transaction of the kind "payment"/,
    ],
    [
      'in another currency',
      () => ({ amount: { amountMinor: 300n, currency: 'USD' } }),
      /belongs to another balance/,
    ],
  ])(
    'a payout %s is not recorded, and its transactions stay free',
    async (_what, more, trouble) => {
      const right = await report([100n, 200n])
      const wrong = { ...right, ...more(right) }
      bank.reports.splice(-1, 1, wrong)
      await workLater()
      expect(troubles).toEqual([expect.stringMatching(trouble)])
      expect(await store.payouts.findByProcessorReference(right.payoutReference)).toBeUndefined()
      await ledgerAgrees()
      // The processor corrects its report.
      bank.reports.splice(-1, 1, right)
      await workLater()
      expect((await find(right)).status).toBe('initiated')
      await ledgerAgrees()
    },
  )

  test('a transaction cannot be in two payouts, and a payout cannot have transactions of two merchants', async () => {
    const first = await report([100n])
    await workLater()
    const second = change(first, { payoutReference: 'po_second' })
    await workLater()
    expect(troubles).toEqual([expect.stringMatching(/^payout po_second: charge \d+ is in another/)])
    const foreign = await writeCapturedAttempt(store, inr(100n), {}, OTHER_ACCOUNT)
    const own = await writeCapturedAttempt(store, inr(100n))
    Object.assign(second, {
      amount: inr(200n),
      transactions: [own, foreign].map(({ id }) => ({ kind: 'payment', id })),
    })
    await workLater()
    expect(troubles.at(-1)).toMatch(/^payout po_second: charge \d+ belongs to another balance/)
    bank.reports.pop()
    await ledgerAgrees()
  })

  test('a final payout stays final, and its amount cannot change', async () => {
    const reportedPayout = await report([100n], { result: paidStatus('UTR-9') })
    await workLater()
    change(reportedPayout, { result: failedStatus() })
    await workLater()
    expect(troubles).toEqual([expect.stringMatching(/it is paid, and cannot become failed/)])
    bank.reports.pop()
    change(reportedPayout, { amount: inr(101n) })
    await workLater()
    expect(troubles.at(-1)).toMatch(/its amount differs from an earlier report/)
    bank.reports.pop()
    expect((await find(reportedPayout)).status).toBe('paid')
  })

  test('a refund that has not succeeded is named in the trouble', async () => {
    const reportedPayout = await report([500n])
    const [payment] = reportedPayout.transactions
    const refund = await store.transaction(async (tx) => {
      const attempt = await tx.paymentAttempts.find(payment?.id as never)
      const session = attempt && (await tx.paymentSessions.lock(attempt.paymentSessionId))
      if (attempt === undefined || session === undefined) throw new Error('no payment')
      return refundPayment(
        tx,
        depsOf(),
        { attempt, session },
        {
          amount: inr(100n),
          type: 'initiated_by_merchant',
          reason: 'others',
        },
      )
    })
    if ('refused' in refund) throw new Error('the refund is refused')
    Object.assign(reportedPayout, {
      amount: inr(400n),
      transactions: [...reportedPayout.transactions, { kind: 'refund', id: refund.id }],
    })
    await workLater()
    expect(troubles).toEqual([expect.stringMatching(`refund ${refund.id} is not known`)])
    bank.reports.pop()
  })
})

const byUtr = (one: object, other: object) =>
  ('utr' in one ? String(one.utr) : '') < ('utr' in other ? String(other.utr) : '') ? -1 : 1
