import { beforeAll, describe, expect, test } from 'vitest'
import {
  ACCOUNT,
  attemptOf,
  draw,
  NOW_MS,
  type OpenEngine,
  OTHER_ACCOUNT,
  session,
  useStore,
  virtualAccountOf,
  withOutcome,
} from '../../../test/support/stored-rows.ts'
import type { BankTransfer } from '../../domain/bank-transfer.ts'
import { type AccountId, bucketOf, type CustomerId } from '../../domain/id.ts'
import { type VirtualAccount, virtualAccountAt } from '../../domain/virtual-account.ts'
import type { VirtualAccountFilter } from '../../operations/store.ts'

const DAY_MS = 24 * 60 * 60_000
const FIRST_PAGE = { page: 1, perPage: 200 }

/** Virtual accounts and their transfers, as tests that every engine passes. */
export function virtualAccountTests(open: OpenEngine): void {
  describe('virtual accounts', () => {
    const db = useStore(open)
    const { find, findByNumber } = {
      find: (id: VirtualAccount['id']) => db.store.virtualAccounts.find(id),
      findByNumber: (text: string) => db.store.virtualAccounts.findByNumber(text),
    }
    const insert = (account: VirtualAccount) =>
      db.store.transaction((tx) => tx.virtualAccounts.insert(account))

    test('an account is read back unchanged after its insert and after each update', async () => {
      const bare = virtualAccountOf(ACCOUNT)
      const full = virtualAccountOf(ACCOUNT, {
        customerId: draw<CustomerId>(3),
        minimumMinor: 10_000n,
        maximumMinor: 10n ** 15n,
        metaDataJson: '[{"key":"dealer","value":"d-9"}]',
        referenceNumber: 'dealer-9',
        expiresOn: '2026-12-25',
        lastTransferAtMs: NOW_MS + 5,
      })
      for (const one of [bare, full]) {
        expect(await insert(one)).toBe(true)
        expect(await find(one.id)).toEqual(one)
        expect(await findByNumber(one.accountNumber)).toEqual(one)
      }
      const after: VirtualAccount = {
        ...bare,
        description: 'Other deposits',
        minimumMinor: 1n,
        maximumMinor: 2n,
        paidMinor: 10n ** 15n,
        metaDataJson: '[]',
        referenceNumber: 'dealer-10',
        status: 'closed',
        expiresOn: '2027-01-01',
        changedAtMs: NOW_MS + 7,
        lastTransferAtMs: NOW_MS + 6,
      }
      await db.store.transaction(async (tx) => {
        expect(await tx.virtualAccounts.lock(bare.id)).toEqual(bare)
        await tx.virtualAccounts.update(after)
      })
      expect(await find(bare.id)).toEqual(after)
      expect(await find(draw(7))).toBeUndefined()
      expect(await findByNumber('PAYD')).toBeUndefined()
    })

    test('an account with a taken id or a taken number is not stored', async () => {
      const first = virtualAccountOf(ACCOUNT)
      await insert(first)
      expect(await insert({ ...first, accountNumber: 'PAYD-OTHER' })).toBe(false)
      const { accountNumber } = first
      expect(await insert(virtualAccountOf(OTHER_ACCOUNT, { accountNumber }, 9))).toBe(false)
      expect(await find(first.id)).toEqual(first)
    })

    test('a session of a virtual account or a direct charge is found, but not listed', async () => {
      const account = virtualAccountOf(ACCOUNT, { referenceNumber: 'dealer-listed' })
      await insert(account)
      const [hiddenSession, shownSession] = [
        session({ virtualAccountId: account.id, referenceNumber: 'dealer-listed' }),
        session({ referenceNumber: 'dealer-listed' }),
      ]
      const charge = session({
        referenceNumber: 'dealer-listed',
        typeFacts: { type: 'direct_charge', isOnSession: false },
      })
      await db.store.transaction(async (tx) => {
        expect(await tx.paymentSessions.insertOne(hiddenSession)).toBe(true)
        expect(await tx.paymentSessions.insertOne(hiddenSession)).toBe(false)
        expect(await tx.paymentSessions.insertOne(shownSession)).toBe(true)
        expect(await tx.paymentSessions.insertOne(charge)).toBe(true)
      })
      expect(await db.store.paymentSessions.find(hiddenSession.id)).toEqual(hiddenSession)
      expect(await db.store.paymentSessions.find(charge.id)).toEqual(charge)
      const list = async (filter: object) =>
        (await db.store.paymentSessions.list(ACCOUNT, filter, FIRST_PAGE, NOW_MS)).items
      expect(await list({ referenceNumber: 'dealer-listed' })).toEqual([shownSession])
      expect(await list({ status: 'created' })).toEqual([shownSession])
      expect(await list({})).toEqual([shownSession])
    })

    test('active accounts whose time has passed are due, the longest overdue first', async () => {
      const ending = [3, 1, 2].map((days) =>
        virtualAccountOf(OTHER_ACCOUNT, {
          createdAtMs: NOW_MS - 400 * DAY_MS,
          lastTransferAtMs: NOW_MS - (370 + days) * DAY_MS,
        }),
      )
      const [third, first, second] = ending
      const closedAccount = virtualAccountOf(OTHER_ACCOUNT, {
        expiresOn: '2026-11-01',
        status: 'closed',
      })
      const active = virtualAccountOf(OTHER_ACCOUNT, { expiresOn: '2026-11-30' })
      for (const one of [...ending, closedAccount, active]) await insert(one)
      const due = (countMax: number) => db.store.virtualAccounts.listDue(NOW_MS, countMax)
      expect(await due(32)).toEqual([third?.id, second?.id, first?.id])
      expect(await due(2)).toEqual([third?.id, second?.id])
      const next = await db.store.openWork.findNextDueMs(NOW_MS)
      // The end of 30 November in India.
      expect(next).toBe(Date.UTC(2026, 10, 30, 18, 30))
      for (const one of ending) {
        const after = virtualAccountAt(one, NOW_MS)
        await db.store.transaction((tx) => tx.virtualAccounts.update(after))
      }
      expect(await due(32)).toEqual([])
    })
  })

  listTests(open)
  transferTests(open)
}

