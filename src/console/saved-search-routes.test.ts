import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { liveSettingsAt, makePlace, type Place } from '../../test/support/engines.ts'
import { signInOperatorOf } from '../../test/support/signed-in.ts'
import { TEST_ACTOR } from '../../test/support/stored-rows.ts'
import { SAVED_SEARCH_COUNT_MAX } from '../domain/saved-search.ts'
import { createAccount } from '../operations/create-account.ts'
import { type Server, startServer } from '../server/start-server.ts'

describe.each(['file', 'postgres'] as const)('saved searches, on %s', (engine) => {
  let place: Place
  let server: Server
  let query: string

  beforeAll(async () => {
    place = await makePlace(engine)
    const settings = liveSettingsAt(place)
    server = await startServer(settings)
    const { account } = await createAccount({ ...server.tenant, actor: TEST_ACTOR }, 'Tea', 'IN')
    query = `?account_id=${account.id}`
  })
  afterAll(async () => {
    await server.close()
    place.remove()
  })

  const search = { name: 'Failed', view: 'payments', query: 'amount=100&status=Status.Failed' }
  const path = (id = '') => `/saved_searches${id && `/${id}`}${query}`

  test('a search belongs to its operator, who lists, renames and deletes it', async () => {
    const one = await signInOperatorOf(server, { role: 'viewer' })
    const other = await signInOperatorOf(server)
    const creation = await one.call('POST', path(), search)
    expect([creation.status, creation.body.saved_search]).toEqual([
      201,
      { saved_search_id: expect.stringMatching(/^ss_[\da-f]{16}$/), ...search },
    ])
    const id = creation.body.saved_search.saved_search_id
    expect((await other.call('GET', path())).body.saved_searches).toEqual([])
    expect((await other.call('PUT', path(id), { name: 'Mine' })).status).toBe(404)
    expect((await other.call('DELETE', path(id))).status).toBe(404)
    expect((await other.call('POST', path(), search)).status).toBe(201)

    expect((await one.call('POST', path(), { ...search, name: 'Refunded' })).status).toBe(201)
    const refusal = await one.call('PUT', path(id), { name: 'Refunded' })
    expect([refusal.status, refusal.body.field]).toEqual([400, 'name'])
    expect((await one.call('PUT', path(id), { name: 'No money' })).status).toBe(200)
    const { saved_searches: searches } = (await one.call('GET', path())).body
    expect(searches.map(({ name }: { name: string }) => name)).toEqual(['No money', 'Refunded'])
    expect((await one.call('DELETE', path(id))).status).toBe(200)
    expect((await one.call('GET', path())).body.saved_searches).toHaveLength(1)
  })

  test('names, views and filters are checked, and a customer’s contact is not saved', async () => {
    const { call } = await signInOperatorOf(server)
    for (const [more, field] of [
      [{ name: ' ' }, 'name'],
      [{ name: 'x'.repeat(61) }, 'name'],
      [{ name: 'Payments of asha@example.com' }, 'name'],
      [{ name: '+91 98765 43210' }, 'name'],
      [{ view: '../sign-out' }, 'view'],
      [{ query: '' }, 'query'],
      [{ query: `q=${'x'.repeat(500)}` }, 'query'],
      [{ query: 'q=asha%40example.com' }, 'query'],
      [{ query: 'other=asha@upi' }, 'query'],
      [{ query: 'q=%2B91+98765+43210' }, 'query'],
      [{ account: '1' }, 'account'],
    ] as const) {
      const answer = await call('POST', path(), { ...search, ...more })
      expect([more, answer.status, answer.body.field]).toEqual([more, 400, field])
    }
    expect((await call('POST', path(), { ...search, query: 'q=173000002314883' })).status).toBe(201)
  })

  test('requests at the same time neither exceed the maximum number of searches nor use a name twice', async () => {
    const { call, operator } = await signInOperatorOf(server)
    await server.tenant.store.transaction(async (tx) => {
      for (let number = 2; number < SAVED_SEARCH_COUNT_MAX; number += 1) {
        await tx.operators.insertSearch({
          id: `ss_${operator.id}${number}`,
          operatorId: operator.id,
          name: `Search ${number}`,
          viewName: 'payments',
          query: 'status=failed',
          createdAtMs: 0,
        })
      }
    })
    const twins = await Promise.all([1, 2].map(() => call('POST', path(), search)))
    expect(twins.map(({ status }) => status).toSorted()).toEqual([201, 400])
    const names = ['one', 'two'].map((name) => call('POST', path(), { ...search, name }))
    const answers = await Promise.all(names)
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 400])
  })
})
