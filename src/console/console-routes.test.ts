import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makePlace, type Place, settingsAt } from '../../test/support/engines.ts'
import { signInOperatorOf } from '../../test/support/signed-in.ts'
import { TEST_ACTOR } from '../../test/support/stored-rows.ts'
import type { AccountId } from '../domain/id.ts'
import { createAccount } from '../operations/create-account.ts'
import { type Server, startServer } from '../server/start-server.ts'

describe.each(['file', 'postgres'] as const)('the console’s own routes, on %s', (engine) => {
  const nowMs = Date.UTC(2026, 10, 29, 9)
  let place: Place
  let server: Server
  let accountId: AccountId

  beforeAll(async () => {
    place = await makePlace(engine)
    const settings = settingsAt(place, {
      live: true,
      secretKey: 'ab'.repeat(32),
      processor: new URL('../../test/support/processor-module.ts', import.meta.url).pathname,
    })
    server = await startServer(settings, { clock: { nowMs: () => nowMs } })
    accountId = (await createAccount({ ...server.tenant, actor: TEST_ACTOR }, 'Tea shop', 'IN'))
      .account.id
  })
  afterAll(async () => {
    await server.close()
    place.remove()
  })

  test('an administrator invites, changes, disables and signs out others, and the log names who did it', async () => {
    const { call, operator } = await signInOperatorOf(server)
    const body = {
      name: 'Ravi',
      email: `Ravi.${engine}@example.com`,
      role: 'support',
      accounts: accountId,
      refund_max_minor: '5000',
    }
    const creation = await call('POST', '/operators', body)
    expect(creation).toMatchObject({
      status: 201,
      body: {
        invited: {
          operator: {
            email: `ravi.${engine}@example.com`,
            account_ids: [accountId],
            refund_max_minor: 5000,
            status: 'invited',
          },
          invitation_link: expect.stringContaining('/console/invitation/'),
        },
      },
    })
    expect((await call('POST', '/operators', body)).body).toMatchObject({ field: 'email' })
    const { operator_id: id } = creation.body.invited.operator
    const again = await call('POST', `/operators/${id}/invite`)
    expect(again.body.invited.invitation_link).not.toBe(creation.body.invited.invitation_link)
    const change = await call('PUT', `/operators/${id}`, { role: 'manager', accounts: 'all' })
    expect(change.body.operator).toMatchObject({ role: 'manager', account_ids: 'all' })
    const ending = await call('POST', `/operators/${id}/disable`)
    expect(ending.body.operator).toMatchObject({ status: 'disabled' })
    expect(ending.body.operator.invitation_ends).toBeUndefined()
    expect((await call('POST', `/operators/${id}/enable`)).status).toBe(200)
    expect((await call('POST', `/operators/${id}/sign_out`)).body.signed_out).toEqual({
      session_count: 0,
    })
    const { entries } = (await call('GET', `/audit_log?object_id=${id}`)).body.audit_log
    expect(entries.map(({ action }: { action: string }) => action)).toEqual([
      'operator.sign_out',
      'operator.update',
      'operator.update',
      'operator.update',
      'operator.invite',
      'operator.create',
    ])
    expect(new Set(entries.map(({ actor }: { actor: { name: string } }) => actor.name))).toEqual(
      new Set([`${operator.id} ${operator.email}`]),
    )
  })

  test('refuses wrong fields of an operator, and an unknown one', async () => {
    const { call } = await signInOperatorOf(server)
    const body = { name: 'A', email: 'a@b.co', role: 'viewer', accounts: 'all' }
    for (const [fields, field] of [
      [{ name: '  ' }, 'name'],
      [{ email: 'nobody' }, 'email'],
      [{ role: 'owner' }, 'role'],
      [{ accounts: '17' }, 'accounts'],
      [{ refund_max_minor: '-1' }, 'refund_max_minor'],
      [{ refund_max: '1' }, 'refund_max'],
    ] as const) {
      const answer = await call('POST', '/operators', {
        ...body,
        refund_max_minor: 'all',
        ...fields,
      })
      expect([answer.status, answer.body.field]).toEqual([400, field])
    }
    expect((await call('POST', '/operators/op_0/disable')).status).toBe(404)
  })

  test('nobody changes the own access, and two administrators cannot disable each other', async () => {
    const [one, other] = [await signInOperatorOf(server), await signInOperatorOf(server)]
    const self = one.operator.id
    for (const answer of [
      await one.call('POST', `/operators/${self}/disable`),
      await one.call('PUT', `/operators/${self}`, { role: 'viewer' }),
      await one.call('PUT', `/operators/${self}`, { accounts: accountId }),
    ]) {
      expect(answer).toMatchObject({ status: 403, body: { message: /your own access/ } })
    }
    const answers = await Promise.all([
      one.call('POST', `/operators/${other.operator.id}/disable`),
      other.call('POST', `/operators/${self}/disable`),
    ])
    // The loser has lost the session, or the permission inside of the transaction.
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 401 || status === 403)).toHaveLength(1)
  })

  test('only administrators of all accounts manage operators', async () => {
    for (const more of [
      { role: 'manager' },
      { role: 'administrator', accountIds: [accountId] },
    ] as const) {
      const { call } = await signInOperatorOf(server, more)
      expect((await call('GET', '/operators')).status).toBe(403)
      expect((await call('POST', '/operators', {})).status).toBe(403)
    }
  })

  test('each operation on money objects and webhooks is refused to the roles below its own', async () => {
    const roles = ['viewer', 'support', 'manager', 'administrator'] as const
    const operators = await Promise.all(
      roles.map(async (role) => ({ role, ...(await signInOperatorOf(server, { role })) })),
    )
    const body = { from: 1, to: 2 }
    // The objects do not exist: a permitted call finds nothing.
    for (const [from, method, path] of [
      ['viewer', 'GET', '/disputes/17'],
      ['viewer', 'GET', '/virtualaccounts/17'],
      ['manager', 'PUT', '/virtualaccounts/17/close'],
      ['manager', 'POST', '/events/17/resend'],
      ['manager', 'POST', '/webhooks/17/replay'],
      ['administrator', 'POST', '/webhooks/17/rotatekey'],
      ['administrator', 'DELETE', '/webhooks/17'],
    ] as const) {
      for (const { call, role } of operators) {
        const isPermitted = roles.indexOf(role) >= roles.indexOf(from)
        const { status } = await call(
          method,
          `${path}?account_id=${accountId}`,
          method === 'POST' ? body : undefined,
        )
        expect([role, path, status]).toEqual([role, path, isPermitted ? 404 : 403])
      }
    }
    const { call } = await signInOperatorOf(server)
    const transfer = await call('POST', `/transfers?account_id=${accountId}`, {})
    expect(transfer).toMatchObject({ status: 403, body: { message: /merchant’s application/ } })
    const disputes = await call('GET', `/disputes?account_id=${accountId}&status=open`)
    expect(disputes).toMatchObject({ status: 200, body: { disputes: [] } })
    const wrong = await call('GET', `/disputes?account_id=${accountId}&status=gone`)
    expect(wrong).toMatchObject({ status: 400, body: { field: 'status' } })
  })

  test('an administrator changes the settings of an account, and only one of all accounts its fees', async () => {
    const { call } = await signInOperatorOf(server, { accountIds: [accountId] })
    const path = `/account?account_id=${accountId}`
    const change = await call('PUT', path, {
      name: 'Tea and coffee',
      brand_color: '#1a56db',
      frame_origins: ['https://shop.example'],
      terms_url: 'https://shop.example/terms',
      statement_descriptor: 'TEA SHOP',
      powered_by: false,
      logo: PIXEL,
    })
    expect(change).toMatchObject({
      status: 200,
      body: {
        account: {
          name: 'Tea and coffee',
          brand_color: '#1a56db',
          frame_origins: ['https://shop.example'],
          statement_descriptor: 'TEA SHOP',
          powered_by: false,
          logo: expect.stringMatching(/\.png$/),
        },
      },
    })
    const removal = await call('PUT', path, { brand_color: 'none', logo: 'none' })
    expect(removal.body.account).not.toHaveProperty('brand_color')
    expect(removal.body.account).not.toHaveProperty('logo')
    expect(removal.body.account).toMatchObject({ terms_url: 'https://shop.example/terms' })
    for (const [body, field] of [
      [{ brand_color: 'red' }, 'brand_color'],
      [{ frame_origins: ['shop.example'] }, 'frame_origins[0]'],
      [{ privacy_url: 'ftp://shop.example' }, 'privacy_url'],
      [{ logo: 'PHN2Zz4=' }, 'logo'],
      [{ name: ' ' }, 'name'],
    ] as const) {
      const answer = await call('PUT', path, body)
      expect([answer.status, answer.body.field]).toEqual([400, field])
    }
    const rates = { fee_rate: '1.95', tax_rate: '18' }
    const ratesPath = `/account/fee_rates?account_id=${accountId}`
    expect((await call('PUT', ratesPath, rates)).status).toBe(403)
    const boss = await signInOperatorOf(server)
    expect((await boss.call('PUT', ratesPath, rates)).body.account.rate_changes).toEqual([
      { from: new Date(nowMs).toISOString(), fee_rate: '1.95', tax_rate: '18.00' },
    ])
    const past = await boss.call('PUT', ratesPath, { ...rates, from: '2026-11-01' })
    expect([past.status, past.body.field]).toEqual([400, 'from'])
    expect((await call('POST', `/account/close?account_id=${accountId}`)).body.account.status).toBe(
      'closed',
    )
    expect(
      (await call('POST', `/account/reopen?account_id=${accountId}`)).body.account.status,
    ).toBe('open')
  })

  test('keys are replaced once for a repeated request', async () => {
    const { call } = await signInOperatorOf(server)
    const path = `/account/keys?account_id=${accountId}`
    const rotate = (key: string) =>
      call('POST', path, { keys: ['api', 'owner'], overlap: '2h' }, { 'idempotency-key': key })
    const first = await rotate('one')
    expect(first).toMatchObject({
      status: 200,
      body: {
        keys: {
          api_key: expect.any(String),
          owner_key: expect.any(String),
          previous_api_key_expires: new Date(nowMs + 2 * 60 * 60_000).toISOString(),
        },
      },
    })
    expect(first.body.keys).not.toHaveProperty('signing_key')
    expect((await rotate('one')).body).toEqual(first.body)
    expect((await rotate('two')).body.keys.api_key).not.toBe(first.body.keys.api_key)
    expect((await call('POST', path, { keys: [] })).body.field).toBe('keys')
  })
})

/** A PNG of one pixel. */
const PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
