import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { liveSettingsAt, makePlace, type Place } from '../../test/support/engines.ts'
import { storeSession, takePayment } from '../../test/support/live-account.ts'
import { signInOperatorOf } from '../../test/support/signed-in.ts'
import { TEST_ACTOR } from '../../test/support/stored-rows.ts'
import type { AccountId, PaymentAttemptId } from '../domain/id.ts'
import { REFUND_APPROVAL_MS } from '../domain/refund-approval.ts'
import { createAccount } from '../operations/create-account.ts'
import { type Server, startServer } from '../server/start-server.ts'

describe.each(['file', 'postgres'] as const)('the console’s own routes, on %s', (engine) => {
  let nowMs = Date.UTC(2026, 10, 29, 9)
  let place: Place
  let server: Server
  let accountId: AccountId

  beforeAll(async () => {
    place = await makePlace(engine)
    // With this processor no refund fails. A failed refund would make its payment refundable again in the middle of a
    // test.
    const settings = liveSettingsAt(place, {}, 'approving-processor')
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
    // Nobody has accepted an invitation of this operator.
    expect((await call('POST', `/operators/${id}/enable`)).body.operator.status).toBe('invited')
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

  test('refuses wrong fields of an operator, and an unknown operator', async () => {
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

  test('the overview has the payments of the account only, and refuses an unknown period', async () => {
    const other = await createAccount({ ...server.tenant, actor: TEST_ACTOR }, 'Book shop', 'IN')
    const paidSession = await storeSession(server.tenant, other.account.id)
    await takePayment(server.tenant, paidSession.id)
    const { call } = await signInOperatorOf(server, { role: 'viewer' })
    const read = (id: string, period: string) =>
      call('GET', `/overview?account_id=${id}&period=${period}`)
    const own = await read(other.account.id, '7_days')
    expect([own.status, own.body.overview]).toMatchObject([
      200,
      {
        to_date: '2026-11-29',
        from_date: '2026-11-23',
        payments: { succeeded: 1, failed: 0, waiting: 0 },
        volume: [{ currency: 'INR', count: 1, amount: '100.50' }],
        methods: [{ method: 'card', succeeded: 1 }],
      },
    ])
    expect((await read(accountId, 'today')).body.overview.volume).toEqual([])
    expect((await read(accountId, 'year')).body).toMatchObject({ field: 'period' })
    const stranger = await signInOperatorOf(server, { accountIds: [accountId] })
    expect((await stranger.call('GET', `/overview?account_id=${other.account.id}`)).status).toBe(
      400,
    )
  })

  test('administrators cannot change their own access, and two administrators cannot disable each other', async () => {
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
    // The slower of the two is refused: its session has ended, or the transaction finds that its permission is gone.
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

  test('each operation on money objects and webhooks is refused to every role below the one that it needs', async () => {
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

  test('an administrator of one account changes its settings, and only an administrator of all accounts changes its fees', async () => {
    const { call } = await signInOperatorOf(server, { accountIds: [accountId] })
    const path = `/account?account_id=${accountId}`
    const change = await call('PUT', path, {
      name: 'Tea and coffee',
      brand_color: '#1a56db',
      frame_origins: ['https://shop.example'],
      terms_url: 'https://shop.example/terms',
      statement_descriptor: 'TEA SHOP',
      powered_by: false,
      logo: logoOf(44 * 1024),
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
      [{ logo: logoOf(44 * 1024 + 3) }, 'logo'],
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

  test('an administrator of all accounts creates an account and its client, whose secrets are shown once', async () => {
    const { call, operator } = await signInOperatorOf(server)
    const body = { name: 'Lamps', edition: 'US', fee_rate: '2.9', statement_descriptor: 'LAMPS' }
    const creation = await call('POST', '/accounts', body)
    expect(creation).toMatchObject({
      status: 201,
      body: {
        new_account: {
          ...body,
          fee_rate: '2.90',
          tax_rate: '18.00',
          signing_key: expect.stringMatching(/^[0-9a-f]{64}$/),
          api_key: expect.any(String),
          owner_key: expect.any(String),
        },
      },
    })
    const { account_id: id, api_key: apiKey } = creation.body.new_account
    const settings = await call('GET', `/account?account_id=${id}`)
    expect(settings.body.account.name).toBe('Lamps')
    expect(JSON.stringify(settings.body)).not.toContain(apiKey)

    const application = { name: 'Shop', accounts: id, is_machine: true }
    const client = await call('POST', '/clients', application)
    expect(client).toMatchObject({ status: 201, body: { new_client: { account_ids: [id] } } })
    const { client_id: clientId, client_secret: secret } = client.body.new_client
    const tokens = await fetch(`${server.baseUrl}/oauth/v2/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: clientId,
        client_secret: secret,
        scope: 'ZohoPay.payments.READ',
        soid: `zohopay.${id}`,
      }),
    })
    expect(await tokens.json()).toHaveProperty('access_token')
    for (const [objectId, action] of [
      [id, 'account.create'],
      [clientId, 'client.create'],
    ]) {
      const [entry] = await server.tenant.store.auditLog.list({ objectId }, 1)
      expect([entry?.action, entry?.actor.name]).toEqual([
        action,
        `${operator.id} ${operator.email}`,
      ])
    }

    for (const [path, wrong, field] of [
      ['/accounts', { name: ' ' }, 'name'],
      ['/accounts', { edition: 'EU' }, 'edition'],
      ['/accounts', { fee_rate: '101' }, 'fee_rate'],
      ['/accounts', { statement_descriptor: 'x'.repeat(23) }, 'statement_descriptor'],
      ['/accounts', { currency: 'EUR' }, 'currency'],
      ['/clients', { name: '' }, 'name'],
      ['/clients', { accounts: '99' }, 'accounts'],
      ['/clients', { accounts: `${accountId},0` }, 'accounts'],
      ['/clients', { redirect_uris: ['http://shop.example'] }, 'redirect_uris[0]'],
    ] as const) {
      const right = path === '/accounts' ? body : application
      const { body: answer, status } = await call('POST', path, { ...right, ...wrong })
      expect([status, answer.field]).toEqual([400, field])
    }
    // A repeated request makes only one account and one client. The same key of another operator makes another one.
    for (const [path, right, name, secretName] of [
      ['/accounts', body, 'new_account', 'api_key'],
      ['/clients', application, 'new_client', 'client_secret'],
    ] as const) {
      const send = (by = call, more = {}) =>
        by('POST', path, { ...right, ...more }, { 'idempotency-key': 'k' })
      const [one, two] = await Promise.all([send(), send()])
      expect([one.status, two]).toEqual([201, one])
      expect(await send()).toEqual(one)
      expect((await send(call, { name: 'Other' })).body.code).toBe('idempotency_conflict')
      const other = await signInOperatorOf(server)
      expect((await send(other.call)).body[name][secretName]).not.toBe(one.body[name][secretName])
      const wrong = await call('POST', path, right, { 'idempotency-key': '\u00e9' })
      expect([wrong.status, wrong.body.field]).toEqual([400, 'Idempotency-Key'])
    }
    const { store } = server.tenant
    const creations = await store.auditLog.list({ action: 'account.create' }, 100)
    expect(creations.filter(({ after }) => after.name === 'Lamps')).toHaveLength(3)
    const ofOneAccount = await signInOperatorOf(server, { accountIds: [accountId] })
    for (const path of ['/accounts', '/clients']) {
      expect((await ofOneAccount.call('POST', path, body)).status).toBe(403)
    }
  })

  async function takeLivePayment(): Promise<PaymentAttemptId> {
    const amount = { amountMinor: 40_000n, currency: 'INR' } as const
    const { id } = await storeSession(server.tenant, accountId, { amount })
    return takePayment(server.tenant, id)
  }
  const query = () => `account_id=${accountId}`
  async function requestRefund(amount = '400.00') {
    const paymentId = await takeLivePayment()
    const first = await signInOperatorOf(server, { role: 'support', refundMaxMinor: 1_000n })
    const path = `/payments/${paymentId}/refund_approvals?${query()}`
    const answer = await first.call('POST', path, { amount })
    expect([answer.status, answer.body]).toEqual([201, expect.anything()])
    const id = answer.body.refund_approval.refund_approval_id
    const decisionPath = (decision: string) => `/refund_approvals/${id}/${decision}?${query()}`
    const refunds = () => server.tenant.store.refunds.listByPayment(paymentId)
    return { first, id, paymentId, path, decisionPath, refunds }
  }

  test('a refund above the limit needs another person, and is made once', async () => {
    const { decisionPath, first, id, path, paymentId, refunds } = await requestRefund()
    const alone = await first.call('POST', `/payments/${paymentId}/refunds?${query()}`, {
      amount: '10.01',
    })
    expect([alone.status, alone.body.field]).toEqual([403, 'amount'])
    expect((await first.call('POST', path, { amount: '1.00' })).status).toBe(409)
    const viewer = await signInOperatorOf(server, { role: 'viewer' })
    const waiting = async () => (await viewer.call('GET', path)).body.refund_approvals
    const requester = { requested_by: first.operator.email }
    expect(await waiting()).toMatchObject([{ ...requester, amount: '400.00', status: 'waiting' }])
    expect((await viewer.call('GET', path.replace(paymentId, '17'))).status).toBe(404)
    expect((await first.call('POST', decisionPath('approve'))).status).toBe(403)
    expect(await refunds()).toEqual([])
    // The requests of others wait for an operator who may decide.
    const countFor = async ({ call }: typeof first) =>
      (await call('GET', `/refund_approvals/waiting?${query()}`)).body.waiting?.count
    expect(await countFor(first)).toBeUndefined()
    const third = await signInOperatorOf(server, { role: 'manager' })
    const countBefore = await countFor(third)

    const second = await signInOperatorOf(server, { role: 'manager', refundMaxMinor: 1n })
    const approve = () =>
      second.call('POST', decisionPath('approve'), undefined, { 'idempotency-key': id })
    const approval = await approve()
    expect(approval).toMatchObject({
      status: 200,
      body: {
        refund_approval: {
          status: 'approved',
          requested_by: first.operator.email,
          decided_by: second.operator.email,
        },
      },
    })
    expect((await approve()).body).toEqual(approval.body)
    expect(await waiting()).toEqual([])
    expect(await countFor(third)).toBe(countBefore - 1)
    expect((await second.call('POST', decisionPath('approve'))).status).toBe(409)
    expect((await second.call('POST', decisionPath('reject'))).status).toBe(409)
    expect(await refunds()).toMatchObject([
      { id: approval.body.refund_approval.refund_id, amount: { amountMinor: 40_000n } },
    ])
    const log = await server.tenant.store.auditLog.list({ objectId: id }, 5)
    expect(log.map(({ action, actor }) => [action, actor.name.split(' ')[0]])).toEqual([
      ['refund_approval.approve', second.operator.id],
      ['refund_approval.create', first.operator.id],
    ])
  })

  test('the limit of an account replaces the limit of the operator there', async () => {
    const administrator = await signInOperatorOf(server)
    const { call, operator } = await signInOperatorOf(server, {
      role: 'support',
      refundMaxMinor: 0n,
    })
    const setLimit = (limits: string) =>
      administrator.call('PUT', `/operators/${operator.id}`, { account_refund_max: limits })
    const refund = async (amount: string) => {
      const path = `/payments/${await takeLivePayment()}/refunds?${query()}`
      const { body, status } = await call('POST', path, { amount })
      return [status, body.field]
    }
    expect(await refund('0.01')).toEqual([403, 'amount'])
    const change = await setLimit(`${accountId}=5000`)
    expect(change.body.operator.account_refund_max_minor).toEqual({ [accountId]: 5000 })
    expect(await refund('50.00')).toEqual([201, undefined])
    expect(await refund('50.01')).toEqual([403, 'amount'])
    for (const wrong of ['5000', `${accountId}=-1`, `${accountId}=1,${accountId}=2`, '99=1']) {
      expect((await setLimit(wrong)).body.field).toBe('account_refund_max')
    }
    expect((await setLimit('none')).body.operator.account_refund_max_minor).toEqual({})
    expect(await refund('0.01')).toEqual([403, 'amount'])
  })

  test('two approvals at the same time make one refund', async () => {
    const { decisionPath, refunds } = await requestRefund('200.00')
    const persons = [await signInOperatorOf(server), await signInOperatorOf(server)]
    const answers = await Promise.all(
      persons.map(({ call }) => call('POST', decisionPath('approve'))),
    )
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409])
    expect(await refunds()).toHaveLength(1)
  })

  test('a payment that was refunded meanwhile is not refunded again, and the request can be rejected', async () => {
    const { decisionPath, id, paymentId, refunds } = await requestRefund()
    const { call } = await signInOperatorOf(server)
    const direct = await call('POST', `/payments/${paymentId}/refunds?${query()}`, {
      amount: '300.00',
    })
    expect(direct.status).toBe(201)
    const approval = await call('POST', decisionPath('approve'))
    expect([approval.status, approval.body.field]).toEqual([400, 'amount'])
    expect(await refunds()).toHaveLength(1)
    expect((await server.tenant.store.refundApprovals.find(id))?.status).toBe('waiting')
    expect((await call('POST', decisionPath('reject'))).body.refund_approval.status).toBe(
      'rejected',
    )
  })

  test('a request ends after three days, and belongs to its account', async () => {
    const { decisionPath, first, paymentId, refunds } = await requestRefund()
    const other = (await createAccount({ ...server.tenant, actor: TEST_ACTOR }, 'Books', 'IN'))
      .account.id
    const stranger = await signInOperatorOf(server)
    const strange = decisionPath('approve').replace(accountId, other)
    expect((await stranger.call('POST', strange)).status).toBe(404)
    nowMs += REFUND_APPROVAL_MS
    const { call } = await signInOperatorOf(server)
    expect((await call('POST', decisionPath('approve'))).status).toBe(409)
    expect(await refunds()).toEqual([])
    const { refund_approvals: rows } = (await call('GET', `/refund_approvals?${query()}`)).body
    const row = rows.find((one: { payment_id: string }) => one.payment_id === paymentId)
    expect(row).toMatchObject({
      status: 'expired',
      requested_by: first.operator.email,
    })
    const path = `/payments/${paymentId}/refund_approvals?${query()}`
    expect((await call('GET', path)).body.refund_approvals).toEqual([])
    expect((await call('POST', path, { amount: '5.00' })).status).toBe(201)
    expect((await call('POST', path, { amount: '500.00' })).status).toBe(400)
  })
})

/** A PNG of one pixel. */
const PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

/** Returns an image of so many bytes in Base64: bytes after the end of an image do not change it. */
function logoOf(byteCount: number): string {
  const bytes = Buffer.alloc(byteCount)
  Buffer.from(PIXEL, 'base64').copy(bytes)
  return bytes.toString('base64')
}
