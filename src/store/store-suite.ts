/** The contract of a store, as tests that every engine passes. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { FEE_RATES_DEFAULT } from '../domain/fee.ts'
import {
  type AccountId,
  BUCKET_COUNT,
  bucketOf,
  idFrom,
  type PaymentAttemptId,
  type PaymentSessionId,
  type RefundId,
  type TransferId,
} from '../domain/id.ts'
import { NO_MONEY, type PaymentAttempt } from '../domain/payment-attempt.ts'
import type { Refund } from '../domain/refund.ts'
import type { Transfer } from '../domain/transfer.ts'
import type {
  AccountInsert,
  Grant,
  IdempotentAnswer,
  PaymentSessionRecord,
  Random,
  Store,
} from '../operations/ports.ts'
import type { SandboxCharge } from '../processors/sandbox-charge.ts'
import type { Engine } from './engine.ts'
import { migrate, readMigrations } from './migrate.ts'
import { createStore } from './store.ts'

const random: Random = {
  bytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
  below: (bound) => Math.floor(Math.random() * bound),
}

const ACCOUNT = '60000000001' as AccountId
const OTHER_ACCOUNT = '60000000002' as AccountId
const NOW_MS = Date.UTC(2026, 10, 22)

const account = (id: AccountId): AccountInsert => ({
  id,
  name: 'Shop',
  edition: 'IN',
  paymentMethods: ['card', 'upi'],
  feeRates: FEE_RATES_DEFAULT,
  frameOrigins: ['https://shop.example'],
  brandColor: '#1a56db',
  signingKeySealed: 'v1.x',
  apiKeyHash: 'a',
  ownerKeyHash: 'o',
})

let drawn = 0
function session(more: Partial<PaymentSessionRecord> = {}, bucket = 7): PaymentSessionRecord {
  drawn += 1
  return {
    id: idFrom({
      seconds: 1_000_000 + Math.floor(drawn / 10_000),
      bucket,
      counter: drawn % 10_000,
    }) as PaymentSessionId,
    accountId: ACCOUNT,
    amount: { amountMinor: 10_050n, currency: 'INR' },
    status: 'created',
    createdAtMs: NOW_MS,
    expiresAtMs: NOW_MS + 900_000,
    attemptCount: 0,
    attemptCountMax: 3,
    currentAttemptId: undefined,
    echoedJson: '{"description":"Order"}',
    ...more,
  }
}

/** Draws an id that this file has not drawn before. */
function draw<Id extends string>(bucket: number): Id {
  drawn += 1
  return idFrom({ seconds: 2_000_000, bucket, counter: drawn }) as Id
}

function attemptOf(
  of: Pick<PaymentSessionRecord, 'id'>,
  number: number,
  more: Partial<PaymentAttempt> = {},
): PaymentAttempt {
  return {
    id: draw<PaymentAttemptId>(bucketOf(of.id)),
    accountId: ACCOUNT,
    paymentSessionId: of.id,
    status: 'initiated',
    number,
    createdAtMs: NOW_MS + number,
    deadlineAtMs: NOW_MS + 600_000,
    instrument: { type: 'netbanking', bankName: 'Bank' },
    askAtMs: NOW_MS + 60_000,
    askedCount: 0,
    money: NO_MONEY,
    ...more,
  }
}

/** The attempt as it is once nothing is open any more. */
function decided(
  { askAtMs: _, ...attempt }: PaymentAttempt,
  more: Pick<PaymentAttempt, 'status'> & Partial<PaymentAttempt>,
): PaymentAttempt {
  return { ...attempt, decidedAtMs: NOW_MS + 1_000, ...more }
}

function refundOf(of: Pick<PaymentAttempt, 'id'>, more: Partial<Refund> = {}): Refund {
  return {
    id: draw<RefundId>(bucketOf(of.id)),
    accountId: ACCOUNT,
    paymentAttemptId: of.id,
    amount: { amountMinor: 10_050n, currency: 'INR' },
    type: 'initiated_by_system',
    reason: 'system_initiated',
    status: 'initiated',
    createdAtMs: NOW_MS,
    askAtMs: NOW_MS,
    askedCount: 0,
    ...more,
  }
}

function answerFor(of: PaymentSessionRecord, key: string, request = 'r'): IdempotentAnswer {
  return {
    bucket: bucketOf(of.id),
    identityHash: key,
    requestHash: request,
    status: 201,
    answerSealed: `sealed for ${of.id}`,
    resourceId: of.id,
  }
}

