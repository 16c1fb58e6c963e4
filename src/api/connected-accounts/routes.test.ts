import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dayInIndia } from '../../../test/support/account-days.ts'
import { type CheckoutServer, startCheckoutServer } from '../../../test/support/checkout.ts'
import { ENGINES } from '../../../test/support/engines.ts'
import { openGolden } from '../../../test/support/golden.ts'
import { ACCOUNT_ID } from '../../../test/support/server.ts'
import {
  AS_ANOTHER,
  atOnce,
  countStatuses,
  descriptions,
  makePayment,
  tokenFor,
} from '../../../test/support/taken-payments.ts'
import type { AccountId } from '../../domain/id.ts'
import { createConnectedAccount } from '../../operations/create-connected-account.ts'

const PAN = 'AAACB1234K'
const ACCOUNT_NUMBER = '123456789012'
const WHOLE = {
  account_name: 'Bhatt Books',
  email_id: 'asha@books.example',
  pan: PAN,
  mcc: '5942',
  business_description: 'Sells books.\nBy post.',
  connected_account_bank_account: {
    routing_number: 'HDFC0000001',
    account_number: ACCOUNT_NUMBER,
  },
}

describe.each(ENGINES)('connected accounts, on %s', (engine) => {
  const golden = openGolden('connected-accounts')
  const lines: string[] = []
  let server: CheckoutServer
  beforeAll(async () => {
    server = await startCheckoutServer(
      engine,
      { logLevel: 'info', accessLog: 'all' },
      { logTo: { write: (line: string) => void lines.push(line) } },
    )
  })
  afterAll(async () => {
    await server.close()
    golden.finish()
  })
  const create = (body: unknown, headers = {}) =>
    server.call('POST', '/connectedaccounts', body, headers)

  test('a new connected account has its event and can receive a transfer immediately', async () => {
    const { exchange } = golden.conversation('connecting an account', server)
    await exchange('the ready ones', 'GET', '/connectedaccounts')
    server.advance(1_000)
    await exchange('the least', 'POST', '/connectedaccounts', { account_name: 'Rao' })
    server.advance(1_000)
    const whole = await exchange('everything', 'POST', '/connectedaccounts', WHOLE)
    const { connected_account_id: id } = whole.body.connected_account
    expect(id).toMatch(/^6\d{10}$/)
    await exchange('retrieve', 'GET', `/connectedaccounts/${id}`)
    await exchange('list', 'GET', '/connectedaccounts?per_page=2')
    const paymentId = await makePayment(server, 100, 'succeeded', {
      transfer_details: [{ connected_account_id: id, amount: 40 }],
    })
    await exchange('a transfer', 'POST', '/transfers', {
      payment_id: paymentId,
      transfer_split: [{ connected_account_id: id, amount: 60 }],
    })
    const { body } = await server.call('GET', `/transfers?connected_account_id=${id}`)
    expect([body.page_context.total, body.transfers[0].connected_account_name]).toEqual([
      2,
      'Bhatt Books',
    ])
  })

  test('each parameter filters the list', async () => {
    const newAccount = (await create({ account_name: 'Listed' })).body.connected_account
    const id = newAccount.connected_account_id as string
    const today = dayInIndia(newAccount.created_time * 1000)
    const idsOf = async (query: string): Promise<string[]> => {
      const { body } = await server.call('GET', `/connectedaccounts?per_page=200&${query}`)
      return body.connected_accounts.map(
        (one: { connected_account_id: string }) => one.connected_account_id,
      )
    }
    expect(await idsOf(`connected_account_id=${id}`)).toEqual([id])
    expect(await idsOf(`connected_account_id=${id}&from_date=${today}&to_date=${today}`)).toEqual([
      id,
    ])
    expect(await idsOf(`connected_account_id=${id}&to_date=2020-01-01`)).toEqual([])
    for (const unknownId of ['1', '9999999999999999']) {
      expect(await idsOf(`connected_account_id=${unknownId}`)).toEqual([])
    }
    expect(await idsOf('filter_by=Date.Today')).toContain(id)
    expect(await idsOf('filter_by=Date.PreviousMonth')).toEqual([])
    expect(await idsOf(`filter_by=Date.CustomDate&from_date=${today}&to_date=${today}`)).toContain(
      id,
    )
    for (const [query, field] of [
      ['connected_account_id=x', 'connected_account_id'],
      ['filter_by=Today', 'filter_by'],
      ['filter_by=Date.CustomDate', 'from_date'],
      ['from_date=soon', 'from_date'],
      ['from_date=2026-02-01&to_date=2026-01-01', 'to_date'],
    ]) {
      const { body, status } = await server.call('GET', `/connectedaccounts?${query}`)
      expect([query, status, body.field]).toEqual([query, 400, field])
    }
  })

  test('an error names the wrong field and repeats no number', async () => {
    const { exchange } = golden.conversation('wrong requests', server)
    const before = (await server.call('GET', '/connectedaccounts')).body.page_context.total
    const bank = (more: object) => ({
      ...WHOLE,
      connected_account_bank_account: { ...WHOLE.connected_account_bank_account, ...more },
    })
    const ROWS: readonly [name: string, body: unknown][] = [
      ['no body', ''],
      ['no object', 'null'],
      ['nothing', {}],
      ['a name that is empty', { account_name: '' }],
      ['a name too long', { account_name: 'x'.repeat(101) }],
      ['a name twice', '{"account_name":"a","account_name":"b"}'],
      ['an invalid e-mail address', { ...WHOLE, email_id: 'asha' }],
      ['a PAN in small letters', { ...WHOLE, pan: PAN.toLowerCase() }],
      ['a PAN of letters', { ...WHOLE, pan: 'ABCDEFGHIJ' }],
      ['a PAN too long', { ...WHOLE, pan: `${PAN}A` }],
      ['a category of three digits', { ...WHOLE, mcc: '594' }],
      ['a category that is a number', { ...WHOLE, mcc: 5942 }],
      ['a description too long', { ...WHOLE, business_description: 'x'.repeat(501) }],
      ['an invalid bank account', { ...WHOLE, connected_account_bank_account: 'x' }],
      ['no IFSC', bank({ routing_number: undefined })],
      ['an invalid IFSC', bank({ routing_number: 'HDFC1000001' })],
      ['no account number', bank({ account_number: undefined })],
      ['an account number as a number', bank({ account_number: 1234567890 })],
      ['an account number too short', bank({ account_number: '12345' })],
      ['an account number too long', bank({ account_number: '1'.repeat(21) })],
    ]
    for (const [name, body] of ROWS) {
      const answer = await exchange(name, 'POST', '/connectedaccounts', body)
      expect([name, answer.status]).toEqual([name, 400])
      expect(answer.text).not.toMatch(/AAACB|ABCDE|123456/i)
    }
    const after = (await server.call('GET', '/connectedaccounts')).body.page_context.total
    expect(after).toBe(before)
  })

  test('no answer, row or log line contains the tax number (PAN) or the bank account’s number', async () => {
    const answer = await create(WHOLE, { 'idempotency-key': 'no secrets' })
    const { connected_account_id: id } = answer.body.connected_account
    const merchantId = ACCOUNT_ID as AccountId
    const storedAccount = await server.tenant.store.connectedAccounts.find(
      merchantId,
      id as AccountId,
    )
    const allText = [answer.text, JSON.stringify(storedAccount), ...lines].join('\n')
    expect(allText).toContain(id)
    expect(allText).not.toContain(PAN)
    expect(allText).not.toContain(ACCOUNT_NUMBER)
    expect(storedAccount?.details.bankAccount?.lastFourDigits).toBe('9012')
  })

  test('another account’s connected account and an unknown one get the same 404', async () => {
    const { exchange } = golden.conversation('missing objects', server)
    await exchange('another’s', 'GET', `/connectedaccounts/23137557?${AS_ANOTHER}`)
    await exchange('an unknown one', 'GET', '/connectedaccounts/60000000000')
    await exchange('no id', 'GET', '/connectedaccounts/abc')
    await exchange('another’s list', 'GET', `/connectedaccounts?${AS_ANOTHER}`)
    await exchange('no page', 'GET', '/connectedaccounts?per_page=201')
  })

  test('each request needs the scope of its resource', async () => {
    const { exchange } = golden.conversation('scopes', server)
    const read = await tokenFor(server, ['transfers.CREATE', 'connectedaccounts.READ'])
    await exchange('CREATE is missing', 'POST', '/connectedaccounts', WHOLE, read)
    const creatorHeader = await tokenFor(server, ['transfers.READ', 'connectedaccounts.CREATE'])
    await exchange('READ is missing', 'GET', '/connectedaccounts', undefined, creatorHeader)
    await exchange(
      'READ is missing for one',
      'GET',
      '/connectedaccounts/1',
      undefined,
      creatorHeader,
    )
  })

  test('a repeated request gets the first answer', async () => {
    const { exchange } = golden.conversation('sent again', server)
    const key = { 'idempotency-key': 'account-1' }
    const body = { account_name: 'Once' }
    await exchange('first', 'POST', '/connectedaccounts', body, key)
    await exchange('again', 'POST', '/connectedaccounts', body, key)
    await exchange('another body', 'POST', '/connectedaccounts', { account_name: 'Twice' }, key)
    // A refused request does not use its key.
    const other = { 'idempotency-key': 'account-2' }
    await exchange('a mistake', 'POST', '/connectedaccounts', { account_name: 7 }, other)
    await exchange('mended', 'POST', '/connectedaccounts', body, other)
  })

  test('equal concurrent requests with one key connect one account', async () => {
    const key = { 'idempotency-key': 'at once' }
    const answers = await atOnce(10, () => create({ account_name: 'At once' }, key))
    expect(countStatuses(answers)).toEqual({ 201: 10 })
    const ids = answers.map(({ body }) => body.connected_account.connected_account_id)
    expect(new Set(ids).size).toBe(1)
  })

  test('different concurrent requests with one key connect one account', async () => {
    const key = { 'idempotency-key': 'for several' }
    const answers = await atOnce(10, (index) => create({ account_name: `No. ${index}` }, key))
    expect(countStatuses(answers)).toEqual({ 201: 1, 409: 9 })
  })

  test('a new account whose id is already used gets another id', async () => {
    let draws = [7, 7, 8]
    const random = {
      ...server.tenant.random,
      below: () => {
        const [next = 9, ...rest] = draws
        draws = rest
        return next
      },
    }
    const make = async () => {
      const deps = { ...server.tenant, random }
      const fields = { name: 'Drawn', details: {} }
      const account = await deps.store.transaction((tx) =>
        createConnectedAccount(tx, deps, ACCOUNT_ID as AccountId, fields),
      )
      return account.id
    }
    expect([await make(), await make()]).toEqual(['60000000007', '60000000008'])
  })

  test('requests and answers match their description', async () => {
    const isDescribed = await descriptions(server)
    const creation = await create(WHOLE)
    const one = `/connectedaccounts/${creation.body.connected_account.connected_account_id}`
    const path = '/connectedaccounts'
    const rows = [
      isDescribed('post', path, creation),
      isDescribed('post', path, await create({})),
      isDescribed('get', `${path}/{connected_account_id}`, await server.call('GET', one)),
      isDescribed('get', path, await server.call('GET', path)),
    ]
    expect(rows).toEqual(rows.map(() => true))
  })
})
