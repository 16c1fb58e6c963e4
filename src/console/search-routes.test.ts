import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { liveSettingsAt, makePlace, type Place } from '../../test/support/engines.ts'
import { storeSession, takePayment } from '../../test/support/live-account.ts'
import { type SignedInOperator, signInOperatorOf } from '../../test/support/signed-in.ts'
import { refundOf, TEST_ACTOR } from '../../test/support/stored-rows.ts'
import type { AccountId } from '../domain/id.ts'
import { createAccount } from '../operations/create-account.ts'
import { type Server, startServer } from '../server/start-server.ts'

describe.each(['file', 'postgres'] as const)('the search of the console, on %s', (engine) => {
  let place: Place
  let server: Server
  let accountId: AccountId
  let otherId: AccountId
  let ids: { session: string; payment: string; refund: string; customer: string }

  beforeAll(async () => {
    place = await makePlace(engine)
    const settings = liveSettingsAt(place)
    server = await startServer(settings)
    const { tenant } = server
    const deps = { ...tenant, actor: TEST_ACTOR }
    accountId = (await createAccount(deps, 'Tea shop', 'IN')).account.id
    otherId = (await createAccount(deps, 'Books', 'IN')).account.id
    const record = await storeSession(tenant, accountId, { referenceNumber: 'ord_17' })
    const payment = await takePayment(tenant, record.id)
    const refund = refundOf({ id: payment }, { id: tenant.ids.refund(payment), accountId })
    await tenant.store.transaction((tx) => tx.refunds.insert(refund))
    const { call } = await signInOperatorOf(server)
    const body = { name: 'Asha Rao', email: 'asha@example.com', phone: '9876543217' }
    const customer = await call('POST', `/customers?account_id=${accountId}`, body)
    ids = {
      session: record.id,
      payment,
      refund: refund.id,
      customer: customer.body.customer.customer_id,
    }
  })
  afterAll(async () => {
    await server.close()
    place.remove()
  })

  async function find({ call }: SignedInOperator, text: string, account = accountId) {
    const path = `/search?account_id=${account}&text=${encodeURIComponent(text)}`
    const { body, status } = await call('GET', path)
    expect([status, body.found]).toEqual([200, expect.anything()])
    return body.found.map(({ id, kind }: { id: string; kind: string }) => `${kind} ${id}`)
  }

  test('each object is found by its id, a session and a payment by a whole reference, and a customer by a contact, which the answer masks', async () => {
    const viewer = await signInOperatorOf(server, { role: 'viewer', accountIds: [accountId] })
    for (const kind of ['session', 'payment', 'refund', 'customer'] as const) {
      expect(await find(viewer, ` ${ids[kind]} `)).toEqual([`${kind} ${ids[kind]}`])
    }
    expect(new Set(await find(viewer, 'ord_17'))).toEqual(
      new Set([`session ${ids.session}`, `payment ${ids.payment}`]),
    )
    for (const contact of ['asha@example.com', '+91 98765 43217']) {
      expect(await find(viewer, contact)).toEqual([`customer ${ids.customer}`])
    }
    expect(await find(viewer, 'ord_1')).toEqual([])
    const answer = await viewer.call('GET', `/search?account_id=${accountId}&text=asha@example.com`)
    expect(answer.body.found[0]).toMatchObject({ title: 'Asha Rao', detail: 'a•••@example.com' })
  })

  test('an id finds an object of any account of the operator, and nothing reveals the objects of other accounts', async () => {
    const ofBoth = await signInOperatorOf(server, { accountIds: [accountId, otherId] })
    expect(await find(ofBoth, ids.refund, otherId)).toEqual([`refund ${ids.refund}`])
    expect(await find(ofBoth, 'ord_17', otherId)).toEqual([])
    const ofOther = await signInOperatorOf(server, { accountIds: [otherId] })
    for (const text of [...Object.values(ids), 'ord_17', 'asha@example.com']) {
      expect(await find(ofOther, text, otherId)).toEqual([])
    }
    const path = `/search?account_id=${accountId}&text=ord_17`
    expect((await ofOther.call('GET', path)).status).toBe(400)
    for (const text of ['', 'x'.repeat(256)]) {
      const answer = await ofOther.call('GET', `/search?account_id=${otherId}&text=${text}`)
      expect([answer.status, answer.body.field]).toEqual([400, 'text'])
    }
  })
})