/** Runs the suite on databases that `open` makes, each of them empty. */
export function storeSuite(name: string, open: () => Promise<Engine>): void {
  describe(`the store on ${name}`, () => {
    let engine: Engine
    let store: Store
    beforeAll(async () => {
      engine = await open()
      await migrate(engine)
      store = createStore(engine, random)
      await store.transaction(async (tx) => {
        await tx.insertAccount(account(ACCOUNT), NOW_MS)
        await tx.insertAccount(account(OTHER_ACCOUNT), NOW_MS)
      })
    })
    afterAll(() => store.close())

    test('migrating twice, and from several places at once, makes each step once', async () => {
      const empty = await open()
      const known = readMigrations().map((migration) => migration.name)
      const made = await Promise.all(
        [migrate(empty), migrate(empty)].map((one) => one.catch(String)),
      )
      expect(made.flat().filter((one) => known.includes(one))).toEqual(known)
      expect(await migrate(empty)).toEqual([])
      await empty.close()
    })

    test('a migration that fails leaves nothing behind', async () => {
      const empty = await open()
      const broken = {
        version: 1,
        name: 'broken',
        text: 'create table half (a integer); select nonsense',
      }
      await expect(migrate(empty, [broken])).rejects.toThrow()
      await expect(empty.read.all('select * from half', [])).rejects.toThrow()
      await empty.close()
    })

    test('a database of a newer program is refused', async () => {
      const newer = await open()
      await migrate(newer)
      await newer.transaction((sql) =>
        sql.run('insert into schema_migrations (version, name) values ($1, $2)', [
          99,
          'from_the_future',
        ]),
      )
      await expect(migrate(newer)).rejects.toThrow(/newer Paydesk/)
      await newer.close()
    })

    test('a session is read as it was stored, with every field and with as few as it can have', async () => {
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
        expect(await store.insertPaymentSession(one, undefined, NOW_MS)).toBe('stored')
        expect(await store.findPaymentSession(one.id)).toEqual(one)
      }
    })

    test('an unknown session is undefined, also among known ones in one round trip', async () => {
      const known = session()
      await store.insertPaymentSession(known, undefined, NOW_MS)
      const unknown = session().id
      const found = await Promise.all(
        [known.id, unknown, known.id].map((id) => store.findPaymentSession(id)),
      )
      expect(found.map((one) => one?.id)).toEqual([known.id, undefined, known.id])
    })

    test('500 creations at once are all stored, whatever their buckets', async () => {
      const many = Array.from({ length: 500 }, (_, index) => session({}, index % BUCKET_COUNT))
      const outcomes = await Promise.all(
        many.map((one) => store.insertPaymentSession(one, undefined, NOW_MS)),
      )
      expect(new Set(outcomes)).toEqual(new Set(['stored']))
      const found = await Promise.all(many.map(({ id }) => store.findPaymentSession(id)))
      expect(found).toEqual(many)
    })

    test('an id that is taken is answered so, and the first session stays', async () => {
      const first = session()
      await store.insertPaymentSession(first, undefined, NOW_MS)
      const second = { ...first, accountId: OTHER_ACCOUNT }
      expect(await store.insertPaymentSession(second, undefined, NOW_MS)).toBe('id_taken')
      const keyed = answerFor(second, 'key of a taken id')
      expect(await store.insertPaymentSession(second, keyed, NOW_MS)).toBe('id_taken')
      expect((await store.findPaymentSession(first.id))?.accountId).toBe(ACCOUNT)
      // The key was not spent on what was not stored.
      const third = session()
      expect(
        await store.insertPaymentSession(third, { ...keyed, resourceId: third.id }, NOW_MS),
      ).toBe('stored')
    })

    test('a row that the database refuses does not take its neighbours with it', async () => {
      const good = [session(), session(), session()]
      const bad = session({ accountId: '1' as AccountId })
      const inserts = [good[0], bad, good[1], good[2]].map((one) =>
        store.insertPaymentSession(one as PaymentSessionRecord, undefined, NOW_MS),
      )
      const outcomes = await Promise.allSettled(inserts)
      expect(outcomes.map(({ status }) => status)).toEqual([
        'fulfilled',
        'rejected',
        'fulfilled',
        'fulfilled',
      ])
      for (const { id } of good) expect(await store.findPaymentSession(id)).toBeDefined()
    })

    test('of equal keys at once one is stored, and the others get its answer', async () => {
      const many = Array.from({ length: 40 }, () => session())
      const outcomes = await Promise.all(
        many.map((one) => store.insertPaymentSession(one, answerFor(one, 'one key'), NOW_MS)),
      )
      const stored = many.filter((_, index) => outcomes[index] === 'stored')
      expect(stored).toHaveLength(1)
      for (const outcome of outcomes) {
        if (outcome === 'stored') continue
        expect(outcome).toEqual({
          answered: answerFor(stored[0] as PaymentSessionRecord, 'one key'),
        })
      }
      const found = await Promise.all(many.map(({ id }) => store.findPaymentSession(id)))
      expect(found.filter((one) => one !== undefined)).toHaveLength(1)
    })

    test('keys that are told apart by account or age are told apart', async () => {
      const [first, later] = [session(), session()]
      await store.insertPaymentSession(first, answerFor(first, 'aging'), NOW_MS)
      const dayLater = NOW_MS + 24 * 60 * 60_000
      expect(await store.insertPaymentSession(later, answerFor(later, 'aging'), dayLater)).toBe(
        'stored',
      )
    })

    test('a transaction that throws leaves nothing, and its neighbours in the commit stay', async () => {
      const [kept, lost] = [session(), session()]
      await Promise.all(
        [kept, lost].map((one) => store.insertPaymentSession(one, undefined, NOW_MS)),
      )
      const [good, bad] = await Promise.allSettled([
        store.transaction(async (tx) => tx.updatePaymentSession({ ...kept, status: 'canceled' })),
        store.transaction(async (tx) => {
          await tx.updatePaymentSession({ ...lost, status: 'canceled' })
          throw new Error('changed my mind')
        }),
      ])
      expect([good.status, bad.status]).toEqual(['fulfilled', 'rejected'])
      expect((await store.findPaymentSession(kept.id))?.status).toBe('canceled')
      expect((await store.findPaymentSession(lost.id))?.status).toBe('created')
    })

    test('a statement that fails and is caught does not let half a transaction through', async () => {
      const one = session()
      await store.insertPaymentSession(one, undefined, NOW_MS)
      const work = store.transaction(async (tx) => {
        await tx.updatePaymentSession({ ...one, status: 'canceled' })
        // A status that the table does not know.
        await tx.updatePaymentSession({ ...one, status: 'nonsense' as 'created' }).catch(() => {})
      })
      // Whether the engine goes on or takes all back, the answer says which.
      const [{ status }] = await Promise.allSettled([work])
      const expected = status === 'fulfilled' ? 'canceled' : 'created'
      expect((await store.findPaymentSession(one.id))?.status).toBe(expected)
    })

    test('nobody sees what is not committed', async () => {
      const one = session()
      await store.insertPaymentSession(one, undefined, NOW_MS)
      const reads: Promise<PaymentSessionRecord | undefined>[] = []
      await store
        .transaction(async (tx) => {
          await tx.updatePaymentSession({ ...one, status: 'canceled' })
          reads.push(store.findPaymentSession(one.id))
          throw new Error('never mind')
        })
        .catch(() => {})
      expect((await reads[0])?.status).toBe('created')
    })

    test('of two transactions on one session the second sees what the first wrote', async () => {
      const one = session()
      await store.insertPaymentSession(one, undefined, NOW_MS)
      await Promise.all(
        Array.from({ length: 20 }, () =>
          store.transaction(async (tx) => {
            const before = await tx.lockPaymentSession(one.id)
            if (before === undefined) throw new Error('gone')
            await tx.updatePaymentSession({
              ...before,
              attemptCountMax: 3,
              attemptCount: (before.attemptCount + 1) % 4,
            })
          }),
        ),
      )
      expect((await store.findPaymentSession(one.id))?.attemptCount).toBe(20 % 4)
    })

    describe('attempts', () => {
      test('are read as they were stored, with every field and with as few as they can have', async () => {
        const one = session()
        await store.insertPaymentSession(one, undefined, NOW_MS)
        const bare = attemptOf(one, 1)
        const open = attemptOf(one, 2, {
          status: 'pending',
          instrument: {
            type: 'card',
            brand: 'rupay',
            lastFourDigits: '3212',
            expiryMonth: 9,
            expiryYear: 2031,
            holderName: 'Asha "₹" 😀',
            funding: 'debit',
          },
          customer: { email: 'asha@example.in', phone: '919876543210' },
          processorReference: 'p 😀',
          action: { kind: 'redirect', to: 'issuer', url: 'https://issuer.example/?a="b"' },
          askedCount: 3,
        })
        const failed = decided(attemptOf(one, 3, { processorReference: 'p3' }), {
          status: 'failed',
          declineCode: 'expired_card',
        })
        const attempts = [bare, open, failed]
        const inserted = await store.transaction((tx) =>
          Promise.all(attempts.map((attempt) => tx.insertPaymentAttempt(attempt))),
        )
        expect(inserted).toEqual([true, true, true])
        for (const attempt of attempts) {
          expect(await store.findPaymentAttempt(attempt.id)).toEqual(attempt)
        }
        expect(await store.listPaymentAttempts(one.id)).toEqual([failed, open, bare])
        expect(await store.findPaymentAttempt(draw(1))).toBeUndefined()
      })

      test('are changed as a whole: what has gone is gone', async () => {
        const one = session()
        await store.insertPaymentSession(one, undefined, NOW_MS)
        const before = attemptOf(one, 1, {
          status: 'pending',
          processorReference: 'p1',
          action: { kind: 'upi_approve' },
        })
        const { action: _, ...rest } = before
        const after = decided(rest, {
          status: 'refunded',
          processorReference: 'p2',
          instrument: { type: 'wallet', walletName: 'Purse' },
          askedCount: 9,
        })
        const seen = await store.transaction(async (tx) => {
          await tx.insertPaymentAttempt(before)
          await tx.updatePaymentAttempt(after)
          return [await tx.findPaymentAttempt(after.id), await tx.listPaymentAttempts(one.id)]
        })
        expect(seen).toEqual([after, [after]])
        expect(await store.findPaymentAttempt(after.id)).toEqual(after)
      })

      test('an id that is taken is answered so, and the first attempt stays', async () => {
        const one = session()
        await store.insertPaymentSession(one, undefined, NOW_MS)
        const first = attemptOf(one, 1)
        const second = { ...attemptOf(one, 2), id: first.id }
        await store.transaction((tx) => tx.insertPaymentAttempt(first))
        expect(await store.transaction((tx) => tx.insertPaymentAttempt(second))).toBe(false)
        expect(await store.listPaymentAttempts(one.id)).toEqual([first])
      })

      test('a session cannot have two successes, nor two attempts with one number', async () => {
        const one = session()
        await store.insertPaymentSession(one, undefined, NOW_MS)
        const [first, second] = [attemptOf(one, 1), attemptOf(one, 2)]
        await store.transaction(async (tx) => {
          await tx.insertPaymentAttempt(first)
          await tx.insertPaymentAttempt(second)
          await tx.updatePaymentAttempt(decided(first, { status: 'succeeded' }))
        })
        const again = decided(second, { status: 'succeeded' })
        await expect(store.transaction((tx) => tx.updatePaymentAttempt(again))).rejects.toThrow()
        await expect(
          store.transaction((tx) => tx.insertPaymentAttempt(attemptOf(one, 2))),
        ).rejects.toThrow()
        expect(await store.findPaymentAttempt(second.id)).toEqual(second)
      })
    })

    describe('refunds and transfers', () => {
      let paid: PaymentAttempt
      beforeAll(async () => {
        const one = session()
        await store.insertPaymentSession(one, undefined, NOW_MS)
        paid = decided(attemptOf(one, 1), { status: 'succeeded' })
        await store.transaction((tx) => tx.insertPaymentAttempt(paid))
      })

      test('a refund is read as it was stored, and as its answers changed it', async () => {
        const first = refundOf(paid, { createdAtMs: NOW_MS + 1 })
        const second = refundOf(paid, { createdAtMs: NOW_MS + 2 })
        await store.transaction(async (tx) => {
          await tx.insertRefund(second)
          await tx.insertRefund(first)
        })
        expect(await store.listRefunds(paid.id)).toEqual([first, second])

        const { askAtMs: _, ...ended } = { ...first, status: 'succeeded' as const }
        const waiting = {
          ...second,
          status: 'pending' as const,
          askAtMs: NOW_MS + 9,
          askedCount: 1,
        }
        await store.transaction(async (tx) => {
          await tx.updateRefund(ended)
          await tx.updateRefund(waiting)
        })
        expect(await store.listRefunds(paid.id)).toEqual([ended, waiting])
        expect(await store.listRefunds(draw(1))).toEqual([])

        // Asked about by two workers, of which the slower one had heard less.
        await store.transaction((tx) => tx.updateRefund({ ...first, status: 'pending' }))
        expect(await store.listRefunds(paid.id)).toEqual([ended, waiting])
      })

      test('transfers are listed in the order of the request, whatever their ids', async () => {
        const ids = Array.from({ length: 3 }, () => draw<TransferId>(bucketOf(paid.id)))
        const transfers = ids.toReversed().map(
          (id, index): Transfer => ({
            id,
            accountId: ACCOUNT,
            paymentAttemptId: paid.id,
            number: index + 1,
            connectedAccountId: OTHER_ACCOUNT,
            amount: { amountMinor: 10n ** 12n - BigInt(index), currency: 'JPY' },
            reversedMinor: 0n,
            createdAtMs: NOW_MS,
          }),
        )
        await store.transaction(async (tx) => {
          for (const transfer of transfers) await tx.insertTransfer(transfer)
        })
        expect(await store.listTransfers(paid.id)).toEqual(transfers)
        expect(await store.listTransfers(draw(1))).toEqual([])
      })
    })

    describe.each(['attempt', 'refund'] as const)('the claim of a due %s', (kind) => {
      const LEASE_MS = 60_000
      // Empty, so that nothing is due which a test has not made so.
      let claimingEngine: Engine
      let claiming: Store
      beforeEach(async () => {
        claimingEngine = await open()
        await migrate(claimingEngine)
        claiming = createStore(claimingEngine, random)
        await claiming.transaction((tx) => tx.insertAccount(account(ACCOUNT), NOW_MS))
      })
      afterEach(() => claiming.close())

      const claim = (nowMs: number) =>
        kind === 'attempt'
          ? claiming.claimPaymentAttempt(nowMs, LEASE_MS)
          : claiming.claimRefund(nowMs, LEASE_MS)

      /** Makes one that is due at a time, or has ended. Gives its id. */
      async function make(askAtMs: number | undefined, bucket = 7): Promise<string> {
        const one = session({}, bucket)
        await claiming.insertPaymentSession(one, undefined, NOW_MS)
        const open = attemptOf(one, 1)
        const ended = decided(open, { status: 'refunded' })
        const { askAtMs: _, ...refund } = refundOf(open)
        const isEnded = askAtMs === undefined
        await claiming.transaction(async (tx) => {
          const isOpen = kind === 'attempt' && !isEnded
          await tx.insertPaymentAttempt(isOpen ? { ...open, askAtMs } : ended)
          if (kind === 'attempt') return
          await tx.insertRefund(
            isEnded ? { ...refund, status: 'succeeded' } : { ...refund, askAtMs },
          )
        })
        return kind === 'attempt' ? open.id : refund.id
      }

      /** Claims until none is due, as one lane of a worker does. */
      async function drain(nowMs: number): Promise<string[]> {
        const ids: string[] = []
        for (;;) {
          const claimed = await claim(nowMs)
          if (claimed === undefined) return ids
          ids.push(claimed.id)
        }
      }

      test('gives those that are due, the longest overdue of a bucket first, and no others', async () => {
        const [later, sooner] = [await make(NOW_MS), await make(NOW_MS - 1)]
        await make(NOW_MS + 1)
        await make(undefined)
        expect(await drain(NOW_MS)).toEqual([sooner, later])
      })

      test('gives it whole, with the lease as the next time to ask', async () => {
        const id = await make(NOW_MS)
        const claimed = await claim(NOW_MS)
        const stored =
          kind === 'attempt'
            ? await claiming.findPaymentAttempt(id as PaymentAttemptId)
            : (await claiming.listRefunds((claimed as Refund).paymentAttemptId))[0]
        expect(stored).toEqual({ ...claimed, askAtMs: NOW_MS + LEASE_MS })
        expect(claimed?.id).toBe(id)
      })

      test('of 20 claims at once no two get the same, and all that are due are got', async () => {
        const made = await Promise.all(
          Array.from({ length: 20 }, (_, index) => make(NOW_MS - index, index % 12)),
        )
        const atOnce = await Promise.all(Array.from({ length: 20 }, () => claim(NOW_MS)))
        const ids = atOnce.flatMap((claimed) => (claimed === undefined ? [] : [claimed.id]))
        expect(new Set(ids).size).toBe(ids.length)
        expect([...ids, ...(await drain(NOW_MS))].sort()).toEqual(made.sort())
      })

      test('looks at what is open, not at the whole table', async () => {
        if (claimingEngine.name !== 'sqlite') return
        const table = kind === 'attempt' ? 'payment_attempts' : 'refunds'
        const plan = await claimingEngine.read.all(
          `explain query plan select bucket, id from ${table} where ask_at_ms <= $1 order by ask_at_ms`,
          [NOW_MS],
        )
        expect(plan.map(({ detail }) => detail)).toEqual([expect.stringContaining('_to_ask')])
      })

      test('one that is leased is due again once its lease has passed, and not before', async () => {
        const id = await make(NOW_MS)
        expect(await drain(NOW_MS)).toEqual([id])
        expect(await drain(NOW_MS + LEASE_MS - 1)).toEqual([])
        expect(await drain(NOW_MS + LEASE_MS)).toEqual([id])
      })
    })

    describe('the sandbox’s books', () => {
      const charge = (more: Partial<SandboxCharge> = {}): SandboxCharge => ({
        attemptId: draw<PaymentAttemptId>(3),
        amount: { amountMinor: 10n ** 12n, currency: 'INR' },
        instrument: { type: 'bank_transfer' },
        returnUrl: 'https://shop.example/back?a=1',
        outcomeOnConsent: 'approved',
        decideAfterMs: 0,
        createdAtMs: NOW_MS,
        ...more,
      })
      const DECLINED = { outcome: 'do_not_honour', atMs: NOW_MS + 10 } as const

      test('a charge is read as it was booked, with every field and with as few as it can have', async () => {
        const bare = charge()
        const full = charge({
          action: { kind: 'upi_link', uri: 'upi://pay?pa=a@b' },
          decideAfterMs: 10_000,
          decided: DECLINED,
        })
        for (const one of [bare, full]) {
          await store.insertSandboxCharge(one)
          expect(await store.findSandboxCharge(one.attemptId)).toEqual(one)
        }
        expect(await store.findSandboxCharge(draw(3))).toBeUndefined()
      })

      test('of charges for one attempt the first is booked, also when they come at once', async () => {
        const one = charge()
        const others = Array.from({ length: 10 }, (_, index) => ({
          ...one,
          amount: { amountMinor: BigInt(index + 1), currency: 'INR' as const },
        }))
        await Promise.all(others.map((other) => store.insertSandboxCharge(other)))
        const booked = await store.findSandboxCharge(one.attemptId)
        expect(others).toContainEqual(booked)
        await store.insertSandboxCharge(one)
        expect(await store.findSandboxCharge(one.attemptId)).toEqual(booked)
      })

      test('a charge is decided once, also by 20 at once', async () => {
        const one = charge()
        await store.insertSandboxCharge(one)
        const decisions = Array.from({ length: 20 }, (_, index) => ({
          outcome: index % 2 === 0 ? ('approved' as const) : ('upi_declined' as const),
          atMs: NOW_MS - index,
        }))
        const answers = await Promise.all(
          decisions.map((decision) => store.decideSandboxCharge(one.attemptId, decision, NOW_MS)),
        )
        expect(answers.filter((isDecided) => isDecided)).toHaveLength(1)
        expect((await store.findSandboxCharge(one.attemptId))?.decided).toEqual(
          decisions[answers.indexOf(true)],
        )
      })

      test('a decision that lies ahead can be changed until its time has come', async () => {
        const one = charge({ decided: DECLINED })
        await store.insertSandboxCharge(one)
        const approved = { outcome: 'approved', atMs: NOW_MS + 9 } as const
        const decide = (nowMs: number) => store.decideSandboxCharge(one.attemptId, approved, nowMs)
        expect(await decide(DECLINED.atMs)).toBe(false)
        expect(await decide(DECLINED.atMs - 1)).toBe(true)
        expect(await decide(approved.atMs)).toBe(false)
        expect(await store.decideSandboxCharge(draw(3), approved, NOW_MS)).toBe(false)
      })

      test('a refund is booked once, with the time that it was first given', async () => {
        const id = draw<RefundId>(3)
        const times = await Promise.all(
          Array.from({ length: 10 }, (_, index) =>
            store.bookSandboxRefund(id, draw(3), 100n, NOW_MS + index),
          ),
        )
        expect(new Set(times).size).toBe(1)
        expect(await store.bookSandboxRefund(id, draw(3), 100n, NOW_MS + 99)).toBe(times[0])
        const rows = await engine.read.all(
          'select amount_minor from sandbox_refunds where refund_id = $1',
          [Number(id)],
        )
        expect(rows).toEqual([{ amount_minor: 100 }])
      })
    })

    test('a database at version 1 keeps its attempts: open ones are asked about at once', async () => {
      const old = await open()
      await migrate(old, readMigrations().slice(0, 1))
      const one = session()
      const [bucket, sessionId] = [bucketOf(one.id), Number(one.id)]
      const STATUSES = ['initiated', 'pending', 'failed', 'succeeded'] as const
      const ids = STATUSES.map(() => draw<PaymentAttemptId>(bucket))
      await old.transaction(async (sql) => {
        await sql.run(
          `insert into accounts (id, name, edition, payment_methods, fee_rate_bps, tax_rate_bps,
             signing_key_sealed, api_key_hash, owner_key_hash, created_at_ms)
           values ($1, 'Shop', 'IN', '["card"]', 200, 1800, 's', 'a', 'o', $2)`,
          [Number(ACCOUNT), NOW_MS],
        )
        await sql.run(
          `insert into payment_sessions (bucket, id, account_id, status, currency, amount_minor,
             created_at_ms, expires_at_ms, attempt_count, attempt_count_max, echoed_json)
           values ($1, $2, $3, 'succeeded', 'INR', 10050, $4, $5, 4, 5, '{}')`,
          [bucket, sessionId, Number(ACCOUNT), NOW_MS, NOW_MS + 900_000],
        )
        for (const [index, status] of STATUSES.entries()) {
          await sql.run(
            `insert into payment_attempts (bucket, id, payment_session_id, number, status,
               decline_code, created_at_ms, deadline_at_ms)
             values ($1, $2, $3, $4, $5, $6, $7, $8)`,
            [
              ...[bucket, Number(ids[index]), sessionId, index + 1, status],
              ...[status === 'failed' ? 'expired_card' : null, NOW_MS, NOW_MS + 600_000],
            ],
          )
        }
      })

      await migrate(old)
      const migrated = createStore(old, random)
      const kept = await migrated.listPaymentAttempts(one.id)
      expect(kept).toEqual(
        STATUSES.map((status, index) => ({
          id: ids[index],
          paymentSessionId: one.id,
          accountId: ACCOUNT,
          status,
          number: index + 1,
          createdAtMs: NOW_MS,
          deadlineAtMs: NOW_MS + 600_000,
          // Version 1 did not know it.
          instrument: { type: 'bank_transfer' },
          askedCount: 0,
          ...(index < 2 ? { askAtMs: NOW_MS } : { decidedAtMs: NOW_MS }),
          ...(status === 'failed' && { declineCode: 'expired_card' }),
        })).reverse(),
      )
      expect(await migrated.findPaymentSession(one.id)).toMatchObject({ status: 'succeeded' })
      expect(await migrated.findAccount(ACCOUNT)).toMatchObject({ frameOrigins: [] })
      const openOne = kept.at(-1) as PaymentAttempt
      await expect(
        migrated.transaction((tx) =>
          tx.updatePaymentAttempt(decided(openOne, { status: 'succeeded' })),
        ),
      ).rejects.toThrow()
      await migrated.close()
    })

    describe('the list of an account’s sessions', () => {
      const LISTED = '60000000003' as AccountId
      const made: PaymentSessionRecord[] = []
      beforeAll(async () => {
        await store.transaction((tx) => tx.insertAccount(account(LISTED), NOW_MS))
        for (let index = 0; index < 30; index += 1) {
          const createdAtMs = NOW_MS + index * 60_000
          made.push(
            session({
              accountId: LISTED,
              createdAtMs,
              expiresAtMs: createdAtMs + 300_000,
              status: index % 3 === 0 ? 'canceled' : 'created',
              referenceNumber: `r${index % 10}`,
              invoiceNumber: `i${index}`,
            }),
          )
        }
        await Promise.all(made.map((one) => store.insertPaymentSession(one, undefined, NOW_MS)))
      })
      const list = (filter: Parameters<Store['listPaymentSessions']>[1], page = 1, perPage = 200) =>
        store.listPaymentSessions(LISTED, filter, { page, perPage }, NOW_MS + 10 * 60_000)

      test('is newest first, in pages, with the total', async () => {
        const first = await list({}, 1, 20)
        const second = await list({}, 2, 20)
        const beyond = await list({}, 3, 20)
        expect([first.total, second.total, beyond.total]).toEqual([30, 30, 30])
        const ids = [...first.sessions, ...second.sessions].map(({ id }) => id)
        expect(ids).toEqual(made.map(({ id }) => id).reverse())
        expect(beyond.sessions).toEqual([])
      })

      test('is narrowed by status, where expired is a fact of the clock', async () => {
        const canceled = await list({ status: 'canceled' })
        const expired = await list({ status: 'expired' })
        const open = await list({ status: 'created' })
        expect([canceled.total, expired.total, open.total]).toEqual([10, 4, 16])
        expect(expired.sessions.every((one) => one.expiresAtMs <= NOW_MS + 600_000)).toBe(true)
      })

      test('is narrowed by numbers and by time', async () => {
        expect((await list({ referenceNumber: 'r3' })).total).toBe(3)
        expect((await list({ invoiceNumber: 'i3' })).sessions.map(({ id }) => id)).toEqual([
          made[3]?.id,
        ])
        const window = { createdFromMs: NOW_MS + 60_000, createdToMs: NOW_MS + 180_000 }
        expect((await list(window)).sessions.map(({ id }) => id)).toEqual([
          made[2]?.id,
          made[1]?.id,
        ])
        expect((await list({ ...window, referenceNumber: 'r1', status: 'expired' })).total).toBe(1)
      })
    })

    describe('accounts, clients and tokens', () => {
      const grant: Grant = {
        clientId: '1000.TEST',
        accountIds: [ACCOUNT, OTHER_ACCOUNT],
        scopes: ['payments.CREATE', 'payments.READ'],
        grantId: 'g1',
      }
      const client = {
        id: '1000.TEST',
        name: 'Test',
        secretHash: 's',
        accountIds: [ACCOUNT],
        redirectUris: ['https://a.example/cb'],
        isMachine: true,
      }
      beforeAll(() => store.transaction((tx) => tx.putClient(client, NOW_MS)))

      test('an account’s id can be taken once', async () => {
        expect(await store.transaction((tx) => tx.insertAccount(account(ACCOUNT), NOW_MS))).toBe(
          false,
        )
        expect(await store.findAccount('9' as AccountId)).toBeUndefined()
        const {
          signingKeySealed: _s,
          apiKeyHash: _a,
          ownerKeyHash: _o,
          ...shown
        } = account(ACCOUNT)
        expect(await store.findAccount(ACCOUNT)).toEqual(shown)
      })

      test('connected accounts are those of the account', async () => {
        await store.transaction((tx) =>
          tx.putConnectedAccount({
            ...{ id: OTHER_ACCOUNT, accountId: ACCOUNT, name: 'Other' },
            ...{ details: {}, createdAtMs: NOW_MS },
          }),
        )
        expect([...(await store.findConnectedAccounts(ACCOUNT, [OTHER_ACCOUNT, ACCOUNT]))]).toEqual(
          [OTHER_ACCOUNT],
        )
        expect([...(await store.findConnectedAccounts(OTHER_ACCOUNT, [OTHER_ACCOUNT]))]).toEqual([])
      })

      test('a code can be used once, also by twenty at once', async () => {
        const code = { ...grant, redirectUri: 'https://a.example/cb', expiresAtMs: NOW_MS + 60_000 }
        await store.transaction((tx) => tx.insertAuthorizationCode('code', code))
        const used = await Promise.all(
          Array.from({ length: 20 }, () =>
            store.transaction((tx) => tx.useAuthorizationCode('code', NOW_MS)),
          ),
        )
        expect(used.filter((one) => one !== undefined && !('usedBefore' in one))).toEqual([code])
        expect(
          await store.transaction((tx) => tx.useAuthorizationCode('no code', NOW_MS)),
        ).toBeUndefined()
      })

      test('of refresh tokens the newest 20 are kept, also when they come at once', async () => {
        await Promise.all(
          Array.from({ length: 25 }, (_, index) =>
            store.transaction((tx) => tx.insertRefreshToken(`refresh-${index}`, grant, NOW_MS, 20)),
          ),
        )
        await store.transaction((tx) => tx.insertRefreshToken('the newest', grant, NOW_MS, 20))
        const rows = await engine.read.all('select token_hash from refresh_tokens', [])
        expect(rows).toHaveLength(20)
        expect(rows.map((row) => row.token_hash)).toContain('the newest')
      })

      test('revoking a refresh token takes its access tokens along', async () => {
        await store.transaction(async (tx) => {
          await tx.insertAccessToken('a1', { ...grant, expiresAtMs: NOW_MS + 1 }, 'the newest')
          await tx.insertAccessToken('a2', { ...grant, grantId: 'g2' }, undefined)
        })
        expect(await store.findAccessToken('a1')).toEqual({ ...grant, expiresAtMs: NOW_MS + 1 })
        await store.transaction((tx) => tx.deleteToken('the newest'))
        expect(await store.findAccessToken('a1')).toBeUndefined()
        expect(await store.transaction((tx) => tx.lockRefreshToken('the newest'))).toBeUndefined()
        expect(await store.findAccessToken('a2')).toEqual({ ...grant, grantId: 'g2' })
        await store.transaction((tx) => tx.deleteGrantTokens('g2'))
        expect(await store.findAccessToken('a2')).toBeUndefined()
      })
    })

    test('what has had its time is deleted, and nothing else', async () => {
      const one = session()
      await store.insertPaymentSession(one, answerFor(one, 'to delete'), NOW_MS)
      expect(await store.deleteExpired(NOW_MS + 60_000)).toBeGreaterThanOrEqual(0)
      const kept = await engine.read.all(
        'select 1 as one from idempotency_keys where identity_hash = $1',
        ['to delete'],
      )
      expect(kept).toHaveLength(1)
      expect(await store.deleteExpired(NOW_MS + 3 * 24 * 60 * 60_000)).toBeGreaterThan(0)
      expect(
        await engine.read.all('select 1 as one from idempotency_keys where created_at_ms <= $1', [
          NOW_MS,
        ]),
      ).toEqual([])
      expect(await store.findPaymentSession(one.id)).toBeDefined()
    })

    test('a fact about the installation is stated once, also by two at once', async () => {
      const state = (mode: string) => store.stateInstallationFact('mode', mode)
      const [first, second] = await Promise.all([state('live'), state('sandbox')])
      expect(['live', 'sandbox']).toContain(first)
      expect([second, await state('another')]).toEqual([first, first])
    })
  })
}
