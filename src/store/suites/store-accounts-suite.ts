import { beforeAll, describe, expect, test } from 'vitest'
import {
  ACCOUNT,
  ACCOUNT_KEYS,
  account,
  answerFor,
  NOW_MS,
  type OpenEngine,
  OTHER_ACCOUNT,
  session,
  TEST_ACTOR,
  useStore,
} from '../../../test/support/stored-rows.ts'
import type { AccountKeys } from '../../domain/account-keys.ts'
import type { AccountId } from '../../domain/id.ts'
import type { ConnectedAccount, Grant, TokenFilter } from '../../operations/store.ts'
import { type AccountChange, updateAccount } from '../../operations/update-account.ts'

/** Accounts, clients, tokens, and rows with a retention, as tests that every engine passes. */
export function accountTests(open: OpenEngine): void {
  describe('accounts, clients and tokens', () => {
    const db = useStore(open)

    const grant: Grant = {
      clientId: '1000.TEST',
      accountIds: [ACCOUNT, OTHER_ACCOUNT],
      scopes: ['payments.CREATE', 'payments.READ'],
      grantId: 'g1',
    }
    const auditDeps = { actor: TEST_ACTOR, clock: { nowMs: () => NOW_MS } }
    const client = {
      id: '1000.TEST',
      name: 'Test',
      secret: { value: 's' },
      accountIds: [ACCOUNT],
      redirectUris: ['https://a.example/cb'],
      isMachine: true,
    }
    beforeAll(() => db.store.transaction((tx) => tx.clients.put(client, NOW_MS)))

    test('an account’s id can be used once', async () => {
      expect(await db.store.transaction((tx) => tx.accounts.insert(account(ACCOUNT), NOW_MS))).toBe(
        false,
      )
      expect(await db.store.accounts.find('9' as AccountId)).toBeUndefined()
      const { keys, ...publicFields } = account(ACCOUNT)
      expect(await db.store.accounts.find(ACCOUNT)).toEqual(publicFields)
      expect(await db.store.accounts.findKeys(ACCOUNT)).toEqual(keys)
    })

    test('a change of an account’s page settings keeps the other settings, the name and the keys', async () => {
      const id = '60000000077' as AccountId
      const firstVersion = account(id, { termsUrl: 'https://shop.example/terms' })
      const change = (page: AccountChange) =>
        updateAccount({ ...auditDeps, store: db.store }, id, page)
      expect(await change({ brandColor: '#000000' })).toBeUndefined()

      await db.store.transaction((tx) => tx.accounts.insert(firstVersion, NOW_MS))
      const keys = await db.store.accounts.findKeys(id)
      const before = await db.store.accounts.find(id)
      expect(await change({ logoFile: 'a.png', hidesPoweredBy: true })).toMatchObject({
        isChanged: true,
      })
      expect(await db.store.accounts.find(id)).toEqual({
        ...before,
        logoFile: 'a.png',
        hidesPoweredBy: true,
      })
      expect(await change({ logoFile: undefined, hidesPoweredBy: false })).toMatchObject({
        isChanged: true,
      })
      expect(await db.store.accounts.find(id)).toEqual(before)
      expect(await db.store.accounts.findKeys(id)).toEqual(keys)
    })

    test('two changes of an account’s page at the same time are both kept', async () => {
      const id = '60000000078' as AccountId
      await db.store.transaction((tx) => tx.accounts.insert(account(id), NOW_MS))
      const pages: AccountChange[] = [
        { termsUrl: 'https://shop.example/terms' },
        { privacyUrl: 'https://shop.example/privacy' },
        { brandColor: '#000000' },
        { hidesPoweredBy: true },
      ]
      await Promise.all(
        pages.map((page) => updateAccount({ ...auditDeps, store: db.store }, id, page)),
      )
      expect(await db.store.accounts.find(id)).toMatchObject(Object.assign({}, ...pages))
    })

    test('a replaced key or client secret is stored with the end of its validity', async () => {
      const id = '60000000076' as AccountId
      await db.store.transaction((tx) => tx.accounts.insert(account(id), NOW_MS))
      const keys: AccountKeys = {
        signing: { value: 'sealed 2', previous: { value: 'sealed 1', untilMs: NOW_MS + 1 } },
        api: { value: 'api 2', previous: { value: 'api 1', untilMs: NOW_MS + 2 } },
        owner: { value: 'owner 2' },
      }
      await db.store.transaction(async (tx) => {
        expect(await tx.accounts.lockKeys(id)).toEqual(ACCOUNT_KEYS)
        await tx.accounts.updateKeys(id, keys)
        expect(await tx.accounts.lockKeys('9' as AccountId)).toBeUndefined()
      })
      expect(await db.store.accounts.findKeys(id)).toEqual(keys)
      await updateAccount({ ...auditDeps, store: db.store }, id, { name: 'Renamed' })
      expect(await db.store.accounts.findKeys(id)).toEqual(keys)

      const rotatedClient = { ...client, id: '1000.KEYS', secret: keys.signing }
      await db.store.transaction((tx) => tx.clients.put(rotatedClient, NOW_MS))
      expect(await db.store.clients.find('1000.KEYS')).toEqual(rotatedClient)
    })

    test('a deleted client has no tokens, and lists of tokens contain no expired ones', async () => {
      const clientId = '1000.DELETED'
      const other = { ...client, id: clientId }
      const own = { ...grant, clientId, grantId: 'g9' }
      const list = (filter: TokenFilter, nowMs = NOW_MS) => db.store.tokens.list(filter, nowMs, 10)
      await db.store.transaction(async (tx) => {
        await tx.clients.put(other, NOW_MS)
        await tx.tokens.insertCode('own code', {
          ...own,
          redirectUri: 'https://a.example/cb',
          expiresAtMs: NOW_MS + 1,
        })
        await tx.tokens.insertRefreshToken('own refresh token', own, NOW_MS, 20)
        await tx.tokens.insertAccessToken('own access token', own, 'own refresh token')
        await tx.tokens.insertAccessToken('ends', { ...own, expiresAtMs: NOW_MS + 5 }, undefined)
      })
      const { grantId: _, ...listedToken } = own
      expect(await list({ clientId })).toEqual([
        { ...listedToken, kind: 'refresh', tokenHash: 'own refresh token' },
        expect.objectContaining({ ...listedToken, kind: 'access' }),
        expect.objectContaining({ ...listedToken, kind: 'access' }),
      ])
      expect(await list({ clientId }, NOW_MS + 5)).toHaveLength(2)
      expect(await list({ hashStart: 'own acc' })).toEqual([
        { ...listedToken, kind: 'access', tokenHash: 'own access token' },
      ])
      expect(await list({ hashStart: 'own_acc' })).toEqual([])
      await db.store.transaction(async (tx) => {
        expect(await tx.clients.lock(clientId)).toEqual(other)
        await tx.clients.delete(clientId)
      })
      expect(await list({ clientId })).toEqual([])
      expect(await db.store.tokens.findAccessToken('own access token')).toBeUndefined()
      const use = db.store.transaction((tx) => tx.tokens.useCode('own code', NOW_MS))
      expect(await use).toBeUndefined()
      expect(await db.store.clients.find(clientId)).toBeUndefined()
    })

    test('a client that loses an account loses its valid tokens for that account, and those of other clients stay', async () => {
      const clientId = '1000.LOSES'
      const both = { ...grant, clientId, grantId: 'g11' }
      const one = { ...both, accountIds: [OTHER_ACCOUNT] }
      const lose = (accountIds?: readonly AccountId[]) =>
        db.store.transaction((tx) => tx.tokens.deleteAllByClient(clientId, NOW_MS + 5, accountIds))
      const hashes = async (id = clientId) =>
        (await db.store.tokens.list({ clientId: id }, NOW_MS, 10)).map((one) => one.tokenHash)
      const before = await hashes(client.id)
      await db.store.transaction(async (tx) => {
        await tx.clients.put({ ...client, id: clientId }, NOW_MS)
        await tx.tokens.insertRefreshToken('refresh both', both, NOW_MS, 20)
        await tx.tokens.insertAccessToken('from refresh', one, 'refresh both')
        await tx.tokens.insertAccessToken('access both', both, undefined)
        await tx.tokens.insertAccessToken('access one', one, undefined)
        await tx.tokens.insertAccessToken(
          'expired',
          { ...both, expiresAtMs: NOW_MS + 5 },
          undefined,
        )
      })
      expect(await lose(['1' as AccountId])).toBe(0)
      expect(await lose([ACCOUNT, '1' as AccountId])).toBe(3)
      expect(await hashes()).toEqual(expect.arrayContaining(['access one', 'expired']))
      expect([await lose(), await hashes(), await hashes(client.id)]).toEqual([
        1,
        ['expired'],
        before,
      ])
    })

    test('a logo can be stored twice, and is read back unchanged', async () => {
      const logo = { file: 'b.png', bytes: Uint8Array.from([0, 255, 13, 10]) }
      const put = () => db.store.transaction((tx) => tx.accounts.putLogo(logo, NOW_MS))
      await put()
      await put()
      expect([...((await db.store.accounts.findLogo('b.png')) ?? [])]).toEqual([0, 255, 13, 10])
      expect(await db.store.accounts.findLogo('c.png')).toBeUndefined()
    })

    test('a logo that no account shows is deleted after a day, unless an account shows it again', async () => {
      const id = '60000000079' as AccountId
      const dayMs = 24 * 60 * 60_000
      const put = (file: string) =>
        updateAccount({ ...auditDeps, store: db.store }, id, {
          logo: { file, bytes: Uint8Array.of(1) },
          logoFile: file,
        })
      const storedLogos = async () => {
        const rows = await db.engine.read.all(
          "select file from account_logos where file like 'day-%' order by file",
          [],
        )
        return rows.map(({ file }) => file)
      }
      await db.store.transaction((tx) => tx.accounts.insert(account(id), NOW_MS))
      for (const file of ['day-1.png', 'day-2.png', 'day-3.png']) await put(file)
      await db.store.deleteExpired(NOW_MS)
      await put('day-2.png')
      await db.store.deleteExpired(NOW_MS + dayMs - 1)
      expect(await storedLogos()).toEqual(['day-1.png', 'day-2.png', 'day-3.png'])
      await db.store.deleteExpired(NOW_MS + dayMs)
      // The second call of `deleteExpired` marked the third logo, less than a day before the third call.
      expect(await storedLogos()).toEqual(['day-2.png', 'day-3.png'])
      await put('day-3.png')
      await db.store.deleteExpired(NOW_MS + 2 * dayMs)
      expect(await storedLogos()).toEqual(['day-2.png', 'day-3.png'])
      await db.store.deleteExpired(NOW_MS + 3 * dayMs)
      expect(await storedLogos()).toEqual(['day-3.png'])
    })

    test('of the requested ids, only those of the account’s own connected accounts are found', async () => {
      await db.store.transaction((tx) =>
        tx.connectedAccounts.put({
          id: OTHER_ACCOUNT,
          accountId: ACCOUNT,
          name: 'Other',
          details: {},
          createdAtMs: NOW_MS,
        }),
      )
      expect([
        ...(await db.store.connectedAccounts.findIds(ACCOUNT, [OTHER_ACCOUNT, ACCOUNT])),
      ]).toEqual([OTHER_ACCOUNT])
      expect([
        ...(await db.store.connectedAccounts.findIds(OTHER_ACCOUNT, [OTHER_ACCOUNT])),
      ]).toEqual([])
    })

    test('a connected account is read back unchanged, and each merchant account can use its id once', async () => {
      const full: ConnectedAccount = {
        id: '70000000001' as AccountId,
        accountId: ACCOUNT,
        name: 'Bücher ₹ 😀',
        details: {
          email: 'a@b.example',
          mcc: '5942',
          businessDescription: 'Books',
          bankAccount: { routingNumber: '110000000', lastFourDigits: '6789' },
        },
        createdAtMs: NOW_MS + 2,
      }
      const insert = (one: ConnectedAccount) =>
        db.store.transaction((tx) => tx.connectedAccounts.insert(one))
      expect(await insert(full)).toBe(true)
      expect(await insert({ ...full, name: 'Another' })).toBe(false)
      expect(await db.store.connectedAccounts.find(ACCOUNT, full.id)).toEqual(full)
      expect(await db.store.connectedAccounts.find(OTHER_ACCOUNT, full.id)).toBeUndefined()
      expect(await insert({ ...full, accountId: OTHER_ACCOUNT, details: {} })).toBe(true)

      // `put` with a new name keeps the other fields of the connected account.
      const renamedAccount = { ...full, name: 'New', details: {}, createdAtMs: 1 }
      await db.store.transaction((tx) => tx.connectedAccounts.put(renamedAccount))
      expect(await db.store.connectedAccounts.find(ACCOUNT, full.id)).toEqual({
        ...full,
        name: 'New',
      })
    })

    test('connected accounts are listed newest first, in pages, with the total', async () => {
      const accountId = '60000000006' as AccountId
      const accounts = [1, 2, 3, 4, 5].map((number) => ({
        id: String(70_000_000_010 + number) as AccountId,
        accountId,
        name: `c${number}`,
        details: {},
        createdAtMs: NOW_MS + number,
      }))
      await db.store.transaction(async (tx) => {
        await tx.accounts.insert(account(accountId), NOW_MS)
        for (const one of accounts) await tx.connectedAccounts.put(one)
      })
      const list = (page: number) =>
        db.store.connectedAccounts.list(accountId, {}, { page, perPage: 3 })
      const [first, second] = [await list(1), await list(2)]
      expect([first.total, second.total]).toEqual([5, 5])
      expect([...first.items, ...second.items]).toEqual(accounts.toReversed())
    })

    test('a code can be used once, even by twenty concurrent requests', async () => {
      const code = { ...grant, redirectUri: 'https://a.example/cb', expiresAtMs: NOW_MS + 60_000 }
      await db.store.transaction((tx) => tx.tokens.insertCode('code', code))
      const answers = await Promise.all(
        Array.from({ length: 20 }, () =>
          db.store.transaction((tx) => tx.tokens.useCode('code', NOW_MS)),
        ),
      )
      expect(answers.filter((one) => one !== undefined && !('usedCode' in one))).toEqual([code])
      expect(
        await db.store.transaction((tx) => tx.tokens.useCode('no code', NOW_MS)),
      ).toBeUndefined()
    })

    test('only the newest 20 refresh tokens are kept, even after concurrent inserts', async () => {
      await Promise.all(
        Array.from({ length: 25 }, (_, index) =>
          db.store.transaction((tx) =>
            tx.tokens.insertRefreshToken(`refresh-${index}`, grant, NOW_MS, 20),
          ),
        ),
      )
      await db.store.transaction((tx) =>
        tx.tokens.insertRefreshToken('the newest', grant, NOW_MS, 20),
      )
      const rows = await db.engine.read.all('select token_hash from refresh_tokens', [])
      expect(rows).toHaveLength(20)
      expect(rows.map((row) => row.token_hash)).toContain('the newest')
    })

    test('revoking a refresh token revokes its access tokens', async () => {
      await db.store.transaction(async (tx) => {
        await tx.tokens.insertAccessToken('a1', { ...grant, expiresAtMs: NOW_MS + 1 }, 'the newest')
        await tx.tokens.insertAccessToken('a2', { ...grant, grantId: 'g2' }, undefined)
      })
      expect(await db.store.tokens.findAccessToken('a1')).toEqual({
        ...grant,
        expiresAtMs: NOW_MS + 1,
      })
      await db.store.transaction((tx) => tx.tokens.delete('the newest'))
      expect(await db.store.tokens.findAccessToken('a1')).toBeUndefined()
      expect(
        await db.store.transaction((tx) => tx.tokens.lockRefreshToken('the newest')),
      ).toBeUndefined()
      expect(await db.store.tokens.findAccessToken('a2')).toEqual({ ...grant, grantId: 'g2' })
      await db.store.transaction((tx) => tx.tokens.deleteAllByGrant('g2'))
      expect(await db.store.tokens.findAccessToken('a2')).toBeUndefined()
    })

    test('an idempotency key is deleted after its expiry, and not before, and its session stays', async () => {
      const one = session()
      await db.store.paymentSessions.insert(one, answerFor(one, 'to delete'), NOW_MS)
      expect(await db.store.deleteExpired(NOW_MS + 60_000)).toBeGreaterThanOrEqual(0)
      const rows = await db.engine.read.all(
        'select 1 as one from idempotency_keys where identity_hash = $1',
        ['to delete'],
      )
      expect(rows).toHaveLength(1)
      expect(await db.store.deleteExpired(NOW_MS + 3 * 24 * 60 * 60_000)).toBeGreaterThan(0)
      expect(
        await db.engine.read.all(
          'select 1 as one from idempotency_keys where created_at_ms <= $1',
          [NOW_MS],
        ),
      ).toEqual([])
      expect(await db.store.paymentSessions.find(one.id)).toBeDefined()
    })

    test('a replaced fact has its last value', async () => {
      const { findFact, replaceFact } = db.store.installation
      expect(await findFact('sandbox_clock')).toBeUndefined()
      await replaceFact('sandbox_clock', 'one')
      await replaceFact('sandbox_clock', 'two')
      expect(await findFact('sandbox_clock')).toBe('two')
    })

    test('a fact about the installation is written once, even by two concurrent writers', async () => {
      const state = (mode: string) => db.store.installation.stateFact('mode', mode)
      const [first, second] = await Promise.all([state('live'), state('sandbox')])
      expect(['live', 'sandbox']).toContain(first)
      expect([second, await state('another')]).toEqual([first, first])
    })
  })
}
