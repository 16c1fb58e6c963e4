/** Messages to customers from a live server, through a real mail server. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AccountId } from '../src/domain/id.ts'
import { createSmtpMessenger } from '../src/messengers/smtp.ts'
import { createAccount } from '../src/operations/create-account.ts'
import { createClient } from '../src/operations/create-client.ts'
import { createToken } from '../src/operations/create-token.ts'
import { sendMessageNext } from '../src/operations/send-messages.ts'
import { type Core, openCore } from '../src/server/core.ts'
import { type Server, startServer } from '../src/server/start-server.ts'
import { visit } from './support/customer.ts'
import { makePlace, type Place, settingsAt } from './support/engines.ts'
import { type MailServer, type ReceivedMail, startMailServer } from './support/mail-server.ts'
import { call, PAYDESK } from './support/server.ts'
import { messageOf, TEST_ACTOR } from './support/stored-rows.ts'

const SECRET_KEY = '01'.repeat(32)
const APPROVING = new URL('support/approving-processor.ts', import.meta.url).pathname
const LIVE = { live: true, secretKey: SECRET_KEY, processor: APPROVING, rateLimits: false }
const FORM = {
  method: 'upi',
  upi_channel: 'collect',
  upi_id: 'asha@bank',
  email: 'asha@shop.example',
}
const PAGE = { page: 1, perPage: 10 }
const mailFlags = ({ port }: MailServer) => ({
  messenger: 'smtp',
  smtpHost: '127.0.0.1',
  smtpPort: String(port),
  smtpTls: 'off',
  mailFrom: 'receipts@shop.example',
})

describe.each(['file', 'postgres'] as const)('messages of a live server, on %s', (engine) => {
  let place: Place
  let mails: MailServer
  let onMail: (mail: ReceivedMail) => undefined
  let accountId: AccountId
  let token: string
  beforeAll(async () => {
    place = await makePlace(engine)
    mails = await startMailServer({ tls: 'off', onMail: (mail) => onMail(mail) })
    const core = await openCore(settingsAt(place, LIVE))
    const operator = { ...core, actor: TEST_ACTOR }
    accountId = (await createAccount(operator, 'Shop Test', 'IN')).account.id
    token = await newToken(operator)
    await core.store.close()
  })
  afterAll(async () => {
    await mails.close()
    place.remove()
  })

  async function newToken(operator: Core & { readonly actor: typeof TEST_ACTOR }) {
    const { client } = await createClient(operator, {
      name: 'App',
      accountIds: [accountId],
      redirectUris: [],
      isMachine: true,
    })
    const scopes = ['payments.READ', 'payments.CREATE'] as const
    const tokens = await createToken(operator, client, scopes, [accountId])
    if ('error' in tokens) throw new Error(tokens.description)
    return tokens.accessToken
  }

  async function withServer<Result>(
    flags: Readonly<Record<string, string>>,
    work: (server: Server) => Promise<Result>,
  ): Promise<Result> {
    const server = await startServer(settingsAt(place, { ...LIVE, ...flags }))
    try {
      return await work(server)
    } finally {
      await server.close()
    }
  }

  /** Creates a session whose page has the customer's e-mail address. Returns the path of the page. */
  async function newPage({ baseUrl }: Server): Promise<string> {
    const creation = await call(
      baseUrl,
      'POST',
      `/paymentsessions?account_id=${accountId}`,
      {
        amount: 1499.9,
        currency: 'INR',
        configurations: {
          hosted_page_parameters: {
            email: FORM.email,
            success_url: 'https://shop.example/ok',
            failure_url: 'https://shop.example/failed',
          },
        },
        description: 'Order 8841',
      },
      { authorization: `Zoho-oauthtoken ${token}` },
    )
    expect([creation.status, creation.text]).toEqual([201, expect.any(String)])
    return `/hostedcheckout/${creation.body.payments_session.access_key}`
  }

  /** Returns the text that a page shows, without the messages that its script can need later. */
  async function shownTextOf({ baseUrl }: Server, path: string): Promise<string> {
    const { status, text } = await visit(baseUrl, path)
    expect(status).toBe(200)
    return text.replaceAll(/<script[\s\S]*?<\/script>/g, '').replaceAll(/<[^>]*>/g, '\n')
  }

  async function pay({ baseUrl }: Server, path: string, language: string): Promise<void> {
    const payment = await visit(baseUrl, `${path}/pay?lang=${language}`, FORM)
    expect([payment.status, payment.text]).toEqual([303, ''])
  }

  test('with a mail server the checkout promises a receipt, and a paid session sends it in the page’s language', async () => {
    const arrival = Promise.withResolvers<ReceivedMail>()
    onMail = (mail) => {
      arrival.resolve(mail)
      return undefined
    }
    await withServer(mailFlags(mails), async (server) => {
      const path = await newPage(server)
      expect(await shownTextOf(server, `${path}?lang=hi`)).toContain('रसीद के लिए ईमेल')
      await pay(server, path, 'hi')
      const { content, from, to } = await arrival.promise
      expect({ from, to }).toEqual({ from: 'receipts@shop.example', to: ['asha@shop.example'] })
      expect(content).toContain('Content-Language: hi')
      expect(content).not.toContain('asha@bank')
    })
    expect(mails.accepted).toHaveLength(1)
  })

  test('without a messenger the checkout promises no receipt, and none is stored', async () => {
    await withServer({}, async (server) => {
      const { total: before } = await server.tenant.store.messages.list(accountId, PAGE)
      const path = await newPage(server)
      const text = await shownTextOf(server, `${path}?lang=en`)
      expect(text).toContain('Email')
      expect(text).not.toMatch(/receipt/i)
      await pay(server, path, 'en')
      const { total } = await server.tenant.store.messages.list(accountId, PAGE)
      expect(total).toBe(before)
    })
  })

  test('a server that is killed after the mail server has received a message never sends the message again', async () => {
    const core = await openCore(settingsAt(place, LIVE))
    const message = messageOf({
      accountId,
      createdAtMs: core.clock.nowMs(),
      nextAttemptAtMs: core.clock.nowMs(),
    })
    await core.store.transaction((tx) => tx.messages.insert(message))
    await core.store.close()
    mails.accepted.length = 0

    let child: ChildProcess | undefined
    const exit = Promise.withResolvers<void>()
    onMail = () => {
      // The mail server accepts the message, but Paydesk is killed before it reads the answer.
      child?.kill('SIGKILL')
      return undefined
    }
    child = await spawnLive(mailFlags(mails))
    child.once('exit', () => exit.resolve())
    if (child.exitCode === null && child.signalCode === null) await exit.promise

    const after = await openCore(settingsAt(place, LIVE))
    expect((await after.store.messages.find(message.id))?.status).toBe('sending')
    onMail = () => undefined
    const deps = {
      store: after.store,
      // A time after the claim of the killed server, and after every wait of the schedule.
      clock: { nowMs: () => after.clock.nowMs() + 2 * 86_400_000 },
      messenger: createSmtpMessenger({
        host: '127.0.0.1',
        port: mails.port,
        tls: 'off',
        from: 'receipts@shop.example',
      }),
      onOutcome: () => {},
    }
    while ((await sendMessageNext(deps)) !== undefined);
    expect((await after.store.messages.find(message.id))?.status).toBe('unknown')
    await after.store.close()
    expect(mails.accepted).toHaveLength(1)
  })

  /** Starts a live server in a separate process, and waits until it listens. */
  async function spawnLive(flags: Readonly<Record<string, string>>): Promise<ChildProcess> {
    const flagWords = Object.entries({ ...place.flags, ...flags }).flatMap(([name, value]) => [
      `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
      String(value),
    ])
    const child = spawn(
      process.execPath,
      [PAYDESK, 'serve', '--live', '--port', '0', '--processor', APPROVING, ...flagWords],
      {
        env: { ...process.env, PAYDESK_SECRET_KEY: SECRET_KEY },
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    )
    const lines = createInterface({ input: child.stdout })
    await Promise.race([once(lines, 'line'), once(child, 'exit')])
    return child
  }
})