function listTests(open: OpenEngine): void {
  describe('lists of virtual accounts', () => {
    const db = useStore(open)
    const LISTED = '60000000004' as AccountId
    const customer = draw<CustomerId>(3)
    const accounts = Array.from({ length: 12 }, (_, index) =>
      virtualAccountOf(
        index % 6 === 5 ? ACCOUNT : LISTED,
        {
          createdAtMs: NOW_MS + index * 1_000,
          status: index % 4 === 0 ? 'closed' : 'active',
          // The day has passed, and the end is not recorded yet.
          ...(index % 4 === 1 && { expiresOn: '2026-11-20' }),
          ...(index % 2 === 0 && { customerId: customer }),
          ...(index % 3 === 0 && { referenceNumber: 'dealer' }),
        },
        index,
      ),
    )
    const newestFirst = accounts
      .filter(({ accountId }) => accountId === LISTED)
      .toSorted((one, other) => other.createdAtMs - one.createdAtMs)
    beforeAll(async () => {
      await db.store.transaction(async (tx) => {
        const merchant = await tx.accounts.find(ACCOUNT)
        if (merchant === undefined) throw new Error('no account')
        const keys = { signing: { value: 'v1.x' }, api: { value: 'a' }, owner: { value: 'o' } }
        await tx.accounts.insert({ ...merchant, id: LISTED, keys }, NOW_MS)
        for (const one of accounts) await tx.virtualAccounts.insert(one)
      })
    })

    const statusOf = (one: VirtualAccount) => virtualAccountAt(one, NOW_MS).status
    type Row = readonly [string, VirtualAccountFilter, (one: VirtualAccount) => boolean]
    const third = newestFirst[2]
    const ROWS: readonly Row[] = [
      ['no filter', {}, () => true],
      ['active', { status: 'active' }, (one) => statusOf(one) === 'active'],
      ['closed, also by the clock', { status: 'closed' }, (one) => statusOf(one) === 'closed'],
      ['a customer', { customerId: customer }, (one) => one.customerId === customer],
      ['a reference', { referenceNumber: 'dealer' }, (one) => one.referenceNumber === 'dealer'],
      [
        'a customer, a reference and a status',
        { customerId: customer, referenceNumber: 'dealer', status: 'closed' },
        (one) =>
          one.customerId === customer &&
          one.referenceNumber === 'dealer' &&
          statusOf(one) === 'closed',
      ],
      ['a number', { accountNumber: third?.accountNumber ?? '' }, (one) => one === third],
      [
        'the number of another account',
        { accountNumber: accounts[5]?.accountNumber ?? '' },
        () => false,
      ],
      [
        'a number and another reference',
        { accountNumber: third?.accountNumber ?? '', referenceNumber: 'nobody' },
        () => false,
      ],
    ]

    test.each(ROWS)(
      '%s: exactly the matching accounts, newest first',
      async (_, filter, matches) => {
        const expected = newestFirst.filter(matches)
        const list = await db.store.virtualAccounts.list(LISTED, filter, FIRST_PAGE, NOW_MS)
        expect(list.items).toEqual(expected)
        const second = { page: 2, perPage: 2 }
        const page = await db.store.virtualAccounts.list(LISTED, filter, second, NOW_MS)
        expect(page.items).toEqual(expected.slice(2, 4))
        expect(page.hasMore).toBe(expected.length > 4)
      },
    )
  })
}

