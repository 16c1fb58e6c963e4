import { describe, expect, test } from 'vitest'
import { inr, post, withBooks, writeCapturedAttempt } from '../../../test/support/stored-books.ts'
import {
  ACCOUNT,
  attemptOf,
  draw,
  NOW_MS,
  type OpenEngine,
  OTHER_ACCOUNT,
  session,
  transferOf,
} from '../../../test/support/stored-rows.ts'
import type { AccountId, CustomerId, PaymentLinkId, VirtualAccountId } from '../../domain/id.ts'
import type { LedgerPosting } from '../../domain/ledger.ts'
import type { PaymentAttempt } from '../../domain/payment-attempt.ts'
import type { Refund } from '../../domain/refund.ts'
import type { Transfer } from '../../domain/transfer.ts'
import type { ListTimes, StepThrough, Store } from '../../operations/store.ts'

/** Reads all items in steps of two. `between` runs after each step. */
async function allInSteps<Item>(
  list: (step: StepThrough<Item>) => Promise<readonly Item[]>,
  times: ListTimes = {},
  between: () => Promise<void> = async () => {},
): Promise<readonly Item[]> {
  const items: Item[] = []
  for (;;) {
    const step = await list({ times, after: items.at(-1), countMax: 2 })
    items.push(...step)
    if (step.length < 2) return items
    await between()
  }
}

const stepsOf = (store: Store, accountId: AccountId) => ({
  payments: (times?: ListTimes, between?: () => Promise<void>) =>
    allInSteps(
      async (step: StepThrough<PaymentAttempt>) =>
        (await store.paymentAttempts.listAfter(accountId, step)).map(({ attempt }) => attempt),
      times,
      between,
    ),
  refunds: () =>
    allInSteps((step: StepThrough<Refund>) => store.refunds.listAfter(accountId, step)),
  transfers: () =>
    allInSteps((step: StepThrough<Transfer>) => store.transfers.listAfter(accountId, step)),
  ledger: () =>
    allInSteps((step: StepThrough<LedgerPosting>) => store.ledger.listAfter(accountId, step)),
})

const keyOf = ({ kind, sourceId }: Pick<LedgerPosting, 'kind' | 'sourceId'>) =>
  `${kind} ${sourceId}`

