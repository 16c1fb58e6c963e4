import { beforeAll, describe, expect, test } from 'vitest'
import {
  ACCOUNT,
  account,
  answerFor,
  attemptOf,
  draw,
  NOW_MS,
  type OpenEngine,
  OTHER_ACCOUNT,
  session,
  useStore,
} from '../../../test/support/stored-rows.ts'
import { type AccountId, BUCKET_COUNT } from '../../domain/id.ts'
import type { PaymentSessionRecord, Store } from '../../operations/store.ts'

/** Payment sessions and transactions, as tests that every engine passes. */
export function sessionTests(open: OpenEngine): void {
  describe('sessions', () => {
    const db = useStore(open)

    test('a session is read back unchanged, with all fields and with only the required fields', async () => {
      const full = session({
        invoiceNumber: 'INV-1',
        referenceNumber: 'ref ₹ 😀',
        echoedJson: '{"description":"a \\"b\\" 😀"}',
        configurationsJson: '{"allowed_payment_methods":["card"]}',
        transferDetailsJson: '[{"connected_account_id":"1","amount_minor":"1"}]',
        amount: { amountMinor: 10n ** 12n, currency: 'JPY' },
      })
      const bare = session({ echoedJson: '{}' })
      for (const one of [full, bare]) {
        expect(await db.store.paymentSessions.insert(one, undefined, NOW_MS)).toBe('stored')
        expect(await db.store.paymentSessions.find(one.id)).toEqual(one)
      }
    })

    test('an unknown session is undefined, even among known ones in one round trip', async () => {
      const knownSession = session()
      await db.store.paymentSessions.insert(knownSession, undefined, NOW_MS)
      const unknownId = session().id
      const results = await Promise.all(
        [knownSession.id, unknownId, knownSession.id].map((id) =>
          db.store.paymentSessions.find(id),
        ),
      )
      expect(results.map((one) => one?.id)).toEqual([knownSession.id, undefined, knownSession.id])
    })

    test('exactly one of several browsers that open a session concurrently becomes the first', async () => {
      const one = session()
      await db.store.paymentSessions.insert(one, undefined, NOW_MS)
      const hashes = Array.from({ length: 8 }, (_, index) => `hash ${index}`)
      const first = await Promise.all(
        hashes.map((hash) => db.store.paymentSessions.recordOpener(one.id, hash)),
      )
      expect(new Set(first).size).toBe(1)
      expect(hashes).toContain(first[0])
      expect(await db.store.paymentSessions.recordOpener(one.id, 'a later one')).toBe(first[0])
      expect(
        await db.store.paymentSessions.recordOpener(session().id, 'no session'),
      ).toBeUndefined()
      expect(await db.store.paymentSessions.find(one.id)).toEqual(one)
    })

    test('500 concurrent creations are all stored, in any buckets', async () => {
      const many = Array.from({ length: 500 }, (_, index) => session({}, index % BUCKET_COUNT))
      const outcomes = await Promise.all(
        many.map((one) => db.store.paymentSessions.insert(one, undefined, NOW_MS)),
      )
      expect(new Set(outcomes)).toEqual(new Set(['stored']))
      const results = await Promise.all(many.map(({ id }) => db.store.paymentSessions.find(id)))
      expect(results).toEqual(many)
    })

    test('a session keeps its customer, its type, and the link or virtual account that made it', async () => {
      const both = [
        session({ customerId: draw(3), paymentLinkId: draw(5) }, 5),
        session({ virtualAccountId: draw(5) }, 5),
        session({ typeFacts: { type: 'pos_payment', terminalId: 'PDTERM01' } }),
      ]
      for (const one of both) await db.store.paymentSessions.insert(one, undefined, NOW_MS)
      for (const one of both) expect(await db.store.paymentSessions.find(one.id)).toEqual(one)
    })

    test('a duplicate id is reported, and the first session stays', async () => {
      const first = session()
      await db.store.paymentSessions.insert(first, undefined, NOW_MS)
      const second = { ...first, accountId: OTHER_ACCOUNT }
      expect(await db.store.paymentSessions.insert(second, undefined, NOW_MS)).toBe('id_taken')
      const keyedAnswer = answerFor(second, 'key of a taken id')
      expect(await db.store.paymentSessions.insert(second, keyedAnswer, NOW_MS)).toBe('id_taken')
      expect((await db.store.paymentSessions.find(first.id))?.accountId).toBe(ACCOUNT)
      // The key is still free, because nothing was stored.
      const third = session()
      expect(
        await db.store.paymentSessions.insert(
          third,
          { ...keyedAnswer, resourceId: third.id },
          NOW_MS,
        ),
      ).toBe('stored')
    })

    test('a refused row does not undo others of its commit', async () => {
      const good = [session(), session(), session()]
      const bad = session({ accountId: '1' as AccountId })
      const inserts = [good[0], bad, good[1], good[2]].map((one) =>
        db.store.paymentSessions.insert(one as PaymentSessionRecord, undefined, NOW_MS),
      )
      const outcomes = await Promise.allSettled(inserts)
      expect(outcomes.map(({ status }) => status)).toEqual([
        'fulfilled',
        'rejected',
        'fulfilled',
        'fulfilled',
      ])
      for (const { id } of good) expect(await db.store.paymentSessions.find(id)).toBeDefined()
    })

    test('only one of several concurrent equal keys is stored, and the others get its answer', async () => {
      const many = Array.from({ length: 40 }, () => session())
      const outcomes = await Promise.all(
        many.map((one) => db.store.paymentSessions.insert(one, answerFor(one, 'one key'), NOW_MS)),
      )
      const storedSessions = many.filter((_, index) => outcomes[index] === 'stored')
      expect(storedSessions).toHaveLength(1)
      for (const outcome of outcomes) {
        if (outcome === 'stored') continue
        expect(outcome).toEqual({
          storedAnswer: answerFor(storedSessions[0] as PaymentSessionRecord, 'one key'),
        })
      }
      const results = await Promise.all(many.map(({ id }) => db.store.paymentSessions.find(id)))
      expect(results.filter((one) => one !== undefined)).toHaveLength(1)
    })

    test('a key is free again 24 hours after its use', async () => {
      const [first, later] = [session(), session()]
      await db.store.paymentSessions.insert(first, answerFor(first, 'aging'), NOW_MS)
      const dayLater = NOW_MS + 24 * 60 * 60_000
      expect(
        await db.store.paymentSessions.insert(later, answerFor(later, 'aging'), dayLater),
      ).toBe('stored')
    })

    test('a transaction that throws is rolled back, and others of its commit are kept', async () => {
      const [keptSession, lostSession] = [session(), session()]
      await Promise.all(
        [keptSession, lostSession].map((one) =>
          db.store.paymentSessions.insert(one, undefined, NOW_MS),
        ),
      )
      const [good, bad] = await Promise.allSettled([
        db.store.transaction(async (tx) =>
          tx.paymentSessions.update({ ...keptSession, status: 'canceled' }),
        ),
        db.store.transaction(async (tx) => {
          await tx.paymentSessions.update({ ...lostSession, status: 'canceled' })
          throw new Error('changed my mind')
        }),
      ])
      expect([good.status, bad.status]).toEqual(['fulfilled', 'rejected'])
      expect((await db.store.paymentSessions.find(keptSession.id))?.status).toBe('canceled')
      expect((await db.store.paymentSessions.find(lostSession.id))?.status).toBe('created')
    })

    test('a statement that fails and is caught never commits half a transaction', async () => {
      const one = session()
      await db.store.paymentSessions.insert(one, undefined, NOW_MS)
      const work = db.store.transaction(async (tx) => {
        await tx.paymentSessions.update({ ...one, status: 'canceled' })
        // A status that the table does not allow.
        await tx.paymentSessions.update({ ...one, status: 'nonsense' as 'created' }).catch(() => {})
      })
      // The answer shows whether the engine committed or rolled back.
      const [{ status }] = await Promise.allSettled([work])
      const expected = status === 'fulfilled' ? 'canceled' : 'created'
      expect((await db.store.paymentSessions.find(one.id))?.status).toBe(expected)
    })

    test('uncommitted rows are invisible', async () => {
      const one = session()
      await db.store.paymentSessions.insert(one, undefined, NOW_MS)
      const reads: Promise<PaymentSessionRecord | undefined>[] = []
      await db.store
        .transaction(async (tx) => {
          await tx.paymentSessions.update({ ...one, status: 'canceled' })
          reads.push(db.store.paymentSessions.find(one.id))
          throw new Error('never mind')
        })
        .catch(() => {})
      expect((await reads[0])?.status).toBe('created')
    })

    test('the second of two transactions on one session sees the writes of the first', async () => {
      const one = session()
      await db.store.paymentSessions.insert(one, undefined, NOW_MS)
      await Promise.all(
        Array.from({ length: 20 }, () =>
          db.store.transaction(async (tx) => {
            const before = await tx.paymentSessions.lock(one.id)
            if (before === undefined) throw new Error('gone')
            await tx.paymentSessions.update({
              ...before,
              attemptCountMax: 3,
              attemptCount: (before.attemptCount + 1) % 4,
            })
          }),
        ),
      )
      expect((await db.store.paymentSessions.find(one.id))?.attemptCount).toBe(20 % 4)
    })

    describe('the list of an account’s sessions', () => {
      const LISTED = '60000000003' as AccountId
      const sessions: PaymentSessionRecord[] = []
      beforeAll(async () => {
        await db.store.transaction((tx) => tx.accounts.insert(account(LISTED), NOW_MS))
        for (let index = 0; index < 30; index += 1) {
          const createdAtMs = NOW_MS + index * 60_000
          sessions.push(
            session({
              accountId: LISTED,
              createdAtMs,
              expiresAtMs: createdAtMs + 300_000,
              status: index % 3 === 0 ? 'canceled' : 'created',
              referenceNumber: `r${index % 10}`,
              invoiceNumber: `i${index}`,
              amount: { amountMinor: BigInt(100 + (index % 15)), currency: 'INR' },
              // The index by amount has only sessions for which a payment was begun.
              attemptCount: index === 5 ? 0 : 1,
            }),
          )
        }
        await Promise.all(
          sessions.map((one) => db.store.paymentSessions.insert(one, undefined, NOW_MS)),
        )
      })
      const list = (
        filter: Parameters<Store['paymentSessions']['list']>[1],
        page = 1,
        perPage = 200,
      ) => db.store.paymentSessions.list(LISTED, filter, { page, perPage }, NOW_MS + 10 * 60_000)

      test('is newest first, in pages, with the total', async () => {
        const first = await list({}, 1, 20)
        const second = await list({}, 2, 20)
        const beyond = await list({}, 3, 20)
        expect([first.total, second.total, beyond.total]).toEqual([30, 30, 30])
        const ids = [...first.items, ...second.items].map(({ id }) => id)
        expect(ids).toEqual(sessions.map(({ id }) => id).reverse())
        expect(beyond.items).toEqual([])
      })

      test('is filtered by status, where expired depends on the clock', async () => {
        const canceledPage = await list({ status: 'canceled' })
        const expiredPage = await list({ status: 'expired' })
        const open = await list({ status: 'created' })
        expect([canceledPage.total, expiredPage.total, open.total]).toEqual([10, 4, 16])
        expect(expiredPage.items.every((one) => one.expiresAtMs <= NOW_MS + 600_000)).toBe(true)
      })

      test('is filtered by numbers and by time', async () => {
        expect((await list({ referenceNumber: 'r3' })).total).toBe(3)
        expect((await list({ invoiceNumber: 'i3' })).items.map(({ id }) => id)).toEqual([
          sessions[3]?.id,
        ])
        const window = { createdFromMs: NOW_MS + 60_000, createdToMs: NOW_MS + 180_000 }
        expect((await list(window)).items.map(({ id }) => id)).toEqual([
          sessions[2]?.id,
          sessions[1]?.id,
        ])
        expect((await list({ ...window, referenceNumber: 'r1', status: 'expired' })).total).toBe(1)
      })

      test('is filtered by an exact amount, alone and with other filters', async () => {
        const amount = { amountMinor: 103n, currency: 'INR' } as const
        const idsOf = async (filter: Parameters<typeof list>[0]) =>
          (await list(filter)).items.map(({ id }) => id)
        expect(await idsOf({ amount })).toEqual([sessions[18]?.id, sessions[3]?.id])
        expect(await idsOf({ amount, referenceNumber: 'r3' })).toEqual([sessions[3]?.id])
        expect(await idsOf({ amount, searchText: 'i18' })).toEqual([sessions[18]?.id])
        expect(await idsOf({ amount: { ...amount, currency: 'USD' } })).toEqual([])
        const other = { amountMinor: 105n, currency: 'INR' } as const
        expect(await idsOf({ amount: other })).toEqual([sessions[20]?.id])
        expect(await idsOf({ amount, createdToMs: NOW_MS + 240_000 })).toEqual([sessions[3]?.id])
        expect(await idsOf({ amount, status: 'canceled' })).toEqual([
          sessions[18]?.id,
          sessions[3]?.id,
        ])
      })

      test('is searched by a number, an id and the contacts of payers, each session once', async () => {
        const [first, second] = sessions
        if (first === undefined || second === undefined) throw new Error('two are needed')
        const email = 'asha@shop.example'
        const customer = { email, phone: '9000000001' }
        const attempts = [
          attemptOf(first, 1, { accountId: LISTED, customer }),
          attemptOf(first, 2, { accountId: LISTED, customer }),
          attemptOf(second, 1, { accountId: LISTED, customer: { email } }),
        ]
        await db.store.transaction(async (tx) => {
          for (const attempt of attempts) await tx.paymentAttempts.insert(attempt)
        })
        const idsOf = async (searchText: string, more: Parameters<typeof list>[0] = {}) =>
          (await list({ searchText, ...more })).items.map(({ id }) => id)
        expect(await idsOf(email)).toEqual([second.id, first.id])
        expect(await idsOf('9000000001')).toEqual([first.id])
        expect(await idsOf('r3')).toEqual(
          [sessions[23], sessions[13], sessions[3]].map((one) => one?.id),
        )
        expect(await idsOf('i3')).toEqual([sessions[3]?.id])
        expect(await idsOf(first.id, { searchId: first.id })).toEqual([first.id])
        expect(await idsOf(email, { referenceNumber: 'r1' })).toEqual([second.id])
        expect(await idsOf(email, { status: first.status, createdToMs: NOW_MS + 1 })).toEqual([
          first.id,
        ])
        expect(await idsOf('nobody@shop.example')).toEqual([])
        const page = await db.store.paymentSessions.list(
          LISTED,
          { searchText: email },
          { page: 2, perPage: 1 },
          NOW_MS,
        )
        expect([page.total, page.items.map(({ id }) => id)]).toEqual([2, [first.id]])
        const payments = await db.store.paymentAttempts.list(
          LISTED,
          { searchText: 'i0', amount: first.amount },
          { page: 1, perPage: 25 },
        )
        expect(payments.items.map(({ id }) => id)).toEqual([attempts[1]?.id, attempts[0]?.id])
        const byAmount = await db.store.paymentAttempts.list(
          LISTED,
          { amount: second.amount },
          { page: 1, perPage: 25 },
        )
        expect(byAmount.items.map(({ id }) => id)).toEqual([attempts[2]?.id])
      })
    })
  })
}