function transferTests(open: OpenEngine): void {
  describe('transfers to a virtual account', () => {
    const db = useStore(open)
    const account = virtualAccountOf(ACCOUNT)
    const transfers: BankTransfer[] = []
    beforeAll(async () => {
      await db.store.transaction(async (tx) => {
        await tx.virtualAccounts.insert(account)
        for (let index = 0; index < 9; index += 1) {
          const one = session({ virtualAccountId: account.id }, bucketOf(account.id))
          const isFailed = index % 3 === 2
          const attempt = withOutcome(attemptOf(one, 1), {
            status: isFailed ? 'failed' : 'succeeded',
            ...(isFailed && { declineCode: 'transfer_late' }),
          })
          await tx.paymentSessions.insertOne(one)
          await tx.paymentAttempts.insert(attempt)
          const transfer: BankTransfer = {
            id: attempt.id,
            virtualAccountId: account.id,
            utr: `UTR${index}`,
            amountMinor: BigInt(1_000 - ((index * 37) % 10) * 100),
            createdAtMs: NOW_MS + index * 1_000,
            status: isFailed ? 'failed' : 'succeeded',
            ...(index === 4 && { reverseAtMs: NOW_MS + 10_000 }),
          }
          await tx.virtualAccounts.insertTransfer(transfer)
          transfers.push(transfer)
        }
      })
    })
    const list = async (
      filter: Parameters<typeof db.store.virtualAccounts.listTransfers>[1],
      page = FIRST_PAGE,
    ) => (await db.store.virtualAccounts.listTransfers(account.id, filter, page)).items

    test('are listed by time and by amount, in both directions, and by status', async () => {
      const byTime = transfers.toReversed()
      expect(await list({})).toEqual(byTime)
      expect(await list({ isAscending: true })).toEqual(transfers)
      const byAmount = transfers.toSorted((one, other) =>
        one.amountMinor === other.amountMinor
          ? Number(one.id) - Number(other.id)
          : Number(one.amountMinor - other.amountMinor),
      )
      expect(await list({ order: 'amount', isAscending: true })).toEqual(byAmount)
      expect(await list({ order: 'amount' })).toEqual(byAmount.toReversed())
      expect(await list({ order: 'amount' }, { page: 2, perPage: 4 })).toEqual(
        byAmount.toReversed().slice(4, 8),
      )
      expect(await list({ status: 'failed' })).toEqual(
        byTime.filter(({ status }) => status === 'failed'),
      )
    })

    test('are found by the bank’s reference, which an account accepts once', async () => {
      const [first] = transfers
      if (first === undefined) throw new Error('no transfer')
      await db.store.transaction(async (tx) => {
        expect(await tx.virtualAccounts.findTransfer(account.id, 'UTR0')).toEqual(first)
        expect(await tx.virtualAccounts.findTransfer(account.id, 'UTR99')).toBeUndefined()
        expect(await tx.virtualAccounts.findTransfer(draw(7), 'UTR0')).toBeUndefined()
      })
      const repetition = db.store.transaction((tx) =>
        tx.virtualAccounts.insertTransfer({ ...first, id: transfers[1]?.id ?? first.id }),
      )
      await expect(repetition).rejects.toThrow()
      expect(await list({ isAscending: true })).toEqual(transfers)
    })

    test('a transfer is reversed once, when its time has come', async () => {
      const reversedTransfer = transfers[4]
      if (reversedTransfer === undefined) throw new Error('no transfer')
      const due = (nowMs: number) => db.store.virtualAccounts.listToReverse(nowMs, 9)
      expect(await due(NOW_MS + 9_999)).toEqual([])
      expect(await db.store.openWork.findNextDueMs(NOW_MS)).toBe(NOW_MS + 10_000)
      expect(await due(NOW_MS + 10_000)).toEqual([reversedTransfer])
      const end = () =>
        db.store.transaction((tx) => tx.virtualAccounts.endReversal(reversedTransfer.id))
      expect(await end()).toBe(true)
      expect(await end()).toBe(false)
      expect(await due(NOW_MS + 10_000)).toEqual([])
      await db.store.transaction((tx) =>
        tx.virtualAccounts.updateTransferStatus(reversedTransfer.id, 'refunded'),
      )
      const { reverseAtMs: _, ...endedTransfer } = reversedTransfer
      expect(await list({ status: 'refunded' })).toEqual([{ ...endedTransfer, status: 'refunded' }])
    })
  })
}
