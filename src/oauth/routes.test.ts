import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ENGINES, liveSettingsAt, makePlace } from '../../test/support/engines.ts'
import {
  ACCOUNT_ID,
  call,
  startTestServer,
  type TestServer,
  US_ACCOUNT_ID,
} from '../../test/support/server.ts'
import { TEST_ACTOR } from '../../test/support/stored-rows.ts'
import { hashSecret } from '../domain/secret.ts'
import { createAccount } from '../operations/create-account.ts'
import { createClient } from '../operations/create-client.ts'
import { SANDBOX_VALUES } from '../sandbox/well-known.ts'
import { startServer } from '../server/start-server.ts'

const { clientId, clientSecret, refreshToken } = SANDBOX_VALUES
const CALLBACK = 'https://example.com/oauth/callback'
const TOKEN_SHAPE = /^1000\.[0-9a-f]{32}\.[0-9a-f]{32}$/
const CREDENTIALS = { client_id: clientId, client_secret: clientSecret }

// biome-ignore lint/suspicious/noExplicitAny: a test reads only the fields that it asserts.
type Tokens = any

describe.each(ENGINES)('the accounts server, on %s', (engine) => {
  let nowMs = Date.now()
  let server: TestServer
  beforeAll(async () => {
    server = await startTestServer(engine, {}, { clock: { nowMs: () => nowMs } })
  })
  afterAll(() => server.close())

  const askToken = async (
    parameters: Record<string, string>,
    place: 'form' | 'query' = 'form',
  ): Promise<Tokens> => {
    const encodings = new URLSearchParams({ ...CREDENTIALS, ...parameters })
    const answer = await fetch(
      `${server.baseUrl}/oauth/v2/token${place === 'query' ? `?${encodings}` : ''}`,
      {
        method: 'POST',
        ...(place === 'form' && { body: encodings }),
      },
    )
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(answer.status).toBe(200)
    return answer.json()
  }
  const authorizeUrl = (parameters: Record<string, string>, path = '/oauth/v2/org/auth') =>
    `${server.baseUrl}${path}?${new URLSearchParams({
      response_type: 'code',
      client_id: clientId,
      redirect_uri: CALLBACK,
      scope: 'ZohoPay.payments.CREATE,ZohoPay.payments.READ',
      soid: `zohopay.${ACCOUNT_ID}`,
      access_type: 'offline',
      prompt: 'consent',
      ...parameters,
    })}`
  /** Goes through the consent page like a browser without script. */
  async function consent(
    parameters: Record<string, string> = {},
    answer: Record<string, string> = {},
  ) {
    const page = await (await fetch(authorizeUrl(parameters))).text()
    const request = /name="request" value="([^"]+)"/.exec(page)?.[1] ?? ''
    const account = /name="account" value="([^"]+)"/.exec(page)?.[1] ?? ''
    const response = await fetch(`${server.baseUrl}/oauth/v2/consent`, {
      method: 'POST',
      redirect: 'manual',
      body: new URLSearchParams({ request, account, decision: 'allow', ...answer }),
    })
    return { status: response.status, location: response.headers.get('location') ?? '', page }
  }
  const codeFrom = (location: string) => new URL(location).searchParams.get('code') ?? ''
  const statusWith = async (token: string, account = ACCOUNT_ID) =>
    (
      await call(server.baseUrl, 'GET', `/paymentsessions?account_id=${account}`, undefined, {
        authorization: `Zoho-oauthtoken ${token}`,
      })
    ).status

  test('a code from the consent page returns tokens in the format of the real service', async () => {
    const { status, location } = await consent({ state: 'a&b=c' })
    expect(status).toBe(303)
    const parameters = new URL(location).searchParams
    expect(parameters.get('state')).toBe('a&b=c')
    expect(parameters.get('location')).toBe('in')
    expect(parameters.get('accounts-server')).toBe(server.baseUrl)
    const code = codeFrom(location)
    expect(code).toMatch(TOKEN_SHAPE)
    const tokens = await askToken({
      grant_type: 'authorization_code',
      code,
      redirect_uri: CALLBACK,
    })
    expect(Object.keys(tokens)).toEqual([
      'access_token',
      'refresh_token',
      'scope',
      'api_domain',
      'token_type',
      'expires_in',
    ])
    expect(tokens).toMatchObject({
      access_token: expect.stringMatching(TOKEN_SHAPE),
      refresh_token: expect.stringMatching(TOKEN_SHAPE),
      scope: 'ZohoPay.payments.CREATE ZohoPay.payments.READ',
      token_type: 'Bearer',
      expires_in: 3600,
    })
    expect(await statusWith(tokens.access_token)).toBe(200)
    // The token was issued for one account.
    expect(await statusWith(tokens.access_token, US_ACCOUNT_ID)).toBe(401)
  })

  test('a code works once, and a second use revokes the tokens of the first use', async () => {
    const code = codeFrom((await consent()).location)
    const exchange = { grant_type: 'authorization_code', code, redirect_uri: CALLBACK }
    const tokens = await askToken(exchange)
    expect(await statusWith(tokens.access_token)).toBe(200)
    expect((await askToken(exchange)).error).toBe('invalid_code')
    expect(await statusWith(tokens.access_token)).toBe(401)
    expect(
      (await askToken({ grant_type: 'refresh_token', refresh_token: tokens.refresh_token })).error,
    ).toBe('invalid_code')
  })

  test('a code expires after one minute', async () => {
    const exchange = async () => ({
      grant_type: 'authorization_code',
      code: codeFrom((await consent()).location),
      redirect_uri: CALLBACK,
    })
    const [early, late] = [await exchange(), await exchange()]
    nowMs += 59_999
    expect(await askToken(early)).toHaveProperty('access_token')
    nowMs += 1
    expect((await askToken(late)).error).toBe('invalid_code')
  })

  test('a code works only with its client, redirect_uri and code_verifier', async () => {
    const exchange = { grant_type: 'authorization_code', redirect_uri: CALLBACK }
    const other = await createClient(
      { ...server.tenant, actor: TEST_ACTOR },
      {
        name: 'Other',
        accountIds: [ACCOUNT_ID as never],
        redirectUris: [CALLBACK],
        isMachine: false,
      },
    )
    const asOther = { client_id: other.client.id, client_secret: other.secret }
    expect(
      (await askToken({ ...exchange, ...asOther, code: codeFrom((await consent()).location) }))
        .error,
    ).toBe('invalid_code')
    expect(
      (
        await askToken({
          ...exchange,
          redirect_uri: `${CALLBACK}/`,
          code: codeFrom((await consent()).location),
        })
      ).error,
    ).toBe('invalid_code')

    const verifier = 'a'.repeat(43)
    const challenge = createHash('sha256').update(verifier).digest('base64url')
    const pkce = { code_challenge: challenge, code_challenge_method: 'S256' }
    expect(
      (await askToken({ ...exchange, code: codeFrom((await consent(pkce)).location) })).error,
    ).toBe('invalid_code')
    expect(
      (
        await askToken({
          ...exchange,
          code_verifier: 'wrong',
          code: codeFrom((await consent(pkce)).location),
        })
      ).error,
    ).toBe('invalid_code')
    expect(
      await askToken({
        ...exchange,
        code_verifier: verifier,
        code: codeFrom((await consent(pkce)).location),
      }),
    ).toHaveProperty('access_token')
  })

  test.each(['form', 'query'] as const)(
    'a request with a refresh token in the %s needs no redirect_uri, and gets an access token',
    async (place) => {
      const tokens = await askToken(
        { grant_type: 'refresh_token', refresh_token: refreshToken },
        place,
      )
      expect(tokens).not.toHaveProperty('refresh_token')
      expect(await statusWith(tokens.access_token)).toBe(200)
      expect(await statusWith(tokens.access_token, US_ACCOUNT_ID)).toBe(200)
    },
  )

  test('an access token works for one hour', async () => {
    const { access_token: token } = await askToken({
      grant_type: 'refresh_token',
      refresh_token: refreshToken,
    })
    nowMs += 3_599_000
    expect(await statusWith(token)).toBe(200)
    nowMs += 1_000
    expect(await statusWith(token)).toBe(401)
  })

  test('client_credentials returns a token with the requested scopes', async () => {
    const grant = {
      grant_type: 'client_credentials',
      scope: 'ZohoPay.payments.READ',
      soid: `zohopaysandbox.${US_ACCOUNT_ID}`,
    }
    const tokens = await askToken(grant)
    expect([
      await statusWith(tokens.access_token, US_ACCOUNT_ID),
      await statusWith(tokens.access_token),
    ]).toEqual([200, 401])
    expect(tokens).not.toHaveProperty('refresh_token')
    // Existing clients send this grant with a refresh token and mean to refresh.
    expect(await askToken({ ...grant, refresh_token: refreshToken })).toHaveProperty('access_token')
  })

  const REFUSED: [name: string, parameters: Record<string, string>, error: string][] = [
    ['no grant_type', {}, 'invalid_grant'],
    ['an unknown grant_type', { grant_type: 'password' }, 'invalid_grant'],
    [
      'an unknown client',
      { client_id: 'x', grant_type: 'refresh_token', refresh_token: refreshToken },
      'invalid_client',
    ],
    [
      'a wrong secret',
      { client_secret: 'x', grant_type: 'refresh_token', refresh_token: refreshToken },
      'invalid_client',
    ],
    [
      'an unknown code',
      { grant_type: 'authorization_code', code: 'x', redirect_uri: CALLBACK },
      'invalid_code',
    ],
    ['no code', { grant_type: 'authorization_code' }, 'invalid_code'],
    [
      'an unknown refresh token',
      { grant_type: 'refresh_token', refresh_token: 'x' },
      'invalid_code',
    ],
    ['no refresh token', { grant_type: 'refresh_token' }, 'invalid_grant'],
    [
      'an unknown scope',
      { grant_type: 'client_credentials', scope: 'ZohoPayments.x' },
      'invalid_grant',
    ],
    [
      'an unknown account',
      { grant_type: 'client_credentials', scope: 'ZohoPay.payments.READ', soid: 'zohopay.1' },
      'access_denied',
    ],
  ]
  test.each(REFUSED)(
    'a request with %s is refused with status 200 and an error code',
    async (_name, parameters, error) => {
      const answer = await askToken(parameters)
      expect(answer).toEqual({ error, error_description: expect.any(String) })
    },
  )

  test('a revocation takes effect immediately, and accepts access, refresh and unknown tokens', async () => {
    const revoke = async (token: string) =>
      (await fetch(`${server.baseUrl}/oauth/v2/token/revoke?token=${token}`, { method: 'POST' }))
        .status
    const code = codeFrom((await consent()).location)
    const tokens = await askToken({
      grant_type: 'authorization_code',
      code,
      redirect_uri: CALLBACK,
    })
    const second = await askToken({
      grant_type: 'refresh_token',
      refresh_token: tokens.refresh_token,
    })
    expect([await statusWith(tokens.access_token), await statusWith(second.access_token)]).toEqual([
      200, 200,
    ])
    expect(await revoke(second.access_token)).toBe(200)
    expect([await statusWith(tokens.access_token), await statusWith(second.access_token)]).toEqual([
      200, 401,
    ])
    expect(await revoke(tokens.refresh_token)).toBe(200)
    expect(await statusWith(tokens.access_token)).toBe(401)
    expect(
      (await askToken({ grant_type: 'refresh_token', refresh_token: tokens.refresh_token })).error,
    ).toBe('invalid_code')
    expect(await revoke('nothing')).toBe(200)
  })

  test('revoking an unknown token affects no other token', async () => {
    const { access_token: token } = await askToken({
      grant_type: 'refresh_token',
      refresh_token: refreshToken,
    })
    let isRevoking = true
    const revoking = (async () => {
      while (isRevoking)
        await fetch(`${server.baseUrl}/oauth/v2/token/revoke`, {
          method: 'POST',
          body: 'token=nonsense',
        })
    })()
    const statuses = new Set<number>()
    for (let round = 0; round < 60; round += 1) {
      for (const status of await Promise.all([1, 2, 3, 4].map(() => statusWith(token))))
        statuses.add(status)
    }
    isRevoking = false
    await revoking
    expect([...statuses]).toEqual([200])
  })

  test('a NUL character in any parameter is refused like any other malformed value', async () => {
    expect((await askToken({ client_id: '\0' })).error).toBe('invalid_client')
    expect((await askToken({ grant_type: 'refresh_token', refresh_token: '\0' })).error).toBe(
      'invalid_code',
    )
    expect(
      (await askToken({ grant_type: 'authorization_code', code: '\0', redirect_uri: '\0' })).error,
    ).toBe('invalid_code')
    expect((await fetch(authorizeUrl({ client_id: '\0' }))).status).toBe(400)
    const challenge = await fetch(
      authorizeUrl({ code_challenge: '\0', code_challenge_method: 'S256' }),
      { redirect: 'manual' },
    )
    expect(challenge.headers.get('location')).toContain('error=invalid_request')
  })

  test('the 21st refresh token of a client replaces the oldest token', async () => {
    const client = await createClient(
      { ...server.tenant, actor: TEST_ACTOR },
      {
        name: 'Many',
        accountIds: [ACCOUNT_ID as never],
        redirectUris: [CALLBACK],
        isMachine: false,
      },
    )
    const credentials = { client_id: client.client.id, client_secret: client.secret }
    const refreshTokens: string[] = []
    for (let count = 0; count < 21; count += 1) {
      const code = codeFrom((await consent({ client_id: credentials.client_id })).location)
      refreshTokens.push(
        (
          await askToken({
            ...credentials,
            grant_type: 'authorization_code',
            code,
            redirect_uri: CALLBACK,
          })
        ).refresh_token,
      )
    }
    const refreshes = await Promise.all(
      refreshTokens.map((one) =>
        askToken({ ...credentials, grant_type: 'refresh_token', refresh_token: one }),
      ),
    )
    expect(refreshes.map((one) => 'access_token' in one)).toEqual([false, ...Array(20).fill(true)])
  })

  test('the consent page shows the client and its scopes, escapes the client’s name, and allows no script', async () => {
    const client = await createClient(
      { ...server.tenant, actor: TEST_ACTOR },
      {
        name: '<script>x</script>',
        accountIds: [ACCOUNT_ID as never],
        redirectUris: [CALLBACK],
        isMachine: false,
      },
    )
    const { page } = await consent({ client_id: client.client.id })
    expect(page).toContain('&lt;script&gt;x&lt;/script&gt;')
    expect(page).not.toContain('<script')
    expect(page).toContain('Create payments and payment sessions')
    const answer = await fetch(authorizeUrl({}))
    expect(answer.headers.get('content-security-policy')).toBe(
      "default-src 'none'; style-src 'self'; img-src data:; form-action 'self' https://example.com; base-uri 'none'; frame-ancestors 'none'",
    )
  })

  test('a denied consent redirects to the client with its state', async () => {
    const { location } = await consent({ state: 's' }, { decision: 'deny' })
    expect(location).toBe(`${CALLBACK}?error=access_denied&state=s`)
  })

  test('errors after a valid redirect_uri are sent to the client by a redirect, on both paths', async () => {
    const ROWS: [Record<string, string>, string][] = [
      [{ response_type: 'token' }, 'unsupported_response_type'],
      [{ scope: 'ZohoPayments.x' }, 'invalid_scope'],
      [{ scope: '' }, 'invalid_scope'],
      [{ soid: 'zohopay.1' }, 'access_denied'],
      [{ code_challenge: 'x', code_challenge_method: 'plain' }, 'invalid_request'],
    ]
    for (const path of ['/oauth/v2/auth', '/oauth/v2/org/auth']) {
      for (const [parameters, error] of ROWS) {
        const answer = await fetch(authorizeUrl({ ...parameters, state: 's' }, path), {
          redirect: 'manual',
        })
        const { searchParams } = new URL(answer.headers.get('location') ?? '')
        expect([answer.status, searchParams.get('error'), searchParams.get('state')]).toEqual([
          303,
          error,
          's',
        ])
      }
    }
  })

  test('a redirect_uri that differs from each registered one, or an unknown client, gets no redirect', async () => {
    for (const uri of [
      `${CALLBACK}/`,
      'https://evil.example/',
      `${CALLBACK}?x=1`,
      'javascript:alert(1)',
      '',
    ]) {
      const answer = await fetch(authorizeUrl({ redirect_uri: uri }), { redirect: 'manual' })
      expect([uri, answer.status, answer.headers.get('location')]).toEqual([uri, 400, null])
    }
    expect(
      (await fetch(authorizeUrl({ client_id: 'nobody' }), { redirect: 'manual' })).status,
    ).toBe(400)
  })

  test('a forged or expired consent form returns no code', async () => {
    const forgery = await consent(
      {},
      { request: `${Buffer.from('{"expiresAtMs":9e15}').toString('base64url')}.x` },
    )
    expect([forgery.status, forgery.location]).toEqual([400, ''])
    const page = await (await fetch(authorizeUrl({}))).text()
    const request = /name="request" value="([^"]+)"/.exec(page)?.[1] ?? ''
    nowMs += 10 * 60_000
    const late = await fetch(`${server.baseUrl}/oauth/v2/consent`, {
      method: 'POST',
      redirect: 'manual',
      body: new URLSearchParams({ request, account: ACCOUNT_ID, decision: 'allow' }),
    })
    expect([late.status, late.headers.get('location')]).toEqual([400, null])
  })

  test('tokens and secrets are stored only as hashes', async () => {
    const { access_token: token } = await askToken({
      grant_type: 'refresh_token',
      refresh_token: refreshToken,
    })
    expect(await server.tenant.store.tokens.findAccessToken(hashSecret(token))).toBeDefined()
    const databaseText = JSON.stringify([
      await server.tenant.store.clients.list(),
      await server.tenant.store.tokens.findAccessToken(hashSecret(token)),
      await server.tenant.store.tokens.list({ clientId }, nowMs, 100),
    ])
    expect(databaseText).toContain(hashSecret(refreshToken))
    for (const secret of [token, clientSecret, refreshToken])
      expect(databaseText).not.toContain(secret)
  })
})

