import { argon2Sync, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { liveSettingsAt, makePlace, type Place } from '../../test/support/engines.ts'
import { TEST_ACTOR } from '../../test/support/stored-rows.ts'
import { operationsOf } from '../api/http-route.ts'
import { API_ROUTES } from '../api/routes.ts'
import type { AccountId, PaymentAttemptId } from '../domain/id.ts'
import { OPERATOR_IDLE_MS, OPERATOR_SESSION_MS } from '../domain/operator-session.ts'
import { offeredCodeSecret } from '../operations/accept-invitation.ts'
import { disableOperator } from '../operations/change-operator.ts'
import { createAccount } from '../operations/create-account.ts'
import { createOperator, inviteAgain, type OperatorRequest } from '../operations/invite-operator.ts'
import { codeAt } from '../operations/time-code.ts'
import { type Server, startServer } from '../server/start-server.ts'
import { CONSOLE_ACCOUNT_ROUTES, CONSOLE_SERVER_ROUTES } from './console-routes.ts'

const PASSWORD = 'correct horse battery staple'
const STEP_MS = 30_000
/** A hash of the password with 8 KiB of memory. One with the normal memory costs a twentieth of a second at each sign-in. */
const CHEAP_HASH = cheapHashOf(PASSWORD)

describe.each(['file', 'postgres'] as const)('the live console, on %s', (engine) => {
  let nowMs = Date.UTC(2026, 10, 29, 9)
  let place: Place
  let server: Server
  let accountId: AccountId
  let otherAccountId: AccountId
  let personCount = 0

  beforeAll(async () => {
    place = await makePlace(engine)
    const settings = liveSettingsAt(place)
    server = await startServer(settings, { clock: { nowMs: () => nowMs } })
    const deps = { ...server.tenant, actor: TEST_ACTOR }
    accountId = (await createAccount(deps, 'Tea shop', 'IN')).account.id
    otherAccountId = (await createAccount(deps, 'Book shop', 'IN')).account.id
  })
  afterAll(async () => {
    await server.close()
    place.remove()
  })

  const deps = () => ({ ...server.tenant, actor: TEST_ACTOR })
  /** Sends a request as a browser's page of this server does. */
  const send = (
    path: string,
    {
      cookie,
      form,
      headers = {},
    }: { cookie?: string; form?: Record<string, string>; headers?: Record<string, string> } = {},
  ) =>
    fetch(`${server.baseUrl}${path}`, {
      method: form === undefined ? 'GET' : 'POST',
      redirect: 'manual',
      headers: {
        ...(form !== undefined && { origin: new URL(server.baseUrl).origin }),
        ...(cookie !== undefined && { cookie }),
        ...headers,
      },
      ...(form !== undefined && { body: new URLSearchParams(form) }),
    })
  const cookiesOf = (answer: Response) =>
    answer.headers
      .getSetCookie()
      .map((cookie) => cookie.split(';')[0])
      .join('; ')

  /** Each person has another e-mail address. */
  async function createPerson(more: Partial<OperatorRequest> = {}) {
    personCount += 1
    const email = `person${personCount}@example.com`
    const invitation = await createOperator(deps(), {
      name: `Person ${personCount}`,
      email,
      role: 'manager',
      accountIds: undefined,
      refundMaxMinor: undefined,
      ...more,
    })
    if (invitation === undefined) throw new Error('the address is taken')
    const { invitationToken: token, operator } = invitation
    const secret = offeredCodeSecret(server.tenant, token)
    const acceptance = await send(`/console/invitation/${token}`, {
      form: { password: PASSWORD, code: codeAt(secret, nowMs) },
    })
    expect(acceptance.status).toBe(200)
    await server.tenant.store.transaction(async (tx) => {
      const operatorRow = await tx.operators.lock(operator.id)
      if (operatorRow?.credentials === undefined) throw new Error('the invitation is not accepted')
      const credentials = { ...operatorRow.credentials, passwordHash: CHEAP_HASH }
      await tx.operators.update({ ...operatorRow, credentials })
    })
    const recoveryCodes = [...(await acceptance.text()).matchAll(/<code>([\w-]{19})<\/code>/g)].map(
      ([, code = '']) => code,
    )
    return { email, operator, recoveryCodes, secret, token }
  }
  /** The next code is used, because each works once. */
  function signIn(
    { email, secret }: { readonly email: string; readonly secret: Uint8Array },
    more: {
      password?: string
      code?: string
      cookie?: string
      headers?: Record<string, string>
    } = {},
  ) {
    const { code, cookie, headers, password = PASSWORD } = more
    if (code === undefined) nowMs += STEP_MS
    return send('/console/sign-in', {
      form: { email, password, code: code ?? codeAt(secret, nowMs) },
      ...(cookie !== undefined && { cookie }),
      ...(headers !== undefined && { headers }),
    })
  }
  /** Undefined: the page asks to sign in. */
  async function openConsole(cookie: string) {
    const answer = await send('/console', { cookie })
    if (answer.status !== 200) return undefined
    const json = /<script type="application\/json" id="console-facts">(.*?)<\/script>/.exec(
      await answer.text(),
    )
    return JSON.parse(json?.[1] ?? '')
  }

  test('answers 404 to everything while no operator exists', async () => {
    for (const path of [
      '/console',
      '/console/sign-in',
      '/console/payments',
      '/console/api/v1/payments',
    ]) {
      expect((await send(path)).status).toBe(404)
    }
    expect((await send('/console/sign-in', { form: { email: 'a@b.co' } })).status).toBe(404)
  })

  test('a sign-in continues with the view that was opened, and with no other address', async () => {
    const person = await createPerson()
    const address = '/console/a/60000000001/payments/17?status=failed'
    const opening = await send(address)
    expect(opening.headers.get('location')).toBe('/console/sign-in')
    const [name = '', ...others] = cookiesOf(opening).split('; ').toReversed()
    expect(others).toEqual(['__Host-paydesk-operator='])
    const entry = await signIn(person, { cookie: name })
    expect(entry.headers.get('location')).toBe(address)
    expect(cookiesOf(entry)).toMatch(/__Host-paydesk-address=$/)

    for (const target of [
      'https://evil.example',
      '//evil.example',
      '/console//evil',
      '/console/../x',
    ]) {
      nowMs += STEP_MS
      const cookie = `__Host-paydesk-address=${Buffer.from(target).toString('base64url')}`
      const answer = await signIn(person, { cookie })
      expect([target, answer.headers.get('location')]).toEqual([target, '/console'])
    }
    // A link on another site sends no session. The page opens the address again, and signs nobody out.
    const link = await send(address, { headers: { 'sec-fetch-site': 'cross-site' } })
    expect([link.status, link.headers.get('refresh'), link.headers.getSetCookie()]).toEqual([
      200,
      `0; url=${address}`,
      [],
    ])
  })

  test('leads from an invitation to the console, and out again', async () => {
    const person = await createPerson()
    expect(person.recoveryCodes).toHaveLength(10)
    const pageAnswer = await send('/console/payments')
    expect([pageAnswer.status, pageAnswer.headers.get('location')]).toEqual([
      303,
      '/console/sign-in',
    ])
    const answer = await signIn(person)
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/console'])
    for (const cookie of answer.headers.getSetCookie()) {
      expect(cookie).toMatch(
        /^__Host-[\w-]+=[\w.-]+; Max-Age=\d+; Path=\/; Secure; HttpOnly; SameSite=Strict$/,
      )
    }
    const cookie = cookiesOf(answer)
    const facts = await openConsole(cookie)
    expect(facts).toMatchObject({
      operator: { email: person.email, role: 'manager' },
      accounts: [{ name: 'Book shop' }, { name: 'Tea shop' }],
    })
    expect(facts.operator.permissions).toContain('refund')
    expect(facts.operator.permissions).not.toContain('change_webhooks')

    // Without the token of the page, or from another site, nobody is signed out.
    const foreign = await send('/console/sign-out', { cookie, form: { token: 'wrong' } })
    expect(foreign.status).toBe(403)
    expect(await openConsole(cookie)).toBeDefined()
    const out = await send('/console/sign-out', { cookie, form: { token: facts.token } })
    expect(out.status).toBe(303)
    expect(await openConsole(cookie)).toBeUndefined()
    const log = await server.tenant.store.auditLog.list({ objectId: person.operator.id }, 10)
    expect(log.map(({ action }) => action)).toEqual([
      'operator.sign_in',
      'operator.accept_invitation',
      'operator.create',
    ])
  })

  test('accepts an invitation once, for a day, with a password that is hard to guess', async () => {
    const person = await createPerson()
    const again = await send(`/console/invitation/${person.token}`)
    expect(again.status).toBe(404)
    const invitation = await inviteAgain(deps(), person.operator.id)
    const token = invitation?.invitationToken ?? ''
    const secret = offeredCodeSecret(server.tenant, token)
    const accept = (password: string, code = codeAt(secret, nowMs)) =>
      send(`/console/invitation/${token}`, { form: { password, code } })
    for (const [password, sentence] of [
      ['short', 'at least 12 characters'],
      ['x'.repeat(129), 'at most 128 characters'],
      [`${person.email}1`, 'too easy to guess'],
      ['ababababababab', 'too easy to guess'],
    ] as const) {
      const refusal = await accept(password)
      expect([refusal.status, await refusal.text()]).toEqual([
        400,
        expect.stringContaining(sentence),
      ])
    }
    expect((await accept(PASSWORD, '000000')).status).toBe(400)
    // A page of another site cannot accept the invitation.
    const foreign = await send(`/console/invitation/${token}`, {
      form: { password: PASSWORD, code: codeAt(secret, nowMs) },
      headers: { origin: 'https://evil.example' },
    })
    expect(foreign.status).toBe(403)
    // The old password works until the invitation is accepted. Of two simultaneous acceptances one wins.
    expect((await signIn(person)).status).toBe(303)
    const both = await Promise.all([accept(PASSWORD), accept(`${PASSWORD} 2`)])
    expect(both.map(({ status }) => status).toSorted()).toEqual([200, 404])
    expect((await signIn(person)).status).toBe(403)

    const late = await inviteAgain(deps(), person.operator.id)
    nowMs += 24 * 60 * 60_000
    expect((await send(`/console/invitation/${late?.invitationToken}`)).status).toBe(404)
  })

  test('accepts each code and each recovery code once', async () => {
    const person = await createPerson()
    nowMs += STEP_MS
    const code = codeAt(person.secret, nowMs)
    expect((await signIn(person, { code })).status).toBe(303)
    expect((await signIn(person, { code })).status).toBe(403)
    nowMs += STEP_MS
    const next = codeAt(person.secret, nowMs)
    const both = await Promise.all([signIn(person, { code: next }), signIn(person, { code: next })])
    expect(both.map(({ status }) => status).toSorted()).toEqual([303, 403])
    const [recovery = ''] = person.recoveryCodes
    const typedCode = recovery.toUpperCase().replaceAll('-', ' ')
    expect((await signIn(person, { code: typedCode })).status).toBe(303)
    expect((await signIn(person, { code: recovery })).status).toBe(403)
  })

  test('gives the same answer to an unknown address, a wrong password and a wrong code', async () => {
    const person = await createPerson()
    const nobody = { email: 'nobody@example.com', secret: person.secret }
    const answers = await Promise.all([
      signIn(nobody),
      signIn(person, { password: 'wrong password' }),
      signIn(person, { code: '000000' }),
    ])
    const texts = await Promise.all(answers.map((answer) => answer.text()))
    const plain = texts.map((text) => text.replaceAll(/value="[^"]*@example.com"/g, ''))
    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403])
    expect(new Set(plain).size).toBe(1)
  })

  test('locks out those who guess, and not the operator in a known browser', async () => {
    const person = await createPerson()
    const knownCookies = cookiesOf(await signIn(person)).replace(
      /__Host-paydesk-operator=[^;]*;? ?/,
      '',
    )
    expect(knownCookies).toMatch(/^__Host-paydesk-browser=/)
    const guesses = await Promise.all(
      Array.from({ length: 8 }, () =>
        signIn(person, { password: 'a wrong guess', code: '000000' }),
      ),
    )
    expect(guesses.map(({ status }) => status).toSorted()).toEqual([
      403, 403, 403, 403, 403, 429, 429, 429,
    ])
    expect((await signIn(person)).status).toBe(429)
    expect((await signIn(person, { cookie: knownCookies })).status).toBe(303)
    // Another operator's mark, or a changed one, helps nobody.
    const other = cookiesOf(await signIn(await createPerson()))
    expect((await signIn(person, { cookie: other })).status).toBe(429)
    expect((await signIn(person, { cookie: knownCookies.replace('.', '.A') })).status).toBe(429)
    nowMs += 15 * 60_000
    expect((await signIn(person)).status).toBe(303)
  })

  test('ends a session by time, by a new sign-in, by a sign-out of all sessions, and when the operator is disabled', async () => {
    const person = await createPerson()
    const open = async () => cookiesOf(await signIn(person))
    const idle = await open()
    nowMs += OPERATOR_IDLE_MS
    expect(await openConsole(idle)).toBeUndefined()

    const long = await open()
    for (let passedMs = 0; passedMs < OPERATOR_SESSION_MS - 60_000; passedMs += 20 * 60_000) {
      expect(await openConsole(long)).toBeDefined()
      nowMs += 20 * 60_000
    }
    expect(await openConsole(long)).toBeUndefined()

    // A new sign-in in the same browser ends the session before it, and gives another token.
    const before = await open()
    const after = cookiesOf(await signIn(person, { cookie: before }))
    expect(after).not.toBe(before)
    expect(await openConsole(before)).toBeUndefined()

    const second = await open()
    const facts = await openConsole(second)
    await send('/console/sign-out', {
      cookie: second,
      form: { token: facts.token, sessions: 'all' },
    })
    expect(await openConsole(after)).toBeUndefined()

    const [one, two] = [await open(), await open()]
    const headers = {
      'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
    }
    const current = cookiesOf(await signIn(person, { headers }))
    const { token } = await openConsole(current)
    const page = await (await send('/console/access', { cookie: current })).text()
    expect(page).toContain('Firefox, Linux')
    // The newest is the first one, and the page's own session has no form.
    const [idOfTwo = ''] = [...page.matchAll(/name="session" value="([\w-]{16})"/g)].map(
      ([, id = '']) => id,
    )
    const end = (session: string) =>
      send('/console/access/sessions/end', { cookie: current, form: { token, session } })
    expect(await (await end(idOfTwo)).text()).toContain('The session has ended.')
    expect(await openConsole(two)).toBeUndefined()
    expect(await openConsole(one)).toBeDefined()
    await end('unknown')
    expect(await openConsole(one)).toBeDefined()
    expect(await (await end('others')).text()).toContain('Your other sessions have ended.')
    expect(await openConsole(one)).toBeUndefined()
    expect(await openConsole(current)).toBeDefined()

    const last = await open()
    await disableOperator(deps(), person.operator.id)
    expect(await openConsole(last)).toBeUndefined()
    expect((await signIn(person)).status).toBe(403)
  })

  test('refuses the forms of other sites, and a form without an origin', async () => {
    const person = await createPerson()
    for (const headers of [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
    ]) {
      const answer = await signIn(person, { headers })
      expect([answer.status, answer.headers.getSetCookie()]).toEqual([403, []])
    }
    const answer = await fetch(`${server.baseUrl}/console/sign-in`, {
      method: 'POST',
      body: new URLSearchParams({ email: person.email, password: PASSWORD, code: '000000' }),
    })
    expect(answer.status).toBe(403)
  })

  test('no page, not even a refusal, can be framed, is cached or runs a foreign script', async () => {
    const person = await createPerson()
    const cookie = cookiesOf(await signIn(person))
    const invitation = await inviteAgain(deps(), person.operator.id)
    const pages = await Promise.all([
      send('/console/sign-in'),
      send('/console/sign-in', { form: {}, headers: { origin: 'https://evil.example' } }),
      send(`/console/invitation/${invitation?.invitationToken}`),
      send('/console/invitation/unknown'),
      send('/console', { cookie }),
      send('/console/access', { cookie }),
      send('/console/access/password', { cookie, form: {} }),
      send('/console/sign-out', { cookie, form: {} }),
    ])
    for (const { headers } of pages) {
      expect(headers.get('content-security-policy')).toMatch(
        /default-src 'none'; script-src 'self'.*frame-ancestors 'none'.*require-trusted-types-for/,
      )
      expect([headers.get('cache-control'), headers.get('x-content-type-options')]).toEqual([
        'no-store',
        'nosniff',
      ])
    }
  })

  test('refuses each changing call of another site, or without the token of the page', async () => {
    const person = await createPerson({ role: 'administrator' })
    const cookie = cookiesOf(await signIn(person))
    const { token } = await openConsole(cookie)
    const changes = operationsOf([
      ...API_ROUTES,
      ...CONSOLE_SERVER_ROUTES,
      ...CONSOLE_ACCOUNT_ROUTES,
    ]).filter(({ method }) => method !== 'GET')
    expect(changes.length).toBeGreaterThan(40)
    const { origin } = new URL(server.baseUrl)
    for (const { method, url } of changes) {
      const path = `/console/api/v1${url.replaceAll(/\{\w+\}/g, '1')}?account_id=${accountId}`
      const statuses = await Promise.all(
        [
          { origin: 'https://evil.example', 'x-console-token': token },
          { origin, 'x-console-token': token, 'sec-fetch-site': 'cross-site' },
          { origin, 'x-console-token': 'wrong' },
          { 'x-console-token': token },
          { origin },
        ].map(async (headers) => {
          const answer = await fetch(`${server.baseUrl}${path}`, {
            method,
            headers: { ...headers, cookie },
          })
          return answer.status
        }),
      )
      expect([method, url, ...statuses]).toEqual([method, url, 403, 403, 403, 403, 403])
    }
  })

  test('answers calls of its page only, for the accounts of the operator, without CORS', async () => {
    const person = await createPerson({ accountIds: [accountId], role: 'viewer' })
    const cookie = cookiesOf(await signIn(person))
    const { token } = await openConsole(cookie)
    const list = (headers: Record<string, string>, id: string = accountId) =>
      send(`/console/api/v1/payments?account_id=${id}`, { cookie, headers })
    const own = await list({ 'x-console-token': token })
    expect([own.status, await own.json()]).toEqual([200, expect.objectContaining({ payments: [] })])
    expect([...own.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
    expect((await list({})).status).toBe(403)
    expect((await list({ 'x-console-token': 'wrong' })).status).toBe(403)
    const foreign = { 'x-console-token': token, origin: 'https://evil.example' }
    expect((await list(foreign)).status).toBe(403)
    expect((await list({ 'x-console-token': token }, otherAccountId)).status).toBe(400)
    // A session is no access token, and an access token is no session.
    const bare = await send(`/api/v1/payments?account_id=${accountId}`, { cookie })
    expect(bare.status).toBe(401)
    const withoutCookie = await fetch(
      `${server.baseUrl}/console/api/v1/payments?account_id=${accountId}`,
      { headers: { 'x-console-token': token } },
    )
    expect(withoutCookie.status).toBe(401)
  })

  test('shows the audit log to administrators of all accounts only', async () => {
    for (const [more, status] of [
      [{ role: 'administrator' }, 200],
      [{ role: 'administrator', accountIds: [accountId] }, 403],
      [{ role: 'manager' }, 403],
    ] as const) {
      const person = await createPerson(more)
      const cookie = cookiesOf(await signIn(person))
      const { operator, token } = await openConsole(cookie)
      const list = (query: string) =>
        send(`/console/api/v1/audit_log${query}`, { cookie, headers: { 'x-console-token': token } })
      const answer = await list('?action=operator.create')
      expect([answer.status, operator.permissions.includes('view_audit_log')]).toEqual([
        status,
        status === 200,
      ])
      if (status !== 200) continue
      const { entries } = (await answer.json()).audit_log
      expect(entries[0]).toMatchObject({ action: 'operator.create', object_id: person.operator.id })
      const older = await (await list(`?before=${entries[0].number}`)).json()
      expect(older.audit_log.entries[0].number).toBe(entries[0].number - 1)
      expect((await list('?from=yesterday')).status).toBe(400)
    }
  })

  test('checks the ledger for managers of all accounts, and shows each account only its balances', async () => {
    const { store } = server.tenant
    // A posting that has neither a payment nor a balance transaction makes two discrepancies.
    const posting = {
      kind: 'capture',
      sourceId: server.tenant.ids.payout() as string as PaymentAttemptId,
      accountId,
      debit: 'processor',
      credit: 'merchant',
      amount: { amountMinor: 25_000n, currency: 'INR' },
      createdAtMs: nowMs,
    } as const
    await store.transaction((tx) => tx.ledger.insert([posting]))
    const openFor = async (more: Partial<OperatorRequest>) => {
      const cookie = cookiesOf(await signIn(await createPerson(more)))
      const { token } = await openConsole(cookie)
      return (method: string, path: string) =>
        fetch(`${server.baseUrl}/console/api/v1${path}`, {
          method,
          headers: { cookie, 'x-console-token': token, origin: new URL(server.baseUrl).origin },
        })
    }
    for (const more of [
      { role: 'support' },
      { role: 'manager', accountIds: [accountId] },
    ] as const) {
      const ask = await openFor(more)
      expect((await ask('POST', '/ledger_check')).status).toBe(403)
      expect((await ask('GET', '/ledger_check')).status).toBe(403)
    }
    const ask = await openFor({ role: 'manager' })
    const readCheck = async () => (await (await ask('GET', '/ledger_check')).json()).ledger_check
    expect(await readCheck()).toEqual({})
    const starts = await Promise.all([ask('POST', '/ledger_check'), ask('POST', '/ledger_check')])
    expect(starts.map(({ status }) => status)).toEqual([202, 202])
    await expect.poll(async () => (await readCheck()).run.status).toBe('ended')
    expect((await readCheck()).last).toMatchObject({
      posting_count: 1,
      discrepancy_count: 2,
      discrepancies: [
        {
          what: 'ledger balance differs from the transactions that are in no payout',
          id: accountId,
        },
        { what: 'capture posting has no matching object', id: posting.sourceId },
      ],
    })
    const balancesOf = async (id: string) => {
      const answer = await ask('GET', `/ledger?account_id=${id}`)
      return (await answer.json()).ledger
    }
    expect(await balancesOf(accountId)).toMatchObject({
      agrees: false,
      balances: [
        { ledger_account: 'merchant', currency: 'INR', credit: '250.00', balance: '250.00' },
        { ledger_account: 'processor', currency: 'INR', debit: '250.00', balance: '250.00' },
      ],
    })
    expect((await balancesOf(otherAccountId)).balances).toEqual([])
  })

  test('opens contacts only for a role that may open them, and records each opening', async () => {
    for (const [role, status] of [
      ['viewer', 403],
      ['support', 200],
    ] as const) {
      const person = await createPerson({ role })
      const cookie = cookiesOf(await signIn(person))
      const { token } = await openConsole(cookie)
      const answer = await send(`/console/api/v1/customers?account_id=${accountId}`, {
        cookie,
        headers: { 'x-console-token': token, 'x-open-contacts': 'true' },
      })
      expect([role, answer.status]).toEqual([role, status])
    }
    const log = await server.tenant.store.auditLog.list({ action: 'operator.open_contacts' }, 10)
    expect(log).toMatchObject([{ objectId: accountId, after: { account_id: accountId } }])
  })
})

function cheapHashOf(password: string): string {
  const nonce = randomBytes(16)
  const cost = { parallelism: 1, tagLength: 32, memory: 8, passes: 1 }
  const hash = argon2Sync('argon2id', { message: password, nonce, ...cost })
  const parts = [nonce, hash].map((bytes) => bytes.toString('base64').replaceAll('=', ''))
  return `$argon2id$v=19$m=8,t=1,p=1$${parts.join('$')}`
}
