/** A live server whose processor has virtual accounts and reports payouts. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AccountId } from '../src/domain/id.ts'
import { createAccount } from '../src/operations/create-account.ts'
import { createClient } from '../src/operations/create-client.ts'
import { createToken } from '../src/operations/create-token.ts'
import { FEED_POLL_MS } from '../src/operations/read-feed.ts'
import { openCore } from '../src/server/core.ts'
import { type Server, startServer } from '../src/server/start-server.ts'
import { makePlace, type Place, settingsAt } from './support/engines.ts'
import { EXAMPLE_BANK_ACCOUNT, openExampleBank } from './support/example-bank.ts'
import { createTestClock } from './support/memory-store.ts'
import { startProcessorServer } from './support/processor-server.ts'
import { call } from './support/server.ts'
import { TEST_ACTOR } from './support/stored-rows.ts'

const SCOPES = ['payments.READ', 'payments.CREATE', 'payouts.READ'] as const
const KEY = `whsec_${Buffer.alloc(32, 1).toString('base64')}`
/** The longest wait for the background work of the server, in milliseconds. */
const WORK_MS_MAX = 60_000

const bank = openExampleBank()
// The clock starts at the machine's time, because the token's times come from the machine's clock.
const clock = createTestClock(Date.now())
let place: Place
let acme: Awaited<ReturnType<typeof startProcessorServer>>
let server: Server
let accountId: AccountId
let token: string
beforeAll(async () => {
  acme = await startProcessorServer(bank)
  place = await makePlace('file')
  const settings = settingsAt(place, {
    live: true,
    secretKey: '01'.repeat(32),
    rateLimits: false,
    processor: acme.url,
    processorKey: KEY,
  })
  const core = await openCore(settings)
  const operator = { ...core, actor: TEST_ACTOR }
  accountId = (await createAccount(operator, 'Shop Test', 'IN')).account.id
  const { client } = await createClient(operator, {
    name: 'App',
    accountIds: [accountId],
    redirectUris: [],
    isMachine: true,
  })
  const tokens = await createToken(operator, client, SCOPES, [accountId])
  if ('error' in tokens) throw new Error(tokens.description)
  token = tokens.accessToken
  await core.store.close()
  server = await startServer(settings, { clock })
})
afterAll(async () => {
  await server?.close()
  acme?.close()
  place?.remove()
})

const send = (method: string, path: string, body?: object) =>
  call(server.baseUrl, method, `${path}?account_id=${accountId}`, body, {
    authorization: `Zoho-oauthtoken ${token}`,
  })

test('in live mode a transfer that the processor reports becomes a payment, and only reported payouts are listed', async () => {
  const answer = await send('POST', '/virtualaccounts', { description: 'Deposits' })
  expect(answer.status).toBe(201)
  const { account_number: accountNumber, virtual_account_id: id } = answer.body.virtual_account
  bank.sendTransfer({ accountNumber, amount: { amountMinor: 100_000n, currency: 'INR' } })
  const noticedAttemptIds = () =>
    bank.notices.flatMap((one) => ('attemptId' in one ? one.attemptId : []))
  clock.advance(FEED_POLL_MS)
  await expect.poll(noticedAttemptIds, { timeout: WORK_MS_MAX }).toHaveLength(1)
  const { payments } = (await send('GET', `/virtualaccounts/${id}/payments`)).body
  expect(payments).toMatchObject([{ payment_id: noticedAttemptIds()[0], amount: '1000.00' }])
  // Live mode computes neither payouts nor balances.
  expect((await send('GET', '/payouts')).body.payouts).toEqual([])
  expect((await send('GET', '/balance')).body.balances).toEqual([])
  const nowMs = clock.nowMs()
  bank.reports.push({
    payoutReference: 'po_1',
    amount: { amountMinor: 97_640n, currency: 'INR' },
    initiatedAtMs: nowMs,
    bankAccount: EXAMPLE_BANK_ACCOUNT,
    result: { status: 'paid', decidedAtMs: nowMs, bankReference: 'ACMEPAY1' },
    transactions: [{ kind: 'payment', id: String(noticedAttemptIds()[0]) }],
  })
  clock.advance(FEED_POLL_MS)
  const listPayouts = async () => (await send('GET', '/payouts')).body.payouts
  await expect
    .poll(listPayouts, { timeout: WORK_MS_MAX })
    .toMatchObject([{ amount: '976.40', status: 'paid' }])
}, 150_000)
