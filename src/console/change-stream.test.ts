import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { liveSettingsAt, makePlace, type Place } from '../../test/support/engines.ts'
import { takePayment } from '../../test/support/live-account.ts'
import { type SignedInOperator, signInOperatorOf } from '../../test/support/signed-in.ts'
import { session, TEST_ACTOR } from '../../test/support/stored-rows.ts'
import type { AccountId } from '../domain/id.ts'
import { OPERATOR_IDLE_MS } from '../domain/operator-session.ts'
import { hashSecret } from '../domain/secret.ts'
import { createAccount } from '../operations/create-account.ts'
import { type Server, startServer } from '../server/start-server.ts'

const WAIT_MS = 20_000

// On PostgreSQL a second server of the same database makes the changes.
describe.each(['file', 'postgres'] as const)('the stream of changes, on %s', (engine) => {
  let nowMs = Date.UTC(2026, 10, 29, 9)
  let place: Place
  let server: Server
  let writer: Server
  let accountId: AccountId
  let otherId: AccountId

  beforeAll(async () => {
    place = await makePlace(engine)
    const settings = liveSettingsAt(place, {}, 'approving-processor')
    const start = () => startServer(settings, { clock: { nowMs: () => nowMs } })
    server = await start()
    writer = engine === 'file' ? server : await start()
    const deps = { ...server.tenant, actor: TEST_ACTOR }
    accountId = (await createAccount(deps, 'Tea shop', 'IN')).account.id
    otherId = (await createAccount(deps, 'Book shop', 'IN')).account.id
  })
  afterAll(async () => {
    if (writer !== server) await writer?.close()
    await server?.close()
    place?.remove()
  })

  async function open(
    { cookie }: Pick<SignedInOperator, 'cookie'>,
    { headers = {}, id = accountId }: { headers?: Record<string, string>; id?: string } = {},
  ) {
    const stopping = new AbortController()
    const answer = await fetch(`${server.baseUrl}/console/api/v1/changes?account_id=${id}`, {
      headers: {
        cookie: `${cookie.name}=${cookie.value}`,
        'sec-fetch-site': 'same-origin',
        ...headers,
      },
      signal: AbortSignal.any([stopping.signal, AbortSignal.timeout(2 * WAIT_MS)]),
    })
    const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader()
    return {
      status: answer.status,
      headers: answer.headers,
      /** Undefined: reads up to the end. */
      readTo: async (text?: string) => {
        let content = ''
        for (;;) {
          const { done: isOver, value = '' } = (await reader?.read()) ?? { done: true }
          content += value
          if (isOver || (text !== undefined && content.includes(text))) return content
        }
      },
      close: () => stopping.abort(),
    }
  }
  async function pay(id = accountId): Promise<void> {
    const open = session({ accountId: id, createdAtMs: nowMs, expiresAtMs: nowMs + 900_000 })
    await writer.tenant.store.paymentSessions.insert(open, undefined, nowMs)
    await takePayment(writer.tenant, open.id)
  }

  test('a change of the account arrives, one of another account does not, and nothing keeps the session alive', {
    timeout: 2 * WAIT_MS,
  }, async () => {
    const operator = await signInOperatorOf(server, { accountIds: [accountId] })
    const stream = await open(operator)
    expect(stream.status).toBe(200)
    expect(Object.fromEntries(stream.headers)).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
    })
    expect(stream.headers.has('access-control-allow-origin')).toBe(false)
    expect(await stream.readTo(':\n\n')).toBe(':\n\n')
    const { findVersion } = server.tenant.store.accountChanges
    const version = await findVersion(accountId)
    await pay(otherId)
    expect(await findVersion(accountId)).toBe(version)
    nowMs += 120_000
    const reading = stream.readTo('data')
    await pay()
    expect(await reading).toContain('data: changed\n\n')
    const tokenHash = hashSecret(operator.cookie.value)
    const { store } = server.tenant
    expect((await store.operators.findSession(tokenHash))?.seenAtMs).toBe(nowMs - 120_000)
    // The calls of a page without input do not keep the session alive, either.
    const idle = { 'x-console-idle': 'true' }
    const path = `/overview?account_id=${accountId}`
    expect((await operator.call('GET', path, undefined, idle)).status).toBe(200)
    expect((await store.operators.findSession(tokenHash))?.seenAtMs).toBe(nowMs - 120_000)
    // At the end of the idle session the stream ends, and a new one is refused.
    nowMs += OPERATOR_IDLE_MS
    await stream.readTo()
    expect((await open(operator)).status).toBe(401)
  })

  test('needs the session, the account and a page of this server, and is limited for each operator', {
    timeout: 2 * WAIT_MS,
  }, async () => {
    const operator = await signInOperatorOf(server, { accountIds: [accountId] })
    const statuses = [
      await open({ cookie: { ...operator.cookie, value: 'x' } }),
      await open(operator, { id: otherId }),
      await open(operator, { headers: { 'sec-fetch-site': 'cross-site' } }),
      await open(operator, { headers: { origin: 'https://other.example' } }),
    ].map(({ status }) => status)
    expect(statuses).toEqual([401, 400, 403, 403])
    const streams: Awaited<ReturnType<typeof open>>[] = []
    for (let count = 0; count < 10; count += 1) streams.push(await open(operator))
    expect(new Set(streams.map(({ status }) => status))).toEqual(new Set([200]))
    expect((await open(operator)).status).toBe(204)
    streams[0]?.close()
    await expect.poll(async () => (await open(operator)).status, { timeout: WAIT_MS }).toBe(200)
    // A sign-out ends all open streams of the operator.
    const administrator = await signInOperatorOf(server)
    await administrator.call('POST', `/operators/${operator.operator.id}/sign_out`)
    await streams[1]?.readTo()
  })

  test('a server that stops ends its streams', { timeout: 2 * WAIT_MS }, async () => {
    const stream = await open(await signInOperatorOf(server))
    const closing = server.close()
    await stream.readTo()
    await closing
    if (writer === server) return
    server = writer
  })
})
