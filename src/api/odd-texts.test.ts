import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ENGINES } from '../../test/support/engines.ts'
import { ACCOUNT_ID, startTestServer, type TestServer } from '../../test/support/server.ts'
import { SANDBOX_VALUES } from '../sandbox/well-known.ts'

/** Texts that a database or an encoder may not accept. */
const NUL = 'a\u0000b'
const LONE_SURROGATES = ['\ud800', 'a\udc00b']
/** Such texts in an address: NUL, a surrogate's bytes, bytes that are not UTF-8, half an escape. */
const IN_ADDRESSES = ['%00', 'a%00b', '%ED%A0%80', '%FF', '%']

const ID = '250301496979812'
/** A valid body for each route that reads one. */
const BODIES: Readonly<Record<string, unknown>> = {
  '/paymentsessions': {
    amount: '100.50',
    currency: 'INR',
    description: 'Order',
    invoice_number: 'INV',
    reference_number: 'ord',
    meta_data: [{ key: 'k', value: 'v' }],
    transfer_details: [{ connected_account_id: '23137557', amount: '1' }],
    configurations: {
      allowed_payment_methods: ['card'],
      hosted_page_parameters: {
        success_url: 'https://shop.example/ok',
        failure_url: 'https://shop.example/ko',
        description: 'Order',
        name: 'Asha',
        email: 'asha@shop.example',
        phone: '9000000001',
        phone_country_code: 'IN',
        udf1: '1',
        udf2: '2',
        udf3: '3',
        udf4: '4',
        udf5: '5',
      },
    },
  },
  '/payments/{payment_id}/refunds': {
    amount: '1',
    reason: 'others',
    type: 'full',
    description: 'Lamp',
    meta_data: [{ key: 'k', value: 'v' }],
  },
  '/transfers': {
    payment_id: ID,
    transfer_split: [{ connected_account_id: '23137557', amount: '1', description: 'Part' }],
  },
  '/transferreversals': { transfer_id: ID, reversal_amount: '1', description: 'Back' },
  '/connectedaccounts': {
    account_name: 'Seller',
    email_id: 'seller@shop.example',
    pan: 'ABCDE1234F',
    mcc: '5999',
    business_description: 'Lamps',
    connected_account_bank_account: {
      routing_number: 'HDFC0000001',
      account_number: '000123456789',
    },
  },
  '/webhooks': {
    name: 'Orders',
    url: 'http://127.0.0.1:1/hooks',
    description: 'All',
    enabled_events: ['payment.succeeded'],
  },
  '/webhooks/{webhook_url_id}': {
    name: 'Orders',
    url: 'http://127.0.0.1:1/hooks',
    description: 'All',
    status: 'active',
    enabled_events: ['payment.succeeded'],
  },
  '/webhooks/{webhook_url_id}/replay': {
    from: '2026-11-22T00:00:00Z',
    to: '2026-11-23T00:00:00Z',
    event_types: ['payment.succeeded'],
  },
}

/** Yields a copy of a body for each of its texts, with the odd text in that place. */
function* withOdd(body: unknown, odd: string): Generator<unknown> {
  if (typeof body === 'string') yield odd
  else if (Array.isArray(body)) {
    for (const [index, item] of body.entries()) {
      for (const one of withOdd(item, odd)) yield body.with(index, one)
    }
  } else if (typeof body === 'object' && body !== null) {
    for (const [name, value] of Object.entries(body)) {
      for (const one of withOdd(value, odd)) yield { ...body, [name]: one }
    }
  }
}

/**
 * Yields the paths of a body's texts, as keys from the outside in. Omits the items of lists, which cannot be absent.
 */
function* textsOf(body: unknown, path: readonly string[] = []): Generator<readonly string[]> {
  if (typeof body !== 'object' || body === null) return
  for (const [name, value] of Object.entries(body)) {
    if (typeof value === 'string' && !Array.isArray(body)) yield [...path, name]
    else yield* textsOf(value, [...path, name])
  }
}

/** Returns a body with another value at a path. Undefined removes the field. */
function withValue(body: unknown, path: readonly string[], value: unknown): unknown {
  const copy = structuredClone(body) as Record<string, unknown>
  const last = path.at(-1) ?? ''
  const holder = path
    .slice(0, -1)
    .reduce((within, name) => within[name] as Record<string, unknown>, copy)
  if (value === undefined) delete holder[last]
  else holder[last] = value
  return copy
}

type Route = { readonly method: string; readonly path: string; readonly query: readonly string[] }