test('in live mode the consent page requires the correct owner key', async () => {
  const place = await makePlace('file')
  const settings = liveSettingsAt(place)
  const service = await startServer(settings)
  try {
    const { account, secrets } = await createAccount(
      { ...service.tenant, actor: TEST_ACTOR },
      'Shop',
      'IN',
    )
    const { client } = await createClient(
      { ...service.tenant, actor: TEST_ACTOR },
      {
        name: 'App',
        accountIds: [account.id],
        redirectUris: [CALLBACK],
        isMachine: false,
      },
    )
    const query = new URLSearchParams({
      response_type: 'code',
      client_id: client.id,
      redirect_uri: CALLBACK,
      scope: 'ZohoPay.payments.READ',
    })
    const page = await (await fetch(`${service.baseUrl}/oauth/v2/auth?${query}`)).text()
    expect(page).toContain('name="owner_key"')
    const request = /name="request" value="([^"]+)"/.exec(page)?.[1] ?? ''
    const answer = (ownerKey: string) =>
      fetch(`${service.baseUrl}/oauth/v2/consent`, {
        method: 'POST',
        redirect: 'manual',
        body: new URLSearchParams({
          request,
          account: account.id,
          decision: 'allow',
          owner_key: ownerKey,
        }),
      })
    const wrong = await answer('wrong')
    expect([wrong.status, wrong.headers.get('location')]).toEqual([403, null])
    expect(await wrong.text()).toContain('owner key is wrong')
    const right = await answer(secrets.ownerKey)
    expect(new URL(right.headers.get('location') ?? '').searchParams.get('code')).toMatch(
      TOKEN_SHAPE,
    )
    // The well-known credentials do not work here.
    expect((await call(service.baseUrl, 'GET', '/paymentsessions')).status).toBe(401)
  } finally {
    await service.close()
    place.remove()
  }
})
