/** Two live servers on one database: when a replaced or revoked secret stops working on each of them. */
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { readSignedRedirect } from '../src/client/signatures.ts'
import { acceptsHash } from '../src/domain/account-keys.ts'
import type { AccountId } from '../src/domain/id.ts'
import { hashSecret } from '../src/domain/secret.ts'
import { deleteClient, rotateClientSecret, updateClient } from '../src/operations/change-client.ts'
import { closeAccount, reopenAccount } from '../src/operations/close-account.ts'
import { createAccount } from '../src/operations/create-account.ts'
import { createClient } from '../src/operations/create-client.ts'
import { createToken } from '../src/operations/create-token.ts'
import { grantToMachine, refreshAccess, revokeToken } from '../src/operations/grant-tokens.ts'
import { revokeTokensOfClient } from '../src/operations/revoke-tokens.ts'
import { rotateAccountKeys } from '../src/operations/rotate-account-keys.ts'
import { updateAccount } from '../src/operations/update-account.ts'
import { type Core, openCore } from '../src/server/core.ts'
import { type Server, startServer } from '../src/server/start-server.ts'
import { CACHE_LIFE_MS } from '../src/store/cached-store.ts'
import { settingsAt } from './support/engines.ts'
import { createTestClock } from './support/memory-store.ts'
import { createMigratedDatabase } from './support/postgres-cluster.ts'
import { call } from './support/server.ts'
import { TEST_ACTOR } from './support/stored-rows.ts'

const CALLBACK = 'https://app.example/callback'
const HOUR_MS = 60 * 60_000
const clock = createTestClock()
let servers: readonly Server[] = []
/** An operator's command: a third program on the same database. */
let operator: Core & { readonly actor: typeof TEST_ACTOR }
let accountId: AccountId
let keys: { signingKey: string; apiKey: string; ownerKey: string }

beforeAll(async () => {
  const databaseUrl = await createMigratedDatabase(inject('postgresUrl'))
  const settings = settingsAt(
    { flags: { databaseUrl }, remove: () => {} },
    {
      live: true,
      secretKey: 'ab'.repeat(32),
      processor: new URL('support/processor-module.ts', import.meta.url).pathname,
      rateLimits: false,
    },
  )
  const options = { clock, steadyClock: clock }
  servers = [await startServer(settings, options), await startServer(settings, options)]
  operator = { ...(await openCore(settings)), clock, actor: TEST_ACTOR }
  const { account, secrets } = await createAccount(operator, 'Shop', 'IN', {
    frameOrigins: ['https://shop.example'],
  })
  accountId = account.id
  keys = secrets
})
afterAll(async () => {
  await Promise.all([...servers.map((server) => server.close()), operator.store.close()])
})

/** Returns the answers of both servers. */
const onBoth = <Answer>(ask: (server: Server) => Promise<Answer>) => Promise.all(servers.map(ask))
const both = <Answer>(answer: Answer) => [answer, answer]

const newClient = () =>
  createClient(operator, {
    name: 'App',
    accountIds: [accountId],
    redirectUris: [CALLBACK],
    isMachine: true,
  })

/** Creates a token, and a function that returns the statuses of calls with it. */
async function newToken(clientId: string) {
  const client = await operator.store.clients.find(clientId)
  if (client === undefined) throw new Error('there is no client')
  const scopes = ['payments.READ', 'payments.CREATE'] as const
  const tokens = await createToken(operator, client, scopes, [accountId])
  if ('error' in tokens) throw new Error(tokens.description)
  const authorization = `Zoho-oauthtoken ${tokens.accessToken}`
  const request = (server: Server, method: string, path: string, body?: unknown) =>
    call(server.baseUrl, method, `${path}?account_id=${accountId}`, body, { authorization })
  return {
    token: tokens.accessToken,
    request,
    statuses: () =>
      onBoth(async (server) => (await request(server, 'GET', '/paymentsessions')).status),
  }
}

test('a revoked token, and tokens of a deleted or restricted client, stop on every server within the life of its cache', async () => {
  const [one, restrictedClient, deletedClient, all] = await Promise.all([
    newClient(),
    newClient(),
    newClient(),
    newClient(),
  ])
  const tokens = [
    await newToken(one.client.id),
    await newToken(restrictedClient.client.id),
    await newToken(deletedClient.client.id),
    await newToken(all.client.id),
  ]
  const statuses = () => Promise.all(tokens.map((token) => token.statuses()))
  expect(await statuses()).toEqual(tokens.map(() => both(200)))
  const { account: other } = await createAccount(operator, 'Other', 'IN')

  await revokeToken(operator, tokens[0]?.token ?? '')
  await updateClient(operator, restrictedClient.client.id, { accountIds: [other.id] })
  await deleteClient(operator, deletedClient.client.id)
  expect(await revokeTokensOfClient(operator, all.client.id)).toBe(1)
  clock.advance(CACHE_LIFE_MS + 1)
  expect(await statuses()).toEqual(tokens.map(() => both(401)))
})

