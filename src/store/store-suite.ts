/** The contract of a store, as tests that every engine passes. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { FEE_RATES_DEFAULT } from '../domain/fee.ts'
import {
  type AccountId,
  BUCKET_COUNT,
  bucketOf,
  idFrom,
  type PaymentAttemptId,
  type PaymentSessionId,
} from '../domain/id.ts'
import type {
  AccountInsert,
  Grant,
  IdempotentAnswer,
  PaymentSessionRecord,
  Random,
  Store,
} from '../operations/ports.ts'
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

    test('attempts are listed newest first, and a session cannot have two successes', async () => {
      const one = session()
      await store.insertPaymentSession(one, undefined, NOW_MS)
      const attempt = (number: number) => ({
        id: idFrom({
          seconds: 5,
          bucket: bucketOf(one.id),
          counter: 10 + number,
        }) as PaymentAttemptId,
        paymentSessionId: one.id,
        status: 'initiated' as const,
        number,
        createdAtMs: NOW_MS + number,
        deadlineAtMs: NOW_MS + 600_000,
      })
      await store.transaction(async (tx) => {
        await tx.insertPaymentAttempt(attempt(1))
        await tx.insertPaymentAttempt(attempt(2))
        await tx.updatePaymentAttempt(attempt(1).id, 'failed', 'expired_card')
        await tx.updatePaymentAttempt(attempt(2).id, 'succeeded', undefined)
      })
      expect(await store.listPaymentAttempts(one.id)).toEqual([
        { ...attempt(2), status: 'succeeded' },
        { ...attempt(1), status: 'failed', declineCode: 'expired_card' },
      ])
      await expect(
        store.transaction((tx) => tx.updatePaymentAttempt(attempt(1).id, 'succeeded', undefined)),
      ).rejects.toThrow()
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
          tx.putConnectedAccount(ACCOUNT, OTHER_ACCOUNT, 'Other', NOW_MS),
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
