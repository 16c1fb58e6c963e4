import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  AuthenticationError,
  ConflictError,
  createPaydeskClient,
  InvalidRequestError,
  NotFoundError,
  PaydeskError,
} from '../../src/client/index.ts'
import { type Sandbox, startSandbox } from '../../src/testing/index.ts'

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await startSandbox()
})
afterAll(() => sandbox.close())

/** Makes a client that requests its own tokens, with the list of requested paths and a movable clock. */
async function withOauth(options: { accessToken?: string; clientSecret?: string } = {}) {
  const tenant = await sandbox.tenant()
  const paths: string[] = []
  let nowMs = Date.now()
  const client = createPaydeskClient({
    baseUrl: tenant.baseUrl,
    accountId: tenant.accountId,
    ...(options.accessToken !== undefined && { accessToken: options.accessToken }),
    oauth: {
      clientId: tenant.clientId,
      refreshToken: tenant.refreshToken,
      clientSecret: options.clientSecret ?? tenant.clientSecret,
    },
    machine: { nowMs: () => nowMs },
    fetch: (input, init) => {
      paths.push(new URL(String(input)).pathname)
      return fetch(input, init)
    },
  })
  const tokenCount = () => paths.filter((path) => path === '/oauth/v2/token').length
  const pass = (ms: number) => {
    nowMs += ms
  }
  return { paths, client, tenant, tokenCount, pass }
}

describe('authentication', () => {
  test('the client requests one token for any number of concurrent calls, and caches it', async () => {
    const { client, tokenCount } = await withOauth()
    await Promise.all(Array.from({ length: 10 }, () => client.payments.list()))
    await client.payments.list()
    expect(tokenCount()).toBe(1)
  })

  test('the client replaces a token a minute before it expires', async () => {
    const { client, pass, tokenCount } = await withOauth()
    await client.payments.list()
    pass(3_539_000)
    await client.payments.list()
    expect(tokenCount()).toBe(1)
    pass(1_500)
    await client.payments.list()
    expect(tokenCount()).toBe(2)
  })

  test('the client replaces a refused token once for all calls that used it', async () => {
    const { client, tokenCount } = await withOauth({ accessToken: `1000.${'0'.repeat(32)}.x` })
    await Promise.all(Array.from({ length: 10 }, () => client.payments.list()))
    expect(tokenCount()).toBe(1)
  })

  test('the client replaces a token that has expired by the sandbox’s clock', async () => {
    const { client, tenant, tokenCount } = await withOauth()
    const session = await client.paymentSessions.create({ amount: 1, currency: 'INR' })
    await tenant.clock.advance('2h')
    const after = await client.paymentSessions.retrieve(session.payments_session_id)
    expect(after.status).toBe('expired')
    expect(tokenCount()).toBe(2)
  })

  test('a refusal by the accounts server causes an error with the server’s code', async () => {
    const { client, tokenCount } = await withOauth({ clientSecret: 'not the secret' })
    const error = await client.payments.list().catch((error: unknown) => error)
    expect(error).toBeInstanceOf(AuthenticationError)
    expect(error).toMatchObject({ code: 'invalid_client', status: 200 })
    expect(tokenCount()).toBe(1)
  })

  test('a revoked refresh token causes an error, and no endless requests', async () => {
    const { paths, client, pass, tenant } = await withOauth()
    await client.payments.list()
    const form = new URLSearchParams({ token: tenant.refreshToken })
    await fetch(`${tenant.baseUrl}/oauth/v2/token/revoke`, { method: 'POST', body: form })
    pass(3_600_000)
    await expect(client.payments.list()).rejects.toBeInstanceOf(AuthenticationError)
    expect(paths.filter((path) => path === '/oauth/v2/token').length).toBe(2)
  })

  test('without a refresh token or client credentials an answer 401 causes an error at once', async () => {
    const { accountId, baseUrl } = sandbox
    const client = createPaydeskClient({ baseUrl, accountId, accessToken: 'no token at all' })
    const error = await client.payments.list().catch((error: unknown) => error)
    expect(error).toBeInstanceOf(AuthenticationError)
    expect(error).toMatchObject({ status: 401, code: 'error' })
  })

  test('a client without any credentials is refused', () => {
    const options = { baseUrl: sandbox.baseUrl, accountId: sandbox.accountId }
    expect(() => createPaydeskClient(options as never)).toThrow('accessToken')
  })
})

describe('an error', () => {
  const call = (call: (client: Sandbox['client']) => Promise<unknown>) =>
    call(sandbox.client).then(
      () => undefined,
      (error: unknown) => error as PaydeskError,
    )

  test('names the wrong field', async () => {
    const error = await call((client) =>
      client.paymentSessions.create({ amount: 10.001, currency: 'INR' }),
    )
    expect(error).toBeInstanceOf(InvalidRequestError)
    expect(error).toBeInstanceOf(PaydeskError)
    expect(error).toMatchObject({
      name: 'InvalidRequestError',
      status: 400,
      code: 'invalid_parameter',
      field: 'amount',
      message: expect.stringContaining('amount'),
      requestId: expect.stringMatching(/^\S+$/),
    })
  })

  test('has a different class for a missing object and for a wrong request', async () => {
    const error = await call((client) => client.refunds.retrieve('1'))
    expect(error).toBeInstanceOf(NotFoundError)
    expect(error).toMatchObject({ status: 404, code: 'resource_does_not_exist' })
  })

  test('for a repeated idempotency key with another body is a conflict', async () => {
    const options = { idempotencyKey: 'same' }
    const { paymentSessions } = sandbox.client
    await paymentSessions.create({ amount: 1, currency: 'INR' }, options)
    const error = await call(() => paymentSessions.create({ amount: 2, currency: 'INR' }, options))
    expect(error).toBeInstanceOf(ConflictError)
    expect(error).toMatchObject({ status: 409, code: 'idempotency_conflict' })
  })

  test('has the class for a missing object if an id contains a path', async () => {
    const error = await call((client) => client.payments.retrieve('../paymentsessions?x=1#'))
    expect(error).toBeInstanceOf(NotFoundError)
  })
})