test('after a client is deleted or loses an account, a request that began earlier gets no token', async () => {
  const { client } = await newClient()
  const grants = () => [
    grantToMachine(operator, client, ['payments.READ'], [accountId]),
    refreshAccess(operator, client, '1000.unknown'),
    createToken(operator, client, ['payments.READ'], [accountId]),
  ]
  const { account: other } = await createAccount(operator, 'Other', 'IN')
  await updateClient(operator, client.id, { accountIds: [other.id] })
  for (const result of await Promise.all(grants())) expect(result).toHaveProperty('error')
  await deleteClient(operator, client.id)
  for (const result of await Promise.all(grants())) {
    expect(result).toMatchObject({ error: 'invalid_client' })
  }
})

test('tokens can be created while the tokens of their client are revoked, and none is left if the client is deleted at the same time', async () => {
  const { client } = await newClient()
  const grant = () => grantToMachine(operator, client, ['payments.READ'], [accountId])
  await Promise.all([grant(), grant(), revokeTokensOfClient(operator, client.id), grant(), grant()])
  await Promise.all([grant(), grant(), deleteClient(operator, client.id), grant(), grant()])
  const tokens = await operator.store.tokens.list({ clientId: client.id }, clock.nowMs(), 9)
  expect(tokens).toEqual([])
})

test('every server stops creating sessions of a closed account within the life of the server’s cache', async () => {
  const { client } = await newClient()
  const { request } = await newToken(client.id)
  const createOnBoth = () =>
    onBoth(async (server) => {
      const body = { amount: 10, currency: 'INR' }
      return (await request(server, 'POST', '/paymentsessions', body)).status
    })
  expect(await createOnBoth()).toEqual(both(201))
  await closeAccount(operator, accountId)
  clock.advance(CACHE_LIFE_MS + 1)
  expect(await createOnBoth()).toEqual(both(403))
  await reopenAccount(operator, accountId)
  clock.advance(CACHE_LIFE_MS + 1)
  expect(await createOnBoth()).toEqual(both(201))
})

/** Returns true if a server accepts the API key: it then looks for the session, which does not exist. */
const takesApiKey = (apiKey: string) => async (server: Server) => {
  const answer = await fetch(`${server.baseUrl}/charge/${accountId}/open`, {
    method: 'POST',
    body: new URLSearchParams({
      api_key: apiKey,
      payments_session_id: '1',
      origin: 'https://shop.example',
    }),
  })
  expect([403, 404]).toContain(answer.status)
  return answer.status === 404
}

/** Returns true if a server's consent page accepts the owner key. */
const takesOwnerKey = (clientId: string, ownerKey: string) => async (server: Server) => {
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: CALLBACK,
    scope: 'ZohoPay.payments.READ',
  })
  const page = await (await fetch(`${server.baseUrl}/oauth/v2/auth?${query}`)).text()
  const request = /name="request" value="([^"]+)"/.exec(page)?.[1] ?? ''
  const answer = await fetch(`${server.baseUrl}/oauth/v2/consent`, {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams({
      request,
      account: accountId,
      decision: 'allow',
      owner_key: ownerKey,
    }),
  })
  expect([303, 403]).toContain(answer.status)
  return answer.status === 303
}

test.each([
  { overlapMs: 0, name: 'replacement' },
  { overlapMs: 24 * HOUR_MS, name: 'overlap' },
])(
  'previous API and owner keys stop on every server within the life of its cache after the $name, and the new keys work within the life of its cache after the replacement',
  async ({ overlapMs }) => {
    const { client } = await newClient()
    const before = keys
    const acceptances = async ({ apiKey, ownerKey }: typeof keys) => [
      ...(await onBoth(takesApiKey(apiKey))),
      ...(await onBoth(takesOwnerKey(client.id, ownerKey))),
    ]
    expect(await acceptances(before)).toEqual([true, true, true, true])
    const rotation = await rotateAccountKeys(operator, accountId, ['api', 'owner'], overlapMs)
    const { api = '', owner = '' } = rotation?.secrets ?? {}
    keys = { ...keys, apiKey: api, ownerKey: owner }

    clock.advance(CACHE_LIFE_MS + 1)
    const isValid = overlapMs > 0
    expect(await acceptances(before)).toEqual([isValid, isValid, isValid, isValid])
    expect(await acceptances(keys)).toEqual([true, true, true, true])
    clock.advance(overlapMs)
    expect(await acceptances(before)).toEqual([false, false, false, false])
    expect(await acceptances(keys)).toEqual([true, true, true, true])
  },
)

