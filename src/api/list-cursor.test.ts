import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type CheckoutServer, startCheckoutServer } from '../../test/support/checkout.ts'
import { ENGINES } from '../../test/support/engines.ts'
import { makePayment } from '../../test/support/taken-payments.ts'
import { deriveKeys } from '../domain/secret.ts'
import { createRandom } from '../server/random.ts'
import { openPage } from './list-cursor.ts'
import { API_ROUTES } from './routes.ts'

describe.each(ENGINES)('on %s', (engine) => {
  let server: CheckoutServer
  beforeAll(async () => {
    server = await startCheckoutServer(engine)
    for (let amount = 1; amount <= 5; amount += 1) await makePayment(server, amount)
  })
  afterAll(() => server.close())

  const get = async (path: string) => (await server.call('GET', path)).body

  test('a list is read by cursors to its end, each row once, in spite of new rows', async () => {
    const all = (await get('/payments?per_page=200')).payments
    const first = await get('/payments?per_page=2&cursor=start')
    expect(first.page_context).toEqual({
      page: 1,
      per_page: 2,
      total: 5,
      total_pages: 3,
      has_more_page: true,
      next_cursor: expect.stringMatching(/^[A-Za-z0-9._-]{1,500}$/),
    })
    await makePayment(server, 6)
    const second = await get(`/payments?per_page=1&cursor=${first.page_context.next_cursor}`)
    expect(second.page_context).toMatchObject({ page: 2, total: 5, has_more_page: true })
    const third = await get(`/payments?per_page=2&cursor=${second.page_context.next_cursor}`)
    expect(third.page_context).toEqual({
      page: 3,
      per_page: 2,
      total: 5,
      total_pages: 3,
      has_more_page: false,
    })
    expect([first, second, third].flatMap(({ payments }) => payments)).toEqual(all)
  })

  test('a list in ascending order is read by cursors too', async () => {
    const [payment] = (await get('/payments')).payments
    for (const amount of [1, 2, 3]) {
      await server.call('POST', '/transfers', {
        payment_id: payment.payment_id,
        transfer_split: [{ connected_account_id: '23137557', amount }],
      })
    }
    const query = 'sort_column=created_time&sort_order=A&per_page=2'
    const all = (await get(`/transfers?${query.replace('2', '200')}`)).transfers
    const first = await get(`/transfers?${query}&cursor=start`)
    const second = await get(`/transfers?${query}&cursor=${first.page_context.next_cursor}`)
    expect([...first.transfers, ...second.transfers]).toEqual(all)
  })

  test('the answer to a request without a cursor has the shape of the real API', async () => {
    expect(Object.keys((await get('/payments?per_page=2')).page_context)).toEqual([
      'page',
      'per_page',
      'total',
      'total_pages',
      'has_more_page',
    ])
  })

  test.each([
    ['a text that is no cursor', 'cursor=abc'],
    ['a text that begins like a cursor', 'cursor=v1.AAAA'],
    ['a character that no cursor has', 'cursor=%2B'],
    ['a cursor and a page', 'cursor=start&page=1'],
    ['two cursors', 'cursor=start&cursor=start'],
  ])('%s is refused, and the error names the field', async (_, query) => {
    const answer = await server.call('GET', `/payments?${query}`)
    expect([answer.status, answer.body.message]).toEqual([
      400,
      expect.stringMatching(/^cursor (?:must|and)/),
    ])
  })

  test('a cursor is refused for another list or filter', async () => {
    const { page_context: context } = await get('/payments?per_page=2&cursor=start')
    const cursor = `cursor=${context.next_cursor}`
    for (const path of [`/paymentsessions?${cursor}`, `/payments?status=failed&${cursor}`]) {
      const answer = await server.call('GET', path)
      expect([path, answer.status]).toEqual([path, 400])
    }
  })
})

const KEYS = deriveKeys(new Uint8Array(32).fill(1))
const random = createRandom()
const REQUEST = { account: { id: '1' }, url: '/payments', params: {}, query: { status: 'failed' } }
const EXTENT = { hasMore: true, total: 9, isTotalCut: false, lastPosition: [1, 2] }

function secondCursor(keys = KEYS): string {
  const requestedPage = { number: 1, perPage: 2, cursor: 'start' }
  const { cursorAfter } = openPage(requestedPage, REQUEST, { keys, random })
  return cursorAfter?.(EXTENT) ?? ''
}

test('a cursor continues with other sizes of pages, and while the secret key is replaced', () => {
  const newKeys = deriveKeys(new Uint8Array(32).fill(2), new Uint8Array(32).fill(1))
  const query = { per_page: '7', status: 'failed', account_id: '1' }
  const requestedPage = { number: 1, perPage: 7, cursor: secondCursor() }
  const page = openPage(requestedPage, { ...REQUEST, query }, { keys: newKeys, random })
  expect(page).toMatchObject({ page: 2, perPage: 7, start: { after: [1, 2], total: 9 } })
})

test.each([
  ['another account', { account: { id: '2' } }],
  ['another list', { url: '/payouts' }],
  ['another object', { params: { payment_id: '7' } }],
  ['another filter', { query: {} }],
])('a cursor is refused for %s', (_, change) => {
  const requestedPage = { number: 1, perPage: 2, cursor: secondCursor() }
  const open = () => openPage(requestedPage, { ...REQUEST, ...change }, { keys: KEYS, random })
  expect(open).toThrow(/^cursor must be start/)
})

test('a cursor of another secret key is refused', () => {
  const cursor = secondCursor(deriveKeys(new Uint8Array(32).fill(3)))
  const open = () => openPage({ number: 1, perPage: 2, cursor }, REQUEST, { keys: KEYS, random })
  expect(open).toThrow(/^cursor must be start/)
})

test('every list has cursors', () => {
  const lists = API_ROUTES.filter(({ answers }) =>
    Object.values(answers).some((answer) => JSON.stringify(answer).includes('page_context')),
  )
  expect(lists.length).toBeGreaterThan(10)
  for (const { query, url } of lists) {
    expect([url, Object.keys(query?.properties ?? {})]).toEqual([
      url,
      expect.arrayContaining(['page', 'per_page', 'cursor']),
    ])
  }
})