test.each([
  ['IN', 'https://payments.zoho.in/api/v1/payments', 'https://accounts.zoho.in/oauth/v2/token'],
  [
    'IN_SANDBOX',
    'https://paymentssandbox.zoho.in/api/v1/payments',
    'https://accounts.zoho.in/oauth/v2/token',
  ],
  ['US', 'https://payments.zoho.com/api/v1/payments', 'https://accounts.zoho.com/oauth/v2/token'],
] as const)(
  'for the edition %s the client calls the real service',
  async (edition, apiUrl, tokenUrl) => {
    const urls: string[] = []
    const client = createPaydeskClient({
      edition,
      accountId: '23137556',
      oauth: {
        clientId: '1000.X',
        clientSecret: 's',
        refreshToken: 'r',
        redirectUri: 'https://a.b',
      },
      fetch: async (input, init) => {
        const { origin, pathname } = new URL(String(input))
        urls.push(`${origin}${pathname}`)
        return Response.json(
          pathname.startsWith('/oauth/')
            ? { access_token: 't', expires_in: 3600, sent: String(init?.body) }
            : { code: 0, message: 'success', payments: [] },
        )
      },
    })
    // A page can lack page_context, as the real service's libraries allow.
    for await (const _ of client.payments.listAll()) throw new Error('there is none')
    expect(urls).toEqual([tokenUrl, apiUrl])
  },
)

describe('the client refuses, before any request,', () => {
  const noFetch = () => {
    throw new Error('a request was sent')
  }
  const access = { accountId: '1', accessToken: 'x', fetch: noFetch }

  test('a missing address, an address that is not http, and an unknown edition, with a sentence that names the option', () => {
    // Programs without types can give anything.
    const make = (place: object) => () =>
      createPaydeskClient({ ...access, ...place } as unknown as Parameters<
        typeof createPaydeskClient
      >[0])
    expect(make({})).toThrow(
      new TypeError(
        'A client needs either a baseUrl (the address of a Paydesk server) or an edition of the real service.',
      ),
    )
    const expected = 'must be a URL that begins with http:// or https://, but it is'
    expect(make({ baseUrl: '127.0.0.1:4242' })).toThrow(`baseUrl ${expected} "127.0.0.1:4242".`)
    expect(make({ baseUrl: 'http://' })).toThrow(`baseUrl ${expected} "http://".`)
    expect(make({ baseUrl: '' })).toThrow(`baseUrl ${expected} "".`)
    expect(make({ baseUrl: null })).toThrow(`baseUrl ${expected} null.`)
    const accounts = { baseUrl: 'http://127.0.0.1', accountsUrl: 'ftp://127.0.0.1' }
    expect(make(accounts)).toThrow(`accountsUrl ${expected} "ftp://127.0.0.1".`)
    expect(make({ edition: 'EU' })).toThrow(
      'edition must be one of IN, IN_SANDBOX, US, but it is "EU".',
    )
  })

  test('an empty or missing id of every resource, with a TypeError that names the parameter', async () => {
    const client = createPaydeskClient({ ...access, baseUrl: 'http://127.0.0.1:1' })
    const missing = undefined as unknown as string
    const calls: Readonly<Record<string, (id: string) => Promise<unknown>>> = {
      payments_session_id: client.paymentSessions.retrieve,
      payment_link_id: client.paymentLinks.retrieve,
      payment_id: client.payments.retrieve,
      refund_id: client.refunds.retrieve,
      customer_id: client.customers.retrieve,
      payment_method_session_id: client.paymentMethodSessions.retrieve,
      payment_method_id: client.paymentMethods.retrieve,
      virtual_account_id: client.virtualAccounts.retrieve,
      mandate_id: client.mandates.retrieve,
      transfer_id: client.transfers.retrieve,
      transfer_reversal_id: client.transferReversals.retrieve,
      connected_account_id: client.connectedAccounts.retrieve,
      payout_id: client.payouts.retrieve,
      webhook_url_id: client.webhooks.retrieve,
      event_id: client.events.retrieve,
    }
    const resources = Object.values<unknown>(client).filter(
      (one) => typeof one === 'object' && one !== null && 'retrieve' in one,
    )
    expect(Object.keys(calls)).toHaveLength(resources.length)
    for (const [name, retrieve] of Object.entries(calls)) {
      const error = (came: string) => new TypeError(`${name} must be an id, but it is ${came}.`)
      await expect(retrieve('')).rejects.toEqual(error('an empty text'))
      await expect(retrieve(missing)).rejects.toEqual(error('undefined'))
    }
    await expect(client.paymentSessions.cancel('')).rejects.toThrow(/^payments_session_id must be/)
    await expect(client.refunds.listAll('').next()).rejects.toThrow(/^payment_id must be/)
    await expect(client.webhooks.deliveries.resend('7', '')).rejects.toThrow(/^event_id must be/)
  })
})
