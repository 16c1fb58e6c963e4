import { generateKeyPairSync } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { liveSettingsAt, makePlace, type Place } from '../../test/support/engines.ts'
import {
  CLIENT_ID,
  CLIENT_SECRET,
  startIdentityProvider,
  type TestIdentityProvider,
  visitProvider,
} from '../../test/support/identity-provider.ts'
import { TEST_ACTOR } from '../../test/support/stored-rows.ts'
import { disableOperator, linkOperator } from '../operations/change-operator.ts'
import { createAccount } from '../operations/create-account.ts'
import { createOperator } from '../operations/invite-operator.ts'
import { type Server, startServer } from '../server/start-server.ts'

const PUBLIC_URL = 'https://pay.example.com/desk'
const CALLBACK = `${PUBLIC_URL}/console/sign-in/callback`

describe.each(['file', 'postgres'] as const)('sign-in through a provider, on %s', (engine) => {
  let aheadMs = 0
  let place: Place
  let provider: TestIdentityProvider
  let server: Server
  let accountId: string

  beforeAll(async () => {
    place = await makePlace(engine)
    provider = await startIdentityProvider(CALLBACK)
    const settings = liveSettingsAt(place, {
      publicUrl: PUBLIC_URL,
      oidcIssuer: provider.issuer,
      oidcClientId: CLIENT_ID,
      oidcClientSecret: CLIENT_SECRET,
      oidcRoles: 'payments-admins=administrator,payments-team=support',
      oidcAccountsClaim: 'accounts',
      oidcName: 'Tea Group',
    })
    // The provider uses the machine's clock.
    server = await startServer(settings, { clock: { nowMs: () => Date.now() + aheadMs } })
    accountId = (await createAccount(deps(), 'Tea shop', 'IN')).account.id
  })
  afterAll(async () => {
    await server.close()
    await provider.close()
    place.remove()
  })
  beforeEach(() => {
    aheadMs = 0
    Object.assign(provider.state, { tamper: undefined, foreignKey: undefined, isSilent: false })
  })

  const deps = () => ({ ...server.tenant, actor: TEST_ACTOR })
  const get = (path: string, cookie = '', headers: Record<string, string> = {}) =>
    fetch(`${server.localUrl}/desk${path}`, {
      redirect: 'manual',
      headers: { cookie, ...headers },
    })
  const cookiesOf = (answer: Response) =>
    answer.headers
      .getSetCookie()
      .map((cookie) => cookie.split(';')[0] ?? '')
      .filter((cookie) => !cookie.endsWith('='))
      .join('; ')
  function enroll(subject: string, more: Record<string, unknown> = {}): void {
    provider.people.set(subject, {
      name: `Person ${subject}`,
      email: `${subject}@example.com`,
      email_verified: true,
      groups: ['everyone', 'payments-team'],
      accounts: [accountId],
      ...more,
    })
    provider.state.subject = subject
  }
  /** Begins a sign-in, and visits the provider. Returns the cookie, and the address at which the browser comes back. */
  async function begin(present = '') {
    const start = await get('/console/sign-in/provider', present)
    expect(start.status).toBe(303)
    const url = await visitProvider(start.headers.get('location') ?? '', provider)
    return { cookie: cookiesOf(start), path: `/console/sign-in/callback${url.search}`, url }
  }
  async function signIn(present = '') {
    const { cookie, path } = await begin(present)
    return get(path, cookie)
  }
  async function factsOf(answer: Response) {
    const page = await get('/console', cookiesOf(answer))
    const json = /id="console-facts">(.*?)<\/script>/.exec(await page.text())
    return json === null ? undefined : JSON.parse(json[1] ?? '')
  }
  async function expectRefusal(answer: Response, status: number, sentence: string): Promise<void> {
    expect([answer.status, await answer.text()]).toEqual([
      status,
      expect.stringContaining(sentence),
    ])
    expect(cookiesOf(answer)).toBe('')
  }

  test('makes an operator with the mapped role, which then follows the claims of each sign-in', async () => {
    // The console is on without an operator, and offers the provider by its name.
    expect(await (await get('/console/sign-in')).text()).toContain('Sign in with Tea Group')
    enroll('asha')
    const { cookie, path, url } = await begin()
    expect(Object.fromEntries(url.searchParams)).toMatchObject({ iss: provider.issuer })
    const first = await get(path, cookie)
    expect([first.status, first.headers.get('refresh')]).toEqual([200, '0; url=/desk/console'])
    const facts = await factsOf(first)
    expect(facts).toMatchObject({
      operator: { name: 'Person asha', email: 'asha@example.com', role: 'support' },
      accounts: [{ id: accountId }],
    })

    // A second sign-in in the same browser has the new role. It ends the session before it, and gives another token.
    enroll('asha', { groups: 'payments-admins', accounts: 'all', email: 'new@example.com' })
    const second = await signIn(cookiesOf(first))
    expect(cookiesOf(second)).not.toBe(cookiesOf(first))
    expect(await factsOf(first)).toBeUndefined()
    expect((await factsOf(second)).operator).toMatchObject({
      email: 'asha@example.com',
      role: 'administrator',
    })
    const { id } = (await server.tenant.store.operators.findByEmail('asha@example.com')) ?? {}
    const log = await server.tenant.store.auditLog.list({ objectId: id ?? '' }, 10)
    expect(log.map(({ action }) => action)).toEqual([
      'operator.sign_in',
      'operator.update',
      'operator.sign_in',
      'operator.create',
    ])

    // Without the claim nobody comes in, and open sessions end.
    enroll('asha', { groups: ['everyone'] })
    await expectRefusal(await signIn(), 403, 'has no role')
    expect(await factsOf(second)).toBeUndefined()
    enroll('asha', { accounts: [] })
    await expectRefusal(await signIn(), 403, 'gives access to no merchant account')

    enroll('asha')
    await disableOperator(deps(), id ?? '')
    await expectRefusal(await signIn(), 403, 'Your access is disabled')
  })

  test('an e-mail address connects nobody with an existing operator, and a new operator needs a verified one', async () => {
    const local = await createOperator(deps(), {
      name: 'Local',
      email: 'local@example.com',
      role: 'administrator',
      accountIds: undefined,
      refundMaxMinor: undefined,
    })
    enroll('mallory', { email: 'Local@Example.com', groups: 'payments-admins' })
    await expectRefusal(await signIn(), 409, 'An operator with your e-mail address')
    for (const [more, sentence] of [
      [{ email_verified: false }, 'has not verified'],
      [{ email_verified: undefined }, 'has not verified'],
      [{ email: undefined }, 'sent no e-mail address'],
    ] as const) {
      enroll('nora', more)
      await expectRefusal(await signIn(), 403, sentence)
    }
    const operators = await server.tenant.store.operators.list()
    expect(operators.map(({ identity }) => identity?.subject)).not.toContain('mallory')

    // An administrator connects the operator with the provider's person, by a command.
    const identity = { issuer: provider.issuer, subject: 'mallory' }
    expect(await linkOperator(deps(), local?.operator.id ?? '', identity)).toMatchObject({
      name: 'Local',
    })
    enroll('mallory', { email: undefined, groups: 'payments-team' })
    expect((await factsOf(await signIn())).operator).toMatchObject({
      name: 'Local',
      role: 'support',
    })
  })

  test('two simultaneous first sign-ins make one operator', async () => {
    enroll('twin')
    const both = await Promise.all([begin(), begin()])
    const answers = await Promise.all(both.map(({ cookie, path }) => get(path, cookie)))
    expect(answers.map(({ status }) => status)).toEqual([200, 200])
    const operators = await server.tenant.store.operators.list()
    expect(operators.filter(({ identity }) => identity?.subject === 'twin')).toHaveLength(1)
  })

  test('an answer of the provider works once, in the browser that began the sign-in, for ten minutes', async () => {
    enroll('ravi')
    const refusalTitle = 'This sign-in has expired'
    const one = await begin()
    await expectRefusal(await get(one.path), 403, refusalTitle)
    expect((await get(one.path, one.cookie)).status).toBe(200)
    await expectRefusal(await get(one.path, one.cookie), 403, refusalTitle)

    const [mine, other] = [await begin(), await begin()]
    await expectRefusal(await get(other.path, mine.cookie), 403, 'did not confirm')
    const changedSignIn = await begin()
    await expectRefusal(
      await get(changedSignIn.path, changedSignIn.cookie.replace('v1.', 'v1.A')),
      403,
      refusalTitle,
    )
    const late = await begin()
    aheadMs = 10 * 60_000
    await expectRefusal(await get(late.path, late.cookie), 403, refusalTitle)
  })

  test.each([
    [
      'another issuer',
      (claims: Record<string, unknown>) => Object.assign(claims, { iss: 'https://evil.example' }),
    ],
    [
      'another audience',
      (claims: Record<string, unknown>) => Object.assign(claims, { aud: 'other' }),
    ],
    [
      'another nonce',
      (claims: Record<string, unknown>) => Object.assign(claims, { nonce: 'other' }),
    ],
    [
      'an expired token',
      (claims: Record<string, unknown>) => Object.assign(claims, { exp: 1, iat: 0 }),
    ],
    [
      'another subject than UserInfo',
      (claims: Record<string, unknown>) => Object.assign(claims, { sub: 'admin' }),
    ],
  ])('%s is refused', async (_name, change) => {
    enroll('ravi')
    provider.state.tamper = ({ claims }) => change(claims)
    await expectRefusal(await signIn(), 403, 'did not confirm')
  })

  test('a signature by an unpublished key is refused, and a new key works at once', async () => {
    enroll('ravi')
    provider.state.tamper = () => undefined
    provider.state.foreignKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
    await expectRefusal(await signIn(), 403, 'did not confirm')
    provider.state.tamper = ({ header }) => Object.assign(header, { alg: 'none' })
    await expectRefusal(await signIn(), 403, 'did not confirm')
    provider.state.tamper = undefined
    expect((await signIn()).status).toBe(200)
    provider.rotate()
    expect((await signIn()).status).toBe(200)
    // A token with the key from before the rotation.
    provider.state.tamper = ({ header }) => Object.assign(header, { kid: 'key-1' })
    await expectRefusal(await signIn(), 403, 'did not confirm')
  })

  test('a sign-in is refused if the provider denies it, if the answer has another issuer or an unknown code, or if a foreign page starts it', async () => {
    enroll('ravi')
    for (const change of [
      { error: 'access_denied', code: '' },
      { iss: 'https://evil.example' },
      { code: 'invented' },
    ]) {
      const { cookie, url } = await begin()
      for (const [name, value] of Object.entries(change)) {
        if (value === '') url.searchParams.delete(name)
        else url.searchParams.set(name, value)
      }
      const answer = await get(`/console/sign-in/callback${url.search}`, cookie)
      await expectRefusal(answer, 403, 'did not confirm')
    }
    const foreign = await get('/console/sign-in/provider', '', { 'sec-fetch-site': 'cross-site' })
    await expectRefusal(foreign, 403, 'did not come from this page')
  })

  test('a provider that is down stops neither the server nor sign-ins with a password', async () => {
    enroll('ravi')
    const { cookie, path } = await begin()
    await provider.close()
    await expectRefusal(await get(path, cookie), 503, 'The provider does not answer')
    expect((await get('/console/sign-in')).status).toBe(200)
  })
})
