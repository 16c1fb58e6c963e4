import { beforeAll, describe, expect, test } from 'vitest'
import {
  ACCOUNT,
  attemptOf,
  draw,
  NOW_MS,
  type OpenEngine,
  OTHER_ACCOUNT,
  refundOf,
  reversalOf,
  session,
  transferOf,
  useStore,
  withOutcome,
} from '../../../test/support/stored-rows.ts'
import {
  type AccountId,
  bucketOf,
  type PaymentSessionId,
  type RefundApprovalId,
  type RefundId,
  type TransferId,
} from '../../domain/id.ts'
import type { PaymentAttempt } from '../../domain/payment-attempt.ts'
import type { Refund } from '../../domain/refund.ts'
import type { RefundApproval } from '../../domain/refund-approval.ts'
import type { Transfer, TransferReversal } from '../../domain/transfer.ts'
import type { ListTimes, TransferFilter } from '../../operations/store.ts'

/** Refunds, transfers and their reversals, as tests that every engine passes. */
export function refundAndTransferTests(open: OpenEngine): void {
  describe('refunds and transfers', () => {
    const db = useStore(open)

    let paidAttempt: PaymentAttempt
    beforeAll(async () => {
      const one = session()
      await db.store.paymentSessions.insert(one, undefined, NOW_MS)
      paidAttempt = withOutcome(attemptOf(one, 1), { status: 'succeeded' })
      await db.store.transaction((tx) => tx.paymentAttempts.insert(paidAttempt))
    })

    test('a request for a refund is read back unchanged, is the only waiting one of its payment, and is decided once', async () => {
      const { store } = db
      const approval: RefundApproval = {
        id: draw<RefundApprovalId>(bucketOf(paidAttempt.id)),
        accountId: ACCOUNT,
        paymentAttemptId: paidAttempt.id,
        amount: { amountMinor: 500n, currency: 'INR' },
        reason: 'others',
        requestedBy: 'op_1',
        createdAtMs: NOW_MS,
        expiresAtMs: NOW_MS + 1_000,
        status: 'waiting',
      }
      const otherId = draw<RefundApprovalId>(bucketOf(paidAttempt.id))
      const other = { ...approval, id: otherId, createdAtMs: NOW_MS - 1 }
      const insert = (one: RefundApproval) =>
        store.transaction((tx) => tx.refundApprovals.insert(one))
      const update = (one: RefundApproval) =>
        store.transaction((tx) => tx.refundApprovals.update(one))
      const waiting = () =>
        store.transaction((tx) => tx.refundApprovals.findWaiting(paidAttempt.id))
      expect([await insert(approval), await insert(approval)]).toEqual([true, false])
      expect(await store.refundApprovals.find(approval.id)).toEqual(approval)
      expect(await waiting()).toEqual(approval)
      expect(await store.refundApprovals.findWaiting(paidAttempt.id)).toEqual(approval)
      await expect(insert(other)).rejects.toThrow(/unique|refund_approvals/i)
      const decision = { decidedBy: 'op_2', decidedAtMs: NOW_MS + 5 }
      const rejection = { ...approval, ...decision, status: 'rejected' as const }
      expect([await update(rejection), await update(rejection)]).toEqual([true, false])
      expect(await waiting()).toBeUndefined()
      expect(await insert(other)).toBe(true)
      const end = (nowMs: number) =>
        store.transaction((tx) => tx.refundApprovals.endExpired(paidAttempt.id, nowMs))
      await end(approval.expiresAtMs - 1)
      expect(await waiting()).toEqual(other)
      // Many decided requests do not hide an older one that waits.
      const ids = async (nowMs: number) =>
        (await store.refundApprovals.list(ACCOUNT, nowMs, 1)).map(({ id }) => id)
      expect(await ids(NOW_MS)).toEqual([approval.id, otherId])
      expect(await ids(other.expiresAtMs)).toEqual([approval.id])
      await end(approval.expiresAtMs)
      expect(await waiting()).toBeUndefined()
      const list = await store.refundApprovals.list(ACCOUNT, NOW_MS, 10)
      expect(list.map(({ status }) => status).toSorted()).toEqual(['expired', 'rejected'])
      expect(await store.refundApprovals.list(OTHER_ACCOUNT, NOW_MS, 10)).toEqual([])
      const pageOf = (accountId: AccountId, times: ListTimes) =>
        store.refundApprovals.listPage(accountId, times, { page: 1, perPage: 1 })
      expect(await pageOf(ACCOUNT, {})).toMatchObject({
        items: [{ id: approval.id }],
        total: 2,
        hasMore: true,
      })
      expect(await pageOf(ACCOUNT, { createdToMs: NOW_MS })).toMatchObject({
        items: [{ id: otherId, requestedBy: 'op_1' }],
        total: 1,
      })
      expect(await pageOf(OTHER_ACCOUNT, {})).toMatchObject({ items: [], total: 0 })
      // One person never approves alone, not even through a defect of the program.
      const third = { ...approval, id: draw<RefundApprovalId>(bucketOf(paidAttempt.id)) }
      await insert(third)
      const own = { status: 'approved', decidedBy: 'op_1', decidedAtMs: NOW_MS } as const
      const refundId = draw<RefundId>(bucketOf(paidAttempt.id))
      await expect(update({ ...third, ...own, refundId })).rejects.toThrow(/check/i)
    })

    test('a refund is read back unchanged after its insert and after each update', async () => {
      const first = refundOf(paidAttempt, { createdAtMs: NOW_MS + 1 })
      const second = refundOf(paidAttempt, { createdAtMs: NOW_MS + 2 })
      await db.store.transaction(async (tx) => {
        await tx.refunds.insert(second)
        await tx.refunds.insert(first)
      })
      expect(await db.store.refunds.listByPayment(paidAttempt.id)).toEqual([first, second])

      const { nextQueryAtMs: _, ...endedRefund } = { ...first, status: 'succeeded' as const }
      const waiting = {
        ...second,
        status: 'pending' as const,
        nextQueryAtMs: NOW_MS + 9,
        queryCount: 1,
      }
      await db.store.transaction(async (tx) => {
        await tx.refunds.update(endedRefund)
        await tx.refunds.update(waiting)
      })
      expect(await db.store.refunds.listByPayment(paidAttempt.id)).toEqual([endedRefund, waiting])
      expect(await db.store.refunds.listByPayment(draw(1))).toEqual([])

      // Two workers have queried the processor about the first refund. The slower worker has the older answer.
      await db.store.transaction((tx) => tx.refunds.update({ ...first, status: 'pending' }))
      expect(await db.store.refunds.listByPayment(paidAttempt.id)).toEqual([endedRefund, waiting])
    })

    test('transfers are listed in the order of the request, independent of their ids', async () => {
      const ids = Array.from({ length: 3 }, () => draw<TransferId>(bucketOf(paidAttempt.id)))
      const transfers = ids.toReversed().map(
        (id, index): Transfer => ({
          id,
          accountId: ACCOUNT,
          paymentAttemptId: paidAttempt.id,
          number: index + 1,
          connectedAccountId: OTHER_ACCOUNT,
          amount: { amountMinor: 10n ** 12n - BigInt(index), currency: 'JPY' },
          reversedMinor: 0n,
          createdAtMs: NOW_MS,
        }),
      )
      await db.store.transaction(async (tx) => {
        for (const transfer of transfers) await tx.transfers.insert(transfer)
      })
      expect(await db.store.transfers.listByPayment(paidAttempt.id)).toEqual(transfers)
      expect(await db.store.transfers.listByPayment(draw(1))).toEqual([])
    })

    test('a refund keeps all of its fields and its outcome', async () => {
      const full = refundOf(paidAttempt, {
        type: 'initiated_by_customer',
        reason: 'requested_by_customer',
        amount: { amountMinor: 10n ** 12n, currency: 'JPY' },
        description: 'Too small "₹" 😀',
        metaDataJson: '[{"key":"a","value":"b 😀"}]',
      })
      await db.store.transaction((tx) => tx.refunds.insert(full))
      expect(await db.store.refunds.find(full.id)).toEqual(full)
      expect(await db.store.refunds.find(draw(1))).toBeUndefined()

      const { nextQueryAtMs: _, ...open } = full
      const failedRefund = {
        ...({ ...open, status: 'failed', failureReason: 'insufficient_funds' } as const),
        processorReference: 're_1 😀',
        decidedAtMs: NOW_MS + 9,
        queryCount: 4,
      }
      const update = (refund: Refund) => db.store.transaction((tx) => tx.refunds.update(refund))
      expect(await update({ ...full, status: 'pending', processorReference: 're_1' })).toBe(true)
      expect(await update(failedRefund)).toBe(true)
      expect(await db.store.refunds.find(full.id)).toEqual(failedRefund)
      expect(await db.store.transaction((tx) => tx.refunds.find(full.id))).toEqual(failedRefund)

      // The refund has ended: later answers change nothing.
      for (const late of [full, { ...failedRefund, status: 'succeeded' } as const, failedRefund]) {
        expect(await update(late)).toBe(false)
      }
      expect(await db.store.refunds.find(full.id)).toEqual(failedRefund)
      expect(await update(refundOf(paidAttempt))).toBe(false)
    })

    test('only one of 20 concurrent outcomes of a refund is written', async () => {
      const { nextQueryAtMs: _, ...refund } = refundOf(paidAttempt)
      await db.store.transaction((tx) => tx.refunds.insert({ ...refund, nextQueryAtMs: NOW_MS }))
      const ends = Array.from({ length: 20 }, (_, index) => ({
        ...refund,
        status: 'succeeded' as const,
        decidedAtMs: NOW_MS + index,
      }))
      const results = await Promise.all(
        ends.map((end) => db.store.transaction((tx) => tx.refunds.update(end))),
      )
      expect(results.filter((isWritten) => isWritten)).toHaveLength(1)
      expect(await db.store.refunds.find(refund.id)).toEqual(ends[results.indexOf(true)])
    })

    test('refunds are listed newest first, in pages, with the total', async () => {
      const one = session()
      await db.store.paymentSessions.insert(one, undefined, NOW_MS)
      const attempt = attemptOf(one, 1)
      const refunds = Array.from({ length: 5 }, (_, index) =>
        refundOf(attempt, { createdAtMs: NOW_MS + Math.floor(index / 2) }),
      )
      await db.store.transaction(async (tx) => {
        await tx.paymentAttempts.insert(attempt)
        for (const refund of refunds) await tx.refunds.insert(refund)
      })
      const list = (page: number) => db.store.refunds.listPage(attempt.id, { page, perPage: 3 })
      const [first, second, third] = [await list(1), await list(2), await list(3)]
      expect([first.total, second.total, third.total]).toEqual([5, 5, 5])
      expect([...first.items, ...second.items]).toEqual(refunds.toReversed())
      expect(third.items).toEqual([])
    })
  })

  describe('transfers and reversals', () => {
    const db = useStore(open)
    const [THIRD, FOURTH] = ['60000000003', '60000000004'] as [AccountId, AccountId]
    const payments: PaymentAttempt[] = []
    const transfers: Transfer[] = []
    const reversals: TransferReversal[] = []
    beforeAll(async () => {
      for (const bucket of [7, 200]) {
        const one = session({}, bucket)
        await db.store.paymentSessions.insert(one, undefined, NOW_MS)
        payments.push(withOutcome(attemptOf(one, 1), { status: 'succeeded' }))
      }
      await db.store.transaction(async (tx) => {
        for (const payment of payments) await tx.paymentAttempts.insert(payment)
        for (let index = 0; index < 12; index += 1) {
          const payment = payments[index % 2] as PaymentAttempt
          const transfer = transferOf(payment, index + 1, {
            createdAtMs: NOW_MS + Math.floor(index / 4) * 60_000,
            connectedAccountId: index % 3 === 0 ? THIRD : FOURTH,
            ...(index % 2 === 0 && { description: `part ${index} ₹` }),
          })
          const reversal = reversalOf(transfer, {
            createdAtMs: transfer.createdAtMs + 1_000,
            ...(index % 2 === 1 && { description: 'sent back' }),
          })
          transfers.push(transfer)
          reversals.push(reversal)
          await tx.transfers.insert(transfer)
          await tx.transferReversals.insert(reversal)
        }
        await tx.paymentAttempts.insert(
          attemptOf({ id: payments[0]?.paymentSessionId as PaymentSessionId }, 9),
        )
      })
    })

    const byTime = <Row extends { createdAtMs: number; id: string }>(rows: readonly Row[]) =>
      rows.toSorted((a, b) => a.createdAtMs - b.createdAtMs || Number(a.id) - Number(b.id))
    const list = (filter: TransferFilter, page = 1, perPage = 200) =>
      db.store.transfers.list(ACCOUNT, filter, { page, perPage })
    const listReversals = (filter: TransferFilter, page = 1, perPage = 200) =>
      db.store.transferReversals.list(ACCOUNT, filter, { page, perPage })

    test('are read back unchanged', async () => {
      for (const one of transfers) {
        expect(await db.store.transfers.find(one.id)).toEqual(one)
        expect(await db.store.transaction((tx) => tx.transfers.find(one.id))).toEqual(one)
      }
      for (const one of reversals)
        expect(await db.store.transferReversals.find(one.id)).toEqual(one)
      expect(await db.store.transfers.find(draw(1))).toBeUndefined()
      expect(await db.store.transferReversals.find(draw(1))).toBeUndefined()
      const [payment] = payments as [PaymentAttempt]
      expect(await db.store.transaction((tx) => tx.transfers.listByPayment(payment.id))).toEqual(
        transfers.filter(({ paymentAttemptId }) => paymentAttemptId === payment.id),
      )
    })

    test('are listed newest first or oldest first, in pages, with the total, only of the account', async () => {
      const pages = [await list({}, 1, 5), await list({}, 2, 5), await list({}, 3, 5)]
      expect(pages.map(({ total }) => total)).toEqual([12, 12, 12])
      expect(pages.flatMap((page) => page.items)).toEqual(byTime(transfers).toReversed())
      expect((await list({ isAscending: true })).items).toEqual(byTime(transfers))
      const reversalPages = [await listReversals({}, 1, 7), await listReversals({}, 2, 7)]
      expect(reversalPages.map(({ total }) => total)).toEqual([12, 12])
      expect(reversalPages.flatMap((page) => page.items)).toEqual(byTime(reversals).toReversed())
      expect((await listReversals({ isAscending: true })).items).toEqual(byTime(reversals))
      const page = { page: 1, perPage: 5 }
      const none = { items: [], total: 0, hasMore: false, isTotalCut: false }
      expect(await db.store.transfers.list(OTHER_ACCOUNT, {}, page)).toEqual(none)
      expect((await db.store.transferReversals.list(OTHER_ACCOUNT, {}, page)).total).toBe(0)
    })

    test('are filtered by payment, connected account, transfer and time', async () => {
      const expectBoth = async (filter: TransferFilter, keeps: (one: Transfer) => boolean) => {
        const expected = byTime(transfers).filter(keeps)
        expect(expected.length).toBeGreaterThan(0)
        const { total, items } = await list({ ...filter, isAscending: true })
        expect([total, items]).toEqual([expected.length, expected])
      }
      const [, payment] = payments as [PaymentAttempt, PaymentAttempt]
      const paymentAttemptId = payment.id
      await expectBoth({ paymentAttemptId }, (one) => one.paymentAttemptId === paymentAttemptId)
      await expectBoth({ connectedAccountId: THIRD }, (one) => one.connectedAccountId === THIRD)
      const window = { createdFromMs: NOW_MS + 60_000, createdToMs: NOW_MS + 120_000 }
      await expectBoth(window, (one) => one.createdAtMs === NOW_MS + 60_000)
      await expectBoth(
        { ...window, paymentAttemptId, connectedAccountId: FOURTH },
        (one) => one === transfers[5] || one === transfers[7],
      )
      const [first] = transfers as [Transfer]
      expect(await listReversals({ transferId: first.id })).toEqual({
        items: [reversals[0]],
        total: 1,
        hasMore: false,
        isTotalCut: false,
      })
      expect((await listReversals(window)).total).toBe(4)
    })

    test('the database itself refuses to reverse more than the transferred amount', async () => {
      const [one] = transfers as [Transfer]
      const update = (reversedMinor: bigint) =>
        db.store.transaction((tx) => tx.transfers.update({ ...one, reversedMinor }))
      await update(one.amount.amountMinor)
      await expect(update(one.amount.amountMinor + 1n)).rejects.toThrow()
      await expect(update(-1n)).rejects.toThrow()
      expect((await db.store.transfers.find(one.id))?.reversedMinor).toBe(one.amount.amountMinor)
      await update(0n)
    })
  })
}
