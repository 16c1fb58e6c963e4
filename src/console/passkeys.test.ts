import { generateKeyPairSync } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  createPasskey,
  type PromptOptions,
  type TestPasskey,
} from '../../test/support/authenticator.ts'
import { liveSettingsAt, makePlace, type Place } from '../../test/support/engines.ts'
import { TEST_ACTOR } from '../../test/support/stored-rows.ts'
import { OPERATOR_RECENT_MS } from '../domain/operator-session.ts'
import { offeredCodeSecret } from '../operations/accept-invitation.ts'
import { disableOperator, linkOperator } from '../operations/change-operator.ts'
import { createOperator, inviteAgain } from '../operations/invite-operator.ts'
import { codeAt } from '../operations/time-code.ts'
import { type Server, startServer } from '../server/start-server.ts'
import { CHALLENGE_MS } from './sealed-challenge.ts'

const PASSWORD = 'correct horse battery staple'
const ORIGIN = 'https://pay.example.com'

describe.each(['file', 'postgres'] as const)('passkeys of operators, on %s', (engine) => {
  let nowMs = Date.UTC(2026, 10, 29, 9)
  let place: Place
  let server: Server
  let personCount = 0

  beforeAll(async () => {
    place = await makePlace(engine)
    const settings = liveSettingsAt(place, { publicUrl: ORIGIN })
    server = await startServer(settings, { clock: { nowMs: () => nowMs } })
  })
  afterAll(async () => {
    await server.close()
    place.remove()
  })

  const deps = () => ({ ...server.tenant, actor: TEST_ACTOR })
  const get = (path: string, cookie: string) =>
    fetch(`${server.localUrl}${path}`, { redirect: 'manual', headers: { cookie } })
  const post = (
    path: string,
    form: Record<string, string> = {},
    headers: Record<string, string> = {},
  ) =>
    fetch(`${server.localUrl}${path}`, {
      method: 'POST',
      redirect: 'manual',
      headers: { origin: ORIGIN, ...headers },
      body: new URLSearchParams(form),
    })
  const cookiesOf = (answer: Response) =>
    answer.headers
      .getSetCookie()
      .map((cookie) => cookie.split(';')[0] ?? '')
      .filter((cookie) => !cookie.endsWith('='))
      .join('; ')

  async function invite(more: { email?: string } = {}) {
    personCount += 1
    const invitation = await createOperator(deps(), {
      name: `Person ${personCount}`,
      email: more.email ?? `person${personCount}@example.com`,
      role: 'manager',
      accountIds: undefined,
      refundMaxMinor: undefined,
    })
    if (invitation === undefined) throw new Error('the address is taken')
    return { ...invitation.operator, token: invitation.invitationToken }
  }
  /** Gets the options of a dialog, and the cookie with its challenge. */
  async function promptAt(path: string, headers: Record<string, string> = {}) {
    const answer = await post(`${path}/challenge`, {}, headers)
    expect(answer.status).toBe(200)
    const options: PromptOptions = await answer.json()
    return { options, cookie: cookiesOf(answer) }
  }
  async function accept(token: string, passkey: TestPasskey) {
    const path = `/console/invitation/${token}/passkey`
    const { cookie, options } = await promptAt(path)
    return post(path, { answer: passkey.create(options), name: 'Phone' }, { cookie })
  }
  async function createPerson() {
    const person = await invite()
    const passkey = createPasskey(ORIGIN)
    expect((await accept(person.token, passkey)).status).toBe(200)
    return { ...person, passkey }
  }
  async function signIn(passkey: TestPasskey, change?: Parameters<TestPasskey['get']>[1]) {
    const { cookie, options } = await promptAt('/console/sign-in/passkey')
    return post('/console/sign-in/passkey', { answer: passkey.get(options, change) }, { cookie })
  }
  async function createPersonWithPassword() {
    const person = await invite()
    const secret = offeredCodeSecret(server.tenant, person.token)
    const code = () => codeAt(secret, nowMs)
    await post(`/console/invitation/${person.token}`, { password: PASSWORD, code: code() })
    const signInByPassword = async (password = PASSWORD) => {
      nowMs += 30_000
      return post('/console/sign-in', { email: person.email, password, code: code() })
    }
    return { ...person, signIn: signInByPassword, cookie: cookiesOf(await signInByPassword()) }
  }
  async function openAccess(cookie: string) {
    const text = await (await get('/console/access', cookie)).text()
    const token = /name="token" value="([^"]+)"/.exec(text)?.[1] ?? ''
    const change = (path: string, form: Record<string, string>, headers = {}) =>
      post(`/console/access/${path}`, { token, ...form }, { cookie, ...headers })
    return { text, token, change }
  }
  async function addPasskey(cookie: string, name: string, passkey: TestPasskey) {
    const { change, token } = await openAccess(cookie)
    const path = '/console/access/passkeys'
    const prompt = await promptAt(path, { cookie, 'x-console-token': token })
    const form = { name, answer: passkey.create(prompt.options) }
    return change('passkeys', form, { cookie: `${cookie}; ${prompt.cookie}` })
  }
  async function expectRefusal(answer: Response, status = 403): Promise<void> {
    expect([answer.status, await answer.text()]).toEqual([
      status,
      expect.stringContaining('This passkey gives no access to the console'),
    ])
    expect(cookiesOf(answer)).toBe('')
  }

  test('accept an invitation once, and sign in without a name', async () => {
    const person = await createPerson()
    const answer = await signIn(person.passkey)
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/console'])
    expect((await get('/console', cookiesOf(answer))).status).toBe(200)
    const path = `/console/invitation/${person.token}/passkey/challenge`
    expect((await post(path)).status).toBe(404)
    const log = await server.tenant.store.auditLog.list({ objectId: person.id }, 10)
    expect(log.map(({ action }) => action)).toEqual([
      'operator.sign_in',
      'operator.accept_invitation',
      'operator.create',
    ])
    // The next invitation ends the passkeys before it, such as those of a lost phone.
    const again = await inviteAgain(deps(), person.id)
    const next = createPasskey(ORIGIN)
    expect((await accept(again?.invitationToken ?? '', next)).status).toBe(200)
    await expectRefusal(await signIn(person.passkey))
    expect((await signIn(next)).status).toBe(303)
  })

  test.each([
    ['another origin', { origin: 'https://evil.example' }],
    ['another site', { rpId: 'evil.example' }],
    ['an unverified person', { isVerified: false }],
    ['another person', { userHandle: Buffer.from('op_0').toString('base64url') }],
    ['another key', { signer: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey }],
  ])('an answer for %s is refused', async (_name, change) => {
    const { passkey } = await createPerson()
    await expectRefusal(await signIn(passkey, change))
    expect((await signIn(passkey)).status).toBe(303)
  })

  test('a challenge works once, in its browser, for a time', async () => {
    const { passkey } = await createPerson()
    const path = '/console/sign-in/passkey'
    const one = await promptAt(path)
    const answer = passkey.get(one.options)
    const endOfChallenge = expect.stringContaining('This sign-in has expired')
    expect(await (await post(path, { answer })).text()).toEqual(endOfChallenge)
    expect((await post(path, { answer }, { cookie: one.cookie })).status).toBe(303)
    const replay = await post(path, { answer }, { cookie: one.cookie })
    expect([replay.status, await replay.text()]).toEqual([403, endOfChallenge])

    const [mine, other] = [await promptAt(path), await promptAt(path)]
    const otherForm = { answer: passkey.get(other.options) }
    await expectRefusal(await post(path, otherForm, { cookie: mine.cookie }))
    const late = await promptAt(path)
    nowMs += CHALLENGE_MS
    const lateForm = { answer: passkey.get(late.options) }
    expect(await (await post(path, lateForm, { cookie: late.cookie })).text()).toEqual(
      endOfChallenge,
    )
    // A challenge for another purpose, and a page of another site, are refused.
    const person = await invite()
    const use = await promptAt(`/console/invitation/${person.token}/passkey`)
    const useForm = { answer: passkey.get(use.options) }
    expect(await (await post(path, useForm, { cookie: use.cookie })).text()).toEqual(endOfChallenge)
    const foreign = { origin: 'https://evil.example' }
    expect((await post(`${path}/challenge`, {}, foreign)).status).toBe(403)
    expect((await post(path, {}, foreign)).status).toBe(403)
  })

  test('an unknown passkey, a count that goes back and a disabled operator get the same answer', async () => {
    const { id, passkey } = await createPerson()
    await expectRefusal(await signIn(createPasskey(ORIGIN)))
    expect((await signIn(passkey, { signCount: 10 })).status).toBe(303)
    await expectRefusal(await signIn(passkey, { signCount: 10 }))
    await expectRefusal(await signIn(passkey, { signCount: 9 }))
    expect((await signIn(passkey, { signCount: 11 })).status).toBe(303)
    for (const answer of ['', '{}', 'null', '[', '{"id":"\\u0000"}', 'x'.repeat(20_000)]) {
      const { cookie } = await promptAt('/console/sign-in/passkey')
      await expectRefusal(await post('/console/sign-in/passkey', { answer }, { cookie }))
    }
    await disableOperator(deps(), id)
    await expectRefusal(await signIn(passkey, { signCount: 12 }))
  })

  test('are added and removed on the operator’s page, except a passkey that is the only way to sign in', async () => {
    const person = await createPerson()
    const cookie = cookiesOf(await signIn(person.passkey))
    const second = createPasskey(ORIGIN)
    const addition = await addPasskey(cookie, 'Laptop', second)
    expect(await addition.text()).toContain('The passkey is stored')
    expect(await (await addPasskey(cookie, 'Laptop', second)).text()).toContain('was not accepted')
    const { change, text } = await openAccess(cookie)
    for (const name of ['Phone', 'Laptop'])
      expect(text).toContain(`<strong><bdi>${name}</bdi></strong>`)
    const remove = async (passkey: string) => (await change('passkeys/remove', { passkey })).text()
    expect(await remove(person.passkey.id)).toContain('The passkey is removed')
    await expectRefusal(await signIn(person.passkey))
    expect(await remove(second.id)).toContain('your only way to sign in')
    expect((await signIn(second)).status).toBe(303)
    // The passkey of another operator is not removed.
    const other = await createPerson()
    await remove(other.passkey.id)
    expect((await signIn(other.passkey)).status).toBe(303)
    const log = await server.tenant.store.auditLog.list({ objectId: person.id }, 20)
    expect(log.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['operator.add_passkey', 'operator.remove_passkey']),
    )
  })

  test('can be changed only after a recent sign-in, also by an operator with a password who is linked to a provider', async () => {
    const person = await createPersonWithPassword()
    const identity = { issuer: 'https://id.example', subject: person.id }
    await linkOperator(deps(), person.id, identity)
    expect(await (await addPasskey(person.cookie, 'Key', createPasskey(ORIGIN))).text()).toContain(
      'The passkey is stored',
    )
    nowMs += OPERATOR_RECENT_MS
    for (const answer of [
      await addPasskey(person.cookie, 'Key', createPasskey(ORIGIN)),
      await (await openAccess(person.cookie)).change('recovery-codes', {}),
      await (await openAccess(person.cookie)).change('passkeys/remove', { passkey: 'x' }),
    ]) {
      expect([answer.status, await answer.text()]).toEqual([
        403,
        expect.stringContaining('Sign out and in again'),
      ])
    }
  })

  test('recovery codes are replaced, and the password is changed with the present one', async () => {
    const person = await createPersonWithPassword()
    const other = cookiesOf(await person.signIn())
    const { change } = await openAccess(person.cookie)
    const codes = await (await change('recovery-codes', {})).text()
    expect(codes.match(/<code>[\w-]{19}<\/code>/g)).toHaveLength(10)

    const next = 'another long password'
    const wrong = await change('password', { present: 'wrong', password: next })
    expect([wrong.status, await wrong.text()]).toEqual([
      403,
      expect.stringContaining('The current password is wrong'),
    ])
    expect((await change('password', { present: PASSWORD, password: 'short' })).status).toBe(400)
    expect((await change('password', { present: PASSWORD, password: next })).status).toBe(200)
    // The other sessions end, and this one stays.
    expect((await get('/console', other)).status).toBe(303)
    expect((await get('/console', person.cookie)).status).toBe(200)
    expect((await person.signIn()).status).toBe(403)
    expect((await person.signIn(next)).status).toBe(303)
    const tries = await Promise.all(
      Array.from({ length: 11 }, () => change('password', { present: 'x', password: next })),
    )
    expect(tries.map(({ status }) => status).filter((status) => status === 429)).toHaveLength(1)
  })

  test('the operator’s page changes nothing for other sites, without its token, or without a session', async () => {
    const person = await createPersonWithPassword()
    const { change } = await openAccess(person.cookie)
    for (const path of ['passkeys', 'passkeys/remove', 'recovery-codes', 'password']) {
      const statuses = await Promise.all([
        change(path, {}, { origin: 'https://evil.example' }),
        change(path, {}, { 'sec-fetch-site': 'cross-site' }),
        change(path, { token: 'wrong' }),
        change(path, {}, { cookie: '' }),
      ])
      expect([path, ...statuses.map(({ status }) => status)]).toEqual([path, 403, 403, 403, 303])
    }
    const challenge = await post(
      '/console/access/passkeys/challenge',
      {},
      { cookie: person.cookie },
    )
    expect(challenge.status).toBe(403)
    expect((await get('/console/access', '')).status).toBe(303)
  })
})