test('on every server the previous signing key signs until the end of the overlap, and after that the new key signs', async () => {
  const { client } = await newClient()
  const signedBy = async () => {
    // Each call gets a new token, because a token lives for only an hour.
    const { request } = await newToken(client.id)
    return onBoth(async (server) => {
      const parameters = {
        success_url: 'https://shop.example/thanks',
        failure_url: 'https://shop.example/again',
      }
      const creation = await request(server, 'POST', '/paymentsessions', {
        amount: 10,
        currency: 'INR',
        configurations: { hosted_page_parameters: parameters },
      })
      const { access_key: key, payments_session_id: id } = creation.body.payments_session
      await request(server, 'POST', `/paymentsessions/${id}/cancel`)
      const page = await (await fetch(`${server.baseUrl}/hostedcheckout/${key}`)).text()
      const [, link = ''] = /href="(https:\/\/shop\.example\/again[^"]*)"/.exec(page) ?? []
      const url = link.replaceAll('&amp;', '&')
      const names = Object.entries(keysByName).filter(
        ([, secret]) => readSignedRedirect(url, secret) !== undefined,
      )
      return names.map(([name]) => name).join()
    })
  }
  const keysByName: Record<string, string> = { first: keys.signingKey }
  expect(await signedBy()).toEqual(both('first'))
  const rotation = await rotateAccountKeys(operator, accountId, ['signing'], HOUR_MS)
  keysByName.second = rotation?.secrets.signing ?? ''
  clock.advance(CACHE_LIFE_MS + 1)
  expect(await signedBy()).toEqual(both('first'))
  clock.advance(HOUR_MS)
  expect(await signedBy()).toEqual(both('second'))

  // A leaked key stops signing within the life of the cache.
  const replacement = await rotateAccountKeys(operator, accountId, ['signing'], 0)
  keysByName.third = replacement?.secrets.signing ?? ''
  clock.advance(CACHE_LIFE_MS + 1)
  expect(await signedBy()).toEqual(both('third'))
})

test('two operators who replace the same secret at the same time both get a valid new one, and the old secret ends at once', async () => {
  const { client, secret } = await newClient()
  const [one, other] = await Promise.all([
    rotateAccountKeys(operator, accountId, ['api'], HOUR_MS),
    rotateAccountKeys(operator, accountId, ['api'], HOUR_MS),
  ])
  const storedKeys = await operator.store.accounts.findKeys(accountId)
  const accepts = (apiKey = '') => acceptsHash(storedKeys?.api, hashSecret(apiKey), clock.nowMs())
  expect([keys.apiKey, one?.secrets.api, other?.secrets.api].map(accepts)).toEqual([
    false,
    true,
    true,
  ])
  const [first, second] = await Promise.all([
    rotateClientSecret(operator, client.id, HOUR_MS),
    rotateClientSecret(operator, client.id, HOUR_MS),
  ])
  const storedClient = await operator.store.clients.find(client.id)
  const opens = (text = '') => acceptsHash(storedClient?.secret, hashSecret(text), clock.nowMs())
  expect([secret, first?.secret, second?.secret].map(opens)).toEqual([false, true, true])
  const { api = '' } = other?.secrets ?? {}
  keys = { ...keys, apiKey: api }
})

test('a replaced key, changed settings and a closed account do not undo each other, and each has its own number in the audit log', async () => {
  const before = await operator.store.accounts.findKeys(accountId)
  const [last] = await operator.store.auditLog.list({}, 1)
  const [rotation] = await Promise.all([
    rotateAccountKeys(operator, accountId, ['owner'], 0),
    updateAccount(operator, accountId, { name: 'Renamed' }),
    closeAccount(operator, accountId),
    rotateAccountKeys(operator, accountId, ['api'], 0),
  ])
  keys = { ...keys, ownerKey: rotation?.secrets.owner ?? '' }
  const after = await operator.store.accounts.findKeys(accountId)
  expect(after?.owner).toEqual({ value: hashSecret(keys.ownerKey) })
  expect(after?.api.value).not.toBe(before?.api.value)
  expect(await operator.store.accounts.find(accountId)).toMatchObject({
    name: 'Renamed',
    closedAtMs: clock.nowMs(),
  })
  const entries = await operator.store.auditLog.list({}, 4)
  expect(entries.map(({ number }) => number - (last?.number ?? 0))).toEqual([4, 3, 2, 1])
  await reopenAccount(operator, accountId)
})

test('a replaced client secret works until the end of the overlap, on every server', async () => {
  const { client, secret } = await newClient()
  const tryOnBoth = (clientSecret: string) =>
    onBoth(async (server) => {
      const answer = await fetch(`${server.baseUrl}/oauth/v2/token`, {
        method: 'POST',
        body: new URLSearchParams({
          grant_type: 'client_credentials',
          client_id: client.id,
          client_secret: clientSecret,
          scope: 'ZohoPay.payments.READ',
        }),
      })
      return 'access_token' in ((await answer.json()) as object)
    })
  expect(await tryOnBoth(secret)).toEqual(both(true))
  const second = await rotateClientSecret(operator, client.id, HOUR_MS)
  expect(await tryOnBoth(secret)).toEqual(both(true))
  expect(await tryOnBoth(second?.secret ?? '')).toEqual(both(true))
  clock.advance(HOUR_MS)
  expect(await tryOnBoth(secret)).toEqual(both(false))
  const third = await rotateClientSecret(operator, client.id, 0)
  expect(await tryOnBoth(second?.secret ?? '')).toEqual(both(false))
  expect(await tryOnBoth(third?.secret ?? '')).toEqual(both(true))
})