describe.each(ENGINES)('malformed and empty texts, on %s', (engine) => {
  let server: TestServer
  let routes: readonly Route[]
  beforeAll(async () => {
    server = await startTestServer(engine)
    const { paths } = await (await fetch(`${server.baseUrl}/openapi.json`)).json()
    type Operation = { parameters?: { in: string; name: string }[] }
    routes = Object.entries<Record<string, Operation>>(paths)
      .filter(([path]) => path.startsWith('/api/v1/'))
      .flatMap(([path, operations]) =>
        Object.entries(operations).map(([method, { parameters = [] }]) => ({
          method: method.toUpperCase(),
          path: path.slice('/api/v1'.length),
          query: parameters.filter((one) => one.in === 'query').map(({ name }) => name),
        })),
      )
    expect(routes.length).toBeGreaterThan(25)
  })
  afterAll(() => server.close())
  const concrete = (path: string) => path.replaceAll(/\{\w+\}/g, ID)

  test('in a query are refused or match nothing', async () => {
    const answers: [string, number][] = []
    const rows: unknown[] = []
    for (const { method, path, query } of routes.filter((one) => one.method === 'GET')) {
      for (const name of query) {
        for (const odd of IN_ADDRESSES) {
          const { body, status } = await server.call(method, `${concrete(path)}?${name}=${odd}`)
          answers.push([`${path}?${name}=${odd}`, status])
          if (status === 200) rows.push(...Object.values(body).filter(Array.isArray).flat())
        }
      }
    }
    expect(answers.length).toBeGreaterThan(200)
    expect(answers.filter(([, status]) => ![200, 400, 401, 404].includes(status))).toEqual([])
    expect(rows).toEqual([])
  })

  test('in a search parameter of a list are refused, with the name of the parameter', async () => {
    for (const path of ['/payments', '/transfers', '/transferreversals']) {
      const answer = await server.call('GET', `${path}?search_text=a%00b`)
      expect([answer.status, answer.body.field]).toEqual([400, 'search_text'])
    }
    for (const name of ['reference_number', 'invoice_number']) {
      const answer = await server.call('GET', `/paymentsessions?${name}=%00`)
      expect([answer.status, answer.body.field]).toEqual([400, name])
    }
  })

  test('in a path get 400 or 404', async () => {
    const answers: unknown[] = []
    for (const { method, path } of routes.filter((one) => one.path.includes('{'))) {
      for (const odd of IN_ADDRESSES) {
        const { status } = await server.call(
          method,
          path.replaceAll(/\{\w+\}/g, odd),
          method === 'GET' ? undefined : {},
        )
        if (![400, 404].includes(status)) answers.push([method, path, odd, status])
      }
    }
    expect(answers).toEqual([])
  })

  test('in any field of a body are refused', async () => {
    const needsBody = routes.filter(
      ({ method, path }) => method !== 'GET' && method !== 'DELETE' && path in BODIES,
    )
    expect(new Set(needsBody.map(({ path }) => path)).size).toBe(Object.keys(BODIES).length)
    const answers: unknown[] = []
    for (const { method, path } of needsBody) {
      for (const odd of [NUL, ...LONE_SURROGATES]) {
        for (const body of withOdd(BODIES[path], odd)) {
          const { status } = await server.call(method, concrete(path), body)
          if (![400, 404].includes(status)) answers.push([method, path, body, status])
        }
      }
    }
    expect(answers).toEqual([])
  })

  test('that are empty count as an absent field, in every body', async () => {
    let count = 0
    for (const { method, path } of routes.filter(
      (one) => one.method !== 'GET' && one.path in BODIES,
    )) {
      for (const text of textsOf(BODIES[path])) {
        const without = await server.call(
          method,
          concrete(path),
          withValue(BODIES[path], text, undefined),
        )
        // A required text cannot be absent, so an empty one is a different error.
        if (without.body.code === 'missing_parameter') continue
        const empty = await server.call(method, concrete(path), withValue(BODIES[path], text, ''))
        const errorOf = ({ status, body }: typeof empty) => [status, body.code, body.field]
        expect([path, text, ...errorOf(empty)]).toEqual([path, text, ...errorOf(without)])
        count += 1
      }
    }
    expect(count).toBeGreaterThan(20)
  })

  test('that are empty count as an absent parameter, in every query', async () => {
    for (const { method, path, query } of routes.filter((one) => one.method === 'GET')) {
      for (const name of query.filter((one) => one !== 'account_id')) {
        const without = await server.call(method, concrete(path))
        const empty = await server.call(method, `${concrete(path)}?${name}=`)
        expect([path, name, empty.status]).toEqual([path, name, without.status])
      }
    }
  })

  test('in a payment form are refused before anything is charged', async () => {
    const creation = await server.call('POST', '/paymentsessions', BODIES['/paymentsessions'])
    const { access_key: key, payments_session_id: id } = creation.body.payments_session
    const form = {
      method: 'card',
      card_number: '4111111111111111',
      card_expiry: '12/40',
      card_cvv: '123',
      card_name: 'Asha Rao',
      email: 'a@b.co',
      phone: '9000000001',
    }
    for (const name of ['card_name', 'email', 'phone'] as const) {
      for (const odd of ['\u0000', '\u001b[31m', '\r\n']) {
        const body = new URLSearchParams({
          ...form,
          [name]: form[name].replace('a', `a${odd}`).replace('9', `9${odd}`),
        })
        const address = `${server.baseUrl}/hostedcheckout/${key}/pay`
        const page = await fetch(address, { method: 'POST', body, redirect: 'manual' })
        expect([name, odd, page.status]).toEqual([name, odd, 422])
        expect(await page.text()).not.toContain(odd)
        const headers = { accept: 'application/json' }
        const data = await fetch(address, { method: 'POST', body, headers })
        expect((await data.json()).problems).toEqual({ [name]: { key: 'errorCharacters' } })
      }
    }
    const { body } = await server.call('GET', `/paymentsessions/${id}`)
    expect(body.payments_session).toMatchObject({ status: 'created', payments: [] })
  })

  test('in the form of the widget do not open a session', async () => {
    const { body } = await server.call('POST', '/paymentsessions', {
      amount: 1,
      currency: 'INR',
    })
    const fields: Readonly<Record<string, string>> = {
      payments_session_id: body.payments_session.payments_session_id,
      api_key: SANDBOX_VALUES.apiKey,
      origin: 'https://shop.example',
    }
    const open = async (form: Record<string, string>) => {
      const answer = await fetch(`${server.baseUrl}/charge/${ACCOUNT_ID}/open`, {
        method: 'POST',
        body: new URLSearchParams(form),
      })
      return answer.status
    }
    expect(await open(fields)).toBe(200)
    for (const [name, status] of Object.entries({
      payments_session_id: 404,
      api_key: 403,
      origin: 404,
    })) {
      for (const odd of [NUL, '\u001b[31m', '\r\n', 'a\u0085b']) {
        expect([
          name,
          odd,
          await open({
            ...fields,
            [name]: `${fields[name]?.slice(0, 5)}${odd}${fields[name]?.slice(5)}`,
          }),
        ]).toEqual([name, odd, status])
      }
    }
  })

  test('in a request of the control API are refused, in each field', async () => {
    const bodies = {
      '/sessions': { session: { amount: '1', description: 'Order' }, account_id: ACCOUNT_ID },
      '/events': { event_type: 'payment.succeeded', account_id: ACCOUNT_ID },
      '/faults': {
        target: 'route',
        match: { route: 'POST /paymentsessions' },
        effect: { lost_answer: true },
      },
      '/clock/set': { time: '2026-11-22T09:30:00Z' },
      '/clock/advance': { by: '1s' },
      '/tenants': { name: 'shop', seed: 'one' },
      '/snapshots': { name: 'shop' },
    }
    const answers: unknown[] = []
    for (const [path, right] of Object.entries(bodies)) {
      for (const body of withOdd(right, NUL)) {
        const { status } = await fetch(`${server.baseUrl}/_sandbox${path}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        })
        if (![400, 404].includes(status)) answers.push([path, body, status])
      }
    }
    expect(answers).toEqual([])
  })

  test('as names of unknown fields change nothing', async () => {
    const { status } = await server.call('POST', '/paymentsessions', {
      amount: 1,
      currency: 'INR',
      [NUL]: NUL,
      '\ud800': '\ud800',
    })
    expect(status).toBe(201)
  })

  test('in an OAuth parameter match no client, code or token', async () => {
    const NAMES = [
      'client_id',
      'client_secret',
      'code',
      'refresh_token',
      'redirect_uri',
      'scope',
      'soid',
      'code_verifier',
      'grant_type',
      'token',
      'state',
    ]
    for (const odd of IN_ADDRESSES) {
      const odds = NAMES.map((name) => `${name}=${odd}`).join('&')
      for (const path of ['/oauth/v2/token', '/oauth/v2/token/revoke']) {
        const body = new URLSearchParams(odds)
        const answer = await fetch(`${server.baseUrl}${path}`, { method: 'POST', body })
        expect([path, odd, answer.status]).toEqual([path, odd, 200])
        if (path.endsWith('/token')) expect(await answer.json()).toHaveProperty('error')
      }
      const { status } = await fetch(`${server.baseUrl}/oauth/v2/auth?response_type=code&${odds}`)
      expect([odd, status]).toEqual([odd, 400])
    }
  })
})
