/** A live database whose secret key is replaced while two servers run. */
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import type { AccountId } from '../src/domain/id.ts'
import { openSealedWithAny } from '../src/domain/secret.ts'
import { createAccount } from '../src/operations/create-account.ts'
import { createClient } from '../src/operations/create-client.ts'
import { createToken } from '../src/operations/create-token.ts'
import { followSecretKey } from '../src/operations/follow-secret-key.ts'
import {
  countSealedValues,
  OtherSecretKey,
  rekeyDatabase,
  type SealedCount,
} from '../src/operations/rekey-database.ts'
import { rotateAccountKeys } from '../src/operations/rotate-account-keys.ts'
import { type Core, openCore } from '../src/server/core.ts'
import { type Server, startServer } from '../src/server/start-server.ts'
import { DatabaseUnusable } from '../src/store/engine/engine.ts'
import { settingsAt } from './support/engines.ts'
import { inProcessCli } from './support/in-process-cli.ts'
import { createMigratedDatabase } from './support/postgres-cluster.ts'
import { call } from './support/server.ts'
import { TEST_ACTOR } from './support/stored-rows.ts'

const OLD = '01'.repeat(32)
const NEW = '02'.repeat(32)
let databaseUrl: string
const resources: { readonly close: () => Promise<void> }[] = []
afterAll(() => Promise.all(resources.map((one) => one.close())))
beforeAll(async () => {
  databaseUrl = await createMigratedDatabase(inject('postgresUrl'))
})

const settingsWith = (secretKey: string, previousSecretKey?: string) =>
  settingsAt(
    { flags: { databaseUrl }, remove: () => {} },
    {
      live: true,
      secretKey,
      ...(previousSecretKey !== undefined && { previousSecretKey }),
      processor: new URL('support/processor-module.ts', import.meta.url).pathname,
      rateLimits: false,
    },
  )

async function serverWith(...keys: readonly [string, string?]): Promise<Server> {
  const server = await startServer(settingsWith(...keys))
  resources.push(server)
  return server
}

async function operatorWith(...keys: readonly [string, string?]) {
  const core: Core = await openCore(settingsWith(...keys))
  resources.push({ close: () => core.store.close() })
  return { ...core, actor: TEST_ACTOR }
}

const sums = (counts: readonly SealedCount[]) => ({
  current: counts.reduce((sum, { currentCount }) => sum + currentCount, 0),
  previous: counts.reduce((sum, { previousCount }) => sum + previousCount, 0),
  unreadable: counts.reduce((sum, { unreadableCount }) => sum + unreadableCount, 0),
})

test('the secret key of a live database is replaced while two servers run, and no session, answer, id or key is lost', async () => {
  const first = await operatorWith(OLD)
  const { account } = await createAccount(first, 'Shop', 'IN')
  await rotateAccountKeys(first, account.id, ['signing'], 60_000)
  const token = await newToken(first, account.id)
  const before = await createSession(await serverWith(OLD), token, 'before')

  // Both servers have both keys, and the database still has the old one.
  const servers = [await serverWith(NEW, OLD), await serverWith(NEW, OLD)]
  const operator = await operatorWith(NEW, OLD)
  expect(servers.map(({ tenant }) => tenant.keys.check)).toEqual([
    first.keys.check,
    first.keys.check,
  ])
  expect(sums(await countSealedValues(operator, () => {}))).toEqual({
    current: 0,
    previous: 3,
    unreadable: 0,
  })

  // The command is interrupted after its first batch, and run again.
  const interruption = rekeyDatabase(operator, () => {
    throw new Error('interrupted')
  })
  await expect(interruption).rejects.toThrow('interrupted')
  for (const server of servers) expect(await createSession(server, token, 'before')).toEqual(before)
  await createSession(servers[0], token, 'between')
  expect(sums(await rekeyDatabase(operator, () => {}))).toMatchObject({ unreadable: 0 })
  expect(await Promise.all(servers.map(({ tenant }) => followSecretKey(tenant)))).toEqual([
    true,
    true,
  ])
  await createSession(servers[1], token, 'after')
  expect(sums(await rekeyDatabase(operator, () => {}))).toMatchObject({ previous: 0 })
  expect(sums(await countSealedValues(operator, () => {}))).toEqual({
    current: 5,
    previous: 0,
    unreadable: 0,
  })
  for (const server of servers) {
    expect(await createSession(server, token, 'before')).toEqual(before)
    expect(await statusOfPage(server, before.access_key)).toBe(200)
  }

  // The old key alone decrypts nothing. The new key alone decrypts everything, but does not verify links that the old
  // key signed.
  await expect(openCore(settingsWith(OLD))).rejects.toThrow(DatabaseUnusable)
  const last = await serverWith(NEW)
  expect(await createSession(last, token, 'before')).toEqual(before)
  expect(await statusOfPage(last, before.access_key)).toBe(404)
  expect(await statusOfPage(last, (await createSession(last, token, 'after')).access_key)).toBe(200)
  const retrieval = await get(last, token, `/paymentsessions/${before.payments_session_id}`)
  expect(retrieval.body.payments_session.payments_session_id).toBe(before.payments_session_id)

  const entries = await operator.store.auditLog.list({ objectId: operator.keys.check }, 9)
  expect(entries.map(({ action }) => action)).toEqual([
    'database.rekey_end',
    'database.rekey_end',
    'database.rekey_start',
  ])
  expect(JSON.stringify(entries)).not.toMatch(new RegExp(`${OLD}|${NEW}`))
})