/** Steps through the rows of an account, as tests that every engine passes. */
export function stepTests(open: OpenEngine): void {
  describe('steps through the rows of an account', () => {
    test('give each row once, oldest first, also rows of one millisecond', () =>
      withBooks(open, async ({ books, store }) => {
        const more = await Promise.all(
          [1n, 2n, 3n].map((amount) => writeCapturedAttempt(store, inr(amount))),
        )
        const second = transferOf(books.paid, 2)
        const third = transferOf(books.paid, 3, { createdAtMs: second.createdAtMs })
        await store.transaction(async (tx) => {
          for (const transfer of [third, second]) {
            await tx.transfers.insert(transfer)
            await post(tx, { type: 'transfer', transfer }, books.paid)
          }
        })
        const steps = stepsOf(store, ACCOUNT)
        const payments = await steps.payments()
        const { declined: declinedAttempt, late, paid: paidAttempt } = books
        expect(payments.map(({ id }) => id)).toEqual(
          [paidAttempt, late, declinedAttempt, ...more].map(({ id }) => id),
        )
        expect(payments[0]).toEqual(paidAttempt)
        const refunds = [books.refund, ...books.openRefunds, books.failed, books.lateRefund]
        expect((await steps.refunds()).map(({ id }) => id)).toEqual(refunds.map(({ id }) => id))
        expect((await steps.transfers()).map(({ id }) => id)).toEqual([
          books.transfer.id,
          second.id,
          third.id,
        ])

        const postings = await steps.ledger()
        expect(new Set(postings.map(keyOf)).size).toBe(postings.length)
        expect(postings.map(keyOf).toSorted()).toEqual(
          [
            ...[paidAttempt, ...more].map(({ id }) => `capture ${id}`),
            `fee ${paidAttempt.id}`,
            `tax ${paidAttempt.id}`,
            `refund ${books.refund.id}`,
            ...[books.transfer, second, third].map(({ id }) => `transfer ${id}`),
            `transfer_reversal ${books.reversal.id}`,
            `late_capture ${late.id}`,
            `late_refund ${books.lateRefund.id}`,
          ].toSorted(),
        )
        expect(postings.find(({ kind }) => kind === 'fee')).toEqual({
          kind: 'fee',
          sourceId: paidAttempt.id,
          paymentAttemptId: paidAttempt.id,
          accountId: ACCOUNT,
          debit: 'merchant',
          credit: 'fees',
          amount: inr(2_000n),
          createdAtMs: NOW_MS,
        })
      }))

    test('show a payment with its session, and nothing of another account', () =>
      withBooks(open, async ({ books, store }) => {
        const step = { times: {}, after: undefined, countMax: 10 }
        const [only, ...others] = await store.paymentAttempts.listAfter(OTHER_ACCOUNT, step)
        expect(others).toEqual([])
        expect(only).toEqual({
          attempt: books.other,
          session: { amount: inr(500n), echoedJson: '{"description":"Order"}' },
        })
        expect(await stepsOf(store, OTHER_ACCOUNT).refunds()).toEqual([])
        expect(await stepsOf(store, OTHER_ACCOUNT).transfers()).toEqual([])
        expect((await stepsOf(store, OTHER_ACCOUNT).ledger()).map(keyOf)).toEqual([
          `capture ${books.other.id}`,
        ])
      }))

    test('show the customer, the payment link and the virtual account of a payment', () =>
      withBooks(open, async ({ store }) => {
        const origins = {
          customerId: draw<CustomerId>(5),
          paymentLinkId: draw<PaymentLinkId>(7),
          virtualAccountId: draw<VirtualAccountId>(7),
        }
        const one = session({ ...origins, createdAtMs: NOW_MS + 20 })
        await store.paymentSessions.insert(one, undefined, NOW_MS)
        const startedAttempt = attemptOf(one, 1, { createdAtMs: NOW_MS + 20 })
        await store.transaction((tx) => tx.paymentAttempts.insert(startedAttempt))
        const step = { times: { createdFromMs: NOW_MS + 20 }, after: undefined, countMax: 10 }
        const results = await store.paymentAttempts.listAfter(ACCOUNT, step)
        expect(results).toEqual([
          { attempt: startedAttempt, session: expect.objectContaining(origins) },
        ])
      }))

    test('contain rows at the start of a period, and none at its end', () =>
      withBooks(open, async ({ store }) => {
        const writes = []
        for (const offset of [10, 11, 12, 13]) {
          writes.push(
            await writeCapturedAttempt(store, inr(1n), { createdAtMs: NOW_MS + offset, number: 1 }),
          )
        }
        const results = await stepsOf(store, ACCOUNT).payments({
          createdFromMs: NOW_MS + 10,
          createdToMs: NOW_MS + 13,
        })
        expect(results.map(({ id }) => id)).toEqual(writes.slice(0, 3).map(({ id }) => id))
      }))

    test('neither omit nor repeat a row while payments are written, and do not delay these writes', () =>
      withBooks(open, async ({ store }) => {
        for (let count = 0; count < 6; count += 1) await writeCapturedAttempt(store, inr(1n))
        const before = await stepsOf(store, ACCOUNT).payments()
        let writtenCount = 0
        const results = await stepsOf(store, ACCOUNT).payments(
          { createdToMs: NOW_MS + 2 },
          async () => {
            // One row before the position of the steps, one after it, and one after the period.
            for (const createdAtMs of [NOW_MS - 5, NOW_MS + 1, NOW_MS + 2]) {
              await writeCapturedAttempt(store, inr(1n), { createdAtMs })
              writtenCount += 1
              if (writtenCount > 12) return
            }
          },
        )
        expect(writtenCount).toBeGreaterThan(6)
        const ids = results.map(({ id }) => id)
        expect(new Set(ids).size).toBe(ids.length)
        expect(ids).toEqual(expect.arrayContaining(before.map(({ id }) => id)))
        expect(results.every(({ createdAtMs }) => createdAtMs < NOW_MS + 2)).toBe(true)
      }))
  })
}