test('of two replacements of one key by different keys the later one is refused, and changes nothing', async () => {
  databaseUrl = await createMigratedDatabase(inject('postgresUrl'))
  await createAccount(await operatorWith(OLD), 'Shop', 'IN')
  const [one, other] = [await operatorWith(NEW, OLD), await operatorWith('03'.repeat(32), OLD)]
  await rekeyDatabase(one, () => {})
  await expect(rekeyDatabase(other, () => {})).rejects.toThrow(OtherSecretKey)
  expect(await one.store.installation.findFact('secret_key_check')).toBe(one.keys.check)
  expect(sums(await countSealedValues(one, () => {}))).toMatchObject({ previous: 0, unreadable: 0 })
  const entries = await one.store.auditLog.list({}, 9)
  expect(entries.map(({ action }) => action)).toEqual([
    'database.rekey_end',
    'database.rekey_start',
    'account.create',
  ])
})

test('keys that a program still seals with the old key are found by the check, and sealed again by the next run', async () => {
  databaseUrl = await createMigratedDatabase(inject('postgresUrl'))
  const late = await operatorWith(OLD)
  const { account } = await createAccount(late, 'Shop', 'IN')
  const operator = await operatorWith(NEW, OLD)
  await rekeyDatabase(operator, () => {})
  // The program opened the database before the replacement, and does not have the new key.
  const rotation = await rotateAccountKeys(late, account.id, ['signing'], 60_000)
  expect(sums(await countSealedValues(operator, () => {}))).toEqual({
    current: 1,
    previous: 1,
    unreadable: 0,
  })
  await rekeyDatabase(operator, () => {})
  expect(sums(await countSealedValues(operator, () => {}))).toEqual({
    current: 2,
    previous: 0,
    unreadable: 0,
  })
  const keys = await operator.store.accounts.findKeys(account.id)
  expect(openSealedWithAny(keys?.signing.value ?? '', operator.keys)).toBe(
    rotation?.secrets.signing,
  )
})

test('the command needs both keys, reports each kind of value, and its check fails for values of the old key', async () => {
  databaseUrl = await createMigratedDatabase(inject('postgresUrl'))
  await createAccount(await operatorWith(OLD), 'Shop', 'IN')
  const flags = ['--live', '--database-url', databaseUrl]
  const rekey = (key: string, previous: string | undefined, ...more: readonly string[]) =>
    inProcessCli({
      PAYDESK_SECRET_KEY: key,
      ...(previous !== undefined && { PAYDESK_PREVIOUS_SECRET_KEY: previous }),
    })('database', 'rekey', ...flags, ...more)
  expect((await rekey(OLD, undefined)).refusal).toContain('set PAYDESK_SECRET_KEY to the new key')
  expect((await rekey(NEW, undefined)).refusal).toContain('has another secret key')
  expect((await rekey(NEW, NEW)).refusal).toContain('must differ from PAYDESK_SECRET_KEY')
  try {
    const failure = await rekey(NEW, OLD, '--check')
    expect(failure.out).toMatch(/account signing keys +0 +1 +0/)
    expect(failure.refusal).toMatch(
      /^1 value opens only with the previous key\. Run: .* database rekey --live/,
    )
    expect([failure.refusalCode, process.exitCode]).toEqual([1, 1])
    process.exitCode = undefined
    const { out } = await rekey(NEW, OLD)
    expect(out).toMatch(/account signing keys +1 +0 +0/)
    expect(out).toContain('The running servers use the new key within 20 seconds')
    expect((await rekey(NEW, OLD)).out).not.toContain('running servers')
    expect((await rekey(NEW, OLD, '--check')).out).toMatch(
      /\nEvery value opens with the secret key\. .* remove PAYDESK_PREVIOUS_SECRET_KEY/,
    )
    const check = JSON.parse((await rekey(NEW, undefined, '--check', '--json')).out)
    expect(check).toContainEqual({
      place: 'account_signing_keys',
      secret_key: 1,
      previous_secret_key: 0,
      neither: 0,
    })
    expect(process.exitCode).toBeUndefined()
  } finally {
    process.exitCode = undefined
  }
})

async function newToken(core: Core & { readonly actor: typeof TEST_ACTOR }, id: AccountId) {
  const { client } = await createClient(core, {
    name: 'App',
    accountIds: [id],
    redirectUris: [],
    isMachine: true,
  })
  const scopes = ['payments.READ', 'payments.CREATE'] as const
  const tokens = await createToken(core, client, scopes, [id])
  if ('error' in tokens) throw new Error(tokens.description)
  return { authorization: `Zoho-oauthtoken ${tokens.accessToken}`, accountId: id }
}
type Token = Awaited<ReturnType<typeof newToken>>

function get({ baseUrl }: Server, { accountId, authorization }: Token, path: string) {
  const withAccount = `${path}?account_id=${accountId}`
  return call(baseUrl, 'GET', withAccount, undefined, { authorization })
}

/** Creates a session, or repeats the request with this idempotency key. */
async function createSession(
  server: Server | undefined,
  { accountId, authorization }: Token,
  key: string,
): Promise<{ readonly access_key: string; readonly payments_session_id: string }> {
  const answer = await call(
    server?.baseUrl ?? '',
    'POST',
    `/paymentsessions?account_id=${accountId}`,
    { amount: 10, currency: 'INR' },
    { authorization, 'idempotency-key': key },
  )
  expect([answer.status, answer.text]).toEqual([201, expect.any(String)])
  return answer.body.payments_session
}

async function statusOfPage({ baseUrl }: Server, accessKey: string): Promise<number> {
  return (await fetch(`${baseUrl}/hostedcheckout/${accessKey}`)).status
}
