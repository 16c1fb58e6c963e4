import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  ACCOUNT_ID,
  startTestServer,
  type TestServer,
  US_ACCOUNT_ID,
} from '../../../test/support/server.ts'
import { RETURN_PARAMETERS } from '../../domain/return-parameters.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer('memory')
})
afterAll(() => server.close())

const create = (body: unknown, account = ACCOUNT_ID) =>
  server.call('POST', `/paymentsessions?account_id=${account}`, body)

const VALID = { amount: 100.5, currency: 'INR' }
const HOSTED = { success_url: 'https://example.com/s', failure_url: 'https://example.com/f' }
const withParameters = (more: object) => ({
  ...VALID,
  configurations: { hosted_page_parameters: { ...HOSTED, ...more } },
})
const methods = (allowedMethods: unknown) => ({
  ...VALID,
  configurations: { allowed_payment_methods: allowedMethods },
})
const entries = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ key: `k${index}`, value: 'v' }))
const transfer = (amount: unknown, id: unknown = 23137557) => ({ connected_account_id: id, amount })
const transfers = (...list: unknown[]) => ({ ...VALID, transfer_details: list })
const url = (length: number) => `https://example.com/${'a'.repeat(length - 20)}`
const text = (length: number) => 'x'.repeat(length)

/** A row of the table. `expected`: `ok`, or the status, the code and the field of the refusal. */
type Row = readonly [name: string, body: unknown, expected: string]

const invalid = (field: string) => `400 invalid_parameter ${field}`
const P = 'configurations.hosted_page_parameters'

// In the order of the rules. Each rule has a value just inside, one just outside, and one of the wrong type.
const ROWS: readonly Row[] = [
  ['amount: the smallest', { ...VALID, amount: 0.01 }, 'ok'],
  ['amount: missing', { currency: 'INR' }, '400 missing_parameter amount'],
  ['amount: null', { ...VALID, amount: null }, invalid('amount')],
  ['amount: zero', { ...VALID, amount: 0 }, invalid('amount')],
  ['amount: negative', { ...VALID, amount: -1 }, invalid('amount')],
  ['amount: the largest', { ...VALID, amount: 10_000_000_000 }, 'ok'],
  ['amount: a paisa above the largest', { ...VALID, amount: '10000000000.01' }, invalid('amount')],
  ['amount: a boolean', { ...VALID, amount: true }, invalid('amount')],
  ['amount: an object', { ...VALID, amount: {} }, invalid('amount')],
  ['amount: a list', { ...VALID, amount: [100] }, invalid('amount')],
  ['amount: an empty text', { ...VALID, amount: '' }, invalid('amount')],

  ['type: null', { ...VALID, type: null }, 'ok'],
  ['type: empty', { ...VALID, type: '' }, 'ok'],
  [
    'type: a mandate',
    { ...VALID, type: 'mandate_enrollment' },
    '400 missing_parameter customer_id',
  ],
  ['type: a terminal', { ...VALID, type: 'pos_payment' }, '400 missing_parameter terminal_id'],
  ['type: a wrong type comes before a missing amount', { type: 'subscription' }, invalid('type')],
  ['type: a number', { ...VALID, type: 1 }, invalid('type')],

  ['currency: missing', { amount: 1 }, '400 missing_parameter currency'],
  ['currency: null', { amount: 1, currency: null }, invalid('currency')],
  ['currency: a number', { amount: 1, currency: 356 }, invalid('currency')],
  ['currency: small letters', { amount: 1, currency: 'inr' }, '400 invalid_currency currency'],
  ['currency: an unknown code', { amount: 1, currency: 'ZZZ' }, '400 invalid_currency currency'],
  ['currency: a metal', { amount: 1, currency: 'XAU' }, '400 invalid_currency currency'],
  [
    'currency: a property name of every JavaScript object',
    { amount: 1, currency: 'constructor' },
    '400 invalid_currency currency',
  ],
  [
    'currency: a currency of another edition',
    { amount: 1, currency: 'USD' },
    '400 currency_not_supported_for_payment currency',
  ],

  ['description: 500 characters', { ...VALID, description: text(500) }, 'ok'],
  ['description: 501 characters', { ...VALID, description: text(501) }, invalid('description')],
  [
    'description: 500 characters outside the basic plane',
    { ...VALID, description: '😀'.repeat(500) },
    'ok',
  ],
  [
    'description: 501 characters outside the basic plane',
    { ...VALID, description: '😀'.repeat(501) },
    invalid('description'),
  ],
  ['description: two lines', { ...VALID, description: 'a\nb' }, 'ok'],
  ['description: a NUL', { ...VALID, description: 'a\u0000' }, invalid('description')],
  [
    'description: half of a surrogate pair',
    '{"amount":1,"currency":"INR","description":"\\ud800"}',
    invalid('description'),
  ],
  ['description: a number', { ...VALID, description: 5 }, invalid('description')],
  ['description: null means absent', { ...VALID, description: null }, 'ok'],

  ['expires_in: 300', { ...VALID, expires_in: 300 }, 'ok'],
  ['expires_in: 299', { ...VALID, expires_in: 299 }, invalid('expires_in')],
  ['expires_in: 900', { ...VALID, expires_in: 900 }, 'ok'],
  ['expires_in: 901', { ...VALID, expires_in: 901 }, invalid('expires_in')],
  ['expires_in: a fraction', { ...VALID, expires_in: 300.5 }, invalid('expires_in')],
  ['expires_in: a text', { ...VALID, expires_in: '600' }, invalid('expires_in')],

  ['max_retry_count: 1', { ...VALID, max_retry_count: 1 }, 'ok'],
  ['max_retry_count: 0', { ...VALID, max_retry_count: 0 }, invalid('max_retry_count')],
  ['max_retry_count: 5', { ...VALID, max_retry_count: 5 }, 'ok'],
  ['max_retry_count: 6', { ...VALID, max_retry_count: 6 }, invalid('max_retry_count')],
  ['max_retry_count: a text', { ...VALID, max_retry_count: '3' }, invalid('max_retry_count')],

  ['meta_data: 5 entries', { ...VALID, meta_data: entries(5) }, 'ok'],
  ['meta_data: 6 entries', { ...VALID, meta_data: entries(6) }, invalid('meta_data')],
  ['meta_data: an object', { ...VALID, meta_data: { a: 'b' } }, invalid('meta_data')],
  ['meta_data: an entry that is a text', { ...VALID, meta_data: ['a'] }, invalid('meta_data[0]')],
  [
    'meta_data: a key of 20 characters',
    { ...VALID, meta_data: [{ key: text(20), value: 'v' }] },
    'ok',
  ],
  [
    'meta_data: a key of 21 characters',
    { ...VALID, meta_data: [{ key: text(21), value: 'v' }] },
    invalid('meta_data[0].key'),
  ],
  [
    'meta_data: an empty key',
    { ...VALID, meta_data: [{ key: '', value: 'v' }] },
    invalid('meta_data[0].key'),
  ],
  [
    'meta_data: no key',
    { ...VALID, meta_data: [{ value: 'v' }] },
    '400 missing_parameter meta_data[0].key',
  ],
  [
    'meta_data: a value of 500 characters',
    { ...VALID, meta_data: [{ key: 'k', value: text(500) }] },
    'ok',
  ],
  [
    'meta_data: a value of 501 characters',
    { ...VALID, meta_data: [{ key: 'k', value: text(501) }] },
    invalid('meta_data[0].value'),
  ],
  ['meta_data: the value null', { ...VALID, meta_data: [{ key: 'k', value: null }] }, 'ok'],
  ['meta_data: a boolean value', { ...VALID, meta_data: [{ key: 'k', value: true }] }, 'ok'],
  ['meta_data: no value', { ...VALID, meta_data: [{ key: 'k' }] }, 'ok'],
  [
    'meta_data: a list as value',
    { ...VALID, meta_data: [{ key: 'k', value: [] }] },
    invalid('meta_data[0].value'),
  ],
  [
    'meta_data: a card number',
    { ...VALID, meta_data: [{ key: 'k', value: '4111111111111111' }] },
    invalid('meta_data[0].value'),
  ],
  [
    'meta_data: a card number in groups',
    { ...VALID, meta_data: [{ key: 'k', value: '4111 1111-1111 1111' }] },
    invalid('meta_data[0].value'),
  ],
  [
    'meta_data: a card number in digits of another script',
    { ...VALID, meta_data: [{ key: 'k', value: '४१११ १११１ １１１１ １１１１' }] },
    invalid('meta_data[0].value'),
  ],
  [
    'meta_data: a card number as a number',
    { ...VALID, meta_data: [{ key: 'k', value: 4111111111111111 }] },
    invalid('meta_data[0].value'),
  ],
  [
    'meta_data: a card number with a point',
    { ...VALID, meta_data: [{ key: 'k', value: '4111111111111111.0' }] },
    invalid('meta_data[0].value'),
  ],
  [
    'meta_data: a card number as the key',
    { ...VALID, meta_data: [{ key: '4111111111111111', value: 'v' }] },
    invalid('meta_data[0].key'),
  ],
  [
    'meta_data: 16 digits that are not a card number',
    { ...VALID, meta_data: [{ key: 'k', value: '4111111111111112' }] },
    'ok',
  ],

  ['invoice_number: 50 characters', { ...VALID, invoice_number: text(50) }, 'ok'],
  [
    'invoice_number: 51 characters',
    { ...VALID, invoice_number: text(51) },
    invalid('invoice_number'),
  ],
  ['invoice_number: a number', { ...VALID, invoice_number: 5 }, invalid('invoice_number')],
  ['reference_number: 50 characters', { ...VALID, reference_number: text(50) }, 'ok'],
  [
    'reference_number: 51 characters',
    { ...VALID, reference_number: text(51) },
    invalid('reference_number'),
  ],
  [
    'reference_number: two lines',
    { ...VALID, reference_number: 'a\nb' },
    invalid('reference_number'),
  ],

  [
    'transfer_details: 20 transfers',
    transfers(...Array.from({ length: 20 }, () => transfer(1))),
    'ok',
  ],
  [
    'transfer_details: 21 transfers',
    transfers(...Array.from({ length: 21 }, () => transfer(1))),
    invalid('transfer_details'),
  ],
  ['transfer_details: an empty list', transfers(), invalid('transfer_details')],
  ['transfer_details: an object', { ...VALID, transfer_details: {} }, invalid('transfer_details')],
  ['transfer_details: an id as a text', transfers(transfer(1, '23137557')), 'ok'],
  [
    'transfer_details: an id that is not a number',
    transfers(transfer(1, 'abc')),
    invalid('transfer_details[0].connected_account_id'),
  ],
  [
    'transfer_details: an unknown id',
    transfers(transfer(1), transfer(1, 99)),
    '404 resource_does_not_exist transfer_details[1].connected_account_id',
  ],
  [
    'transfer_details: an object with a method name as id',
    transfers(transfer(1, { toString: 1 })),
    invalid('transfer_details[0].connected_account_id'),
  ],
  [
    'transfer_details: an object as id, beside a number with trailing zeros',
    '{"amount":1.0,"currency":"INR","transfer_details":[{"connected_account_id":{},"amount":1}]}',
    invalid('transfer_details[0].connected_account_id'),
  ],
  [
    'transfer_details: entries of every kind',
    transfers(null, 1, 'x', []),
    invalid('transfer_details[0]'),
  ],
  [
    'transfer_details: no id',
    transfers({ amount: 1 }),
    '400 missing_parameter transfer_details[0].connected_account_id',
  ],
  [
    'transfer_details: amount missing',
    transfers({ connected_account_id: 23137557 }),
    '400 missing_parameter transfer_details[0].amount',
  ],
  ['transfer_details: amount zero', transfers(transfer(0)), invalid('transfer_details[0].amount')],
  [
    'transfer_details: an amount with too many digits',
    transfers(transfer(1.005)),
    invalid('transfer_details[0].amount'),
  ],
  ['transfer_details: a sum equal to the amount', transfers(transfer(100), transfer('0.50')), 'ok'],
  [
    'transfer_details: a sum one paisa above the amount',
    transfers(transfer(100), transfer(0.51)),
    invalid('transfer_details'),
  ],

  ['configurations: a list', { ...VALID, configurations: [] }, invalid('configurations')],
  ['configurations: empty', { ...VALID, configurations: {} }, 'ok'],
  [
    'allowed_payment_methods: all methods',
    methods(['card', 'upi', 'netbanking', 'wallet', 'bank_transfer']),
    'ok',
  ],
  [
    'allowed_payment_methods: an empty list',
    methods([]),
    invalid('configurations.allowed_payment_methods'),
  ],
  [
    'allowed_payment_methods: a text',
    methods('card'),
    invalid('configurations.allowed_payment_methods'),
  ],
  [
    'allowed_payment_methods: a number',
    methods([1]),
    invalid('configurations.allowed_payment_methods[0]'),
  ],
  [
    'allowed_payment_methods: a duplicate method',
    methods(['card', 'card']),
    invalid('configurations.allowed_payment_methods[1]'),
  ],
  [
    'allowed_payment_methods: an unknown method',
    methods(['card', 'cash']),
    '400 payment_method_type_not_supported configurations.allowed_payment_methods[1]',
  ],
  [
    'allowed_payment_methods: a method of another edition',
    methods(['ach_debit']),
    '400 payment_method_type_not_supported configurations.allowed_payment_methods[0]',
  ],

  [
    'hosted_page_parameters: a text',
    { ...VALID, configurations: { hosted_page_parameters: 'x' } },
    invalid(P),
  ],
  [
    'hosted_page_parameters: no success_url',
    { ...VALID, configurations: { hosted_page_parameters: { failure_url: 'https://a.example' } } },
    `400 missing_parameter ${P}.success_url`,
  ],
  [
    'hosted_page_parameters: no failure_url',
    { ...VALID, configurations: { hosted_page_parameters: { success_url: 'https://a.example' } } },
    `400 missing_parameter ${P}.failure_url`,
  ],
  [
    'hosted_page_parameters together with hosted_checkout_parameters',
    {
      ...VALID,
      configurations: { hosted_page_parameters: HOSTED, hosted_checkout_parameters: HOSTED },
    },
    invalid('configurations.hosted_checkout_parameters'),
  ],
  [
    'hosted_checkout_parameters alone',
    { ...VALID, configurations: { hosted_checkout_parameters: HOSTED } },
    'ok',
  ],
  ['success_url: 2048 characters', withParameters({ success_url: url(2048) }), 'ok'],
  [
    'success_url: 2049 characters',
    withParameters({ success_url: url(2049) }),
    invalid(`${P}.success_url`),
  ],
  [
    'success_url: http',
    withParameters({ success_url: 'http://example.com/' }),
    invalid(`${P}.success_url`),
  ],
  [
    'success_url: http on localhost, in a sandbox',
    withParameters({ success_url: 'http://localhost:3000/s' }),
    'ok',
  ],
  [
    'success_url: http on 127.0.0.1, in a sandbox',
    withParameters({ success_url: 'http://127.0.0.1/s' }),
    'ok',
  ],
  [
    'success_url: http on [::1], in a sandbox',
    withParameters({ success_url: 'http://[::1]:80/s' }),
    'ok',
  ],
  [
    'success_url: a host that begins like loopback',
    withParameters({ success_url: 'http://127.0.0.1.example.com/' }),
    invalid(`${P}.success_url`),
  ],
  [
    'success_url: a script URL',
    withParameters({ success_url: 'javascript:alert(1)' }),
    invalid(`${P}.success_url`),
  ],
  [
    'success_url: credentials',
    withParameters({ success_url: 'https://a:b@example.com/' }),
    invalid(`${P}.success_url`),
  ],
  [
    'success_url: a query of the merchant',
    withParameters({ success_url: 'https://a.example/?o=1&b[]=2' }),
    'ok',
  ],
  [
    'success_url: a fragment',
    withParameters({ success_url: 'https://a.example/#/amount?o=1' }),
    'ok',
  ],
  // A redirect to these URLs could not be verified, because the shop may read the merchant's own parameter.
  ...[
    ...RETURN_PARAMETERS.map((name) => `?o=1&${name}=5`),
    '?amount',
    '?o=1;amount=5',
    '?amount[]=5',
    '?amount%5B0%5D=5',
    '?Amount=5',
    '?am%6Funt=5',
    '?payment.id=1',
    '?payment+id=1',
    '?payment[id=1',
    '#/done?amount=5',
    '#udf1=x',
  ].flatMap((end): Row[] => [
    [
      `success_url: ${end}`,
      withParameters({ success_url: `https://a.example/s${end}` }),
      invalid(`${P}.success_url`),
    ],
    [
      `failure_url: ${end}`,
      withParameters({ failure_url: `https://a.example/f${end}` }),
      invalid(`${P}.failure_url`),
    ],
  ]),
  ['success_url: no host', withParameters({ success_url: '/return' }), invalid(`${P}.success_url`)],
  [
    'success_url: a space',
    withParameters({ success_url: ' https://example.com/' }),
    invalid(`${P}.success_url`),
  ],
  ['success_url: a number', withParameters({ success_url: 1 }), invalid(`${P}.success_url`)],
  [
    'failure_url: http',
    withParameters({ failure_url: 'http://example.com/' }),
    invalid(`${P}.failure_url`),
  ],
  ['hosted description: 500 characters', withParameters({ description: text(500) }), 'ok'],
  [
    'hosted description: 501 characters',
    withParameters({ description: text(501) }),
    invalid(`${P}.description`),
  ],
  ['name: 100 characters', withParameters({ name: text(100) }), 'ok'],
  ['name: 101 characters', withParameters({ name: text(101) }), invalid(`${P}.name`)],
  ['email: an address', withParameters({ email: 'xxx@abc.com' }), 'ok'],
  ['email: an invalid address', withParameters({ email: 'xxx' }), invalid(`${P}.email`)],
  ['email: two lines', withParameters({ email: 'a@b.com\nc@d.com' }), invalid(`${P}.email`)],
  ['phone: 15 digits', withParameters({ phone: '1'.repeat(15) }), 'ok'],
  ['phone: 16 digits', withParameters({ phone: '1'.repeat(16) }), invalid(`${P}.phone`)],
  ['phone: a dialing code', withParameters({ phone: '+919876543210' }), 'ok'],
  [
    'phone: with parentheses, spaces, hyphens and points',
    withParameters({ phone: '(+91) 98765-432.10' }),
    'ok',
  ],
  ['phone: an unknown dialing code', withParameters({ phone: '+999 1234' }), invalid(`${P}.phone`)],
  ['phone: a word', withParameters({ phone: '98765 ext 1' }), invalid(`${P}.phone`)],
  ['phone: 25 characters', withParameters({ phone: `+91 98765 43210${' '.repeat(10)}` }), 'ok'],
  [
    'phone: 26 characters',
    withParameters({ phone: `+91 98765 43210${' '.repeat(11)}` }),
    invalid(`${P}.phone`),
  ],
  [
    'phone: a dialing code of its country',
    withParameters({ phone: '+91 98765', phone_country_code: 'IN' }),
    'ok',
  ],
  [
    'phone: a country without a dialing code',
    withParameters({ phone: '+672 1', phone_country_code: 'AQ' }),
    'ok',
  ],
  [
    'phone: a dialing code of another country',
    withParameters({ phone: '+1 98765', phone_country_code: 'IN' }),
    invalid(`${P}.phone_country_code`),
  ],
  ['phone: a number', withParameters({ phone: 9876543210 }), invalid(`${P}.phone`)],
  ['phone_country_code: IN', withParameters({ phone_country_code: 'IN' }), 'ok'],
  [
    'phone_country_code: an unknown country',
    withParameters({ phone_country_code: 'XX' }),
    invalid(`${P}.phone_country_code`),
  ],
  [
    'phone_country_code: +91',
    withParameters({ phone_country_code: '+91' }),
    invalid(`${P}.phone_country_code`),
  ],
  ['udf1: 255 characters', withParameters({ udf1: text(255) }), 'ok'],
  ['udf1: 256 characters', withParameters({ udf1: text(256) }), invalid(`${P}.udf1`)],
  ['udf5: 256 characters', withParameters({ udf5: text(256) }), invalid(`${P}.udf5`)],

  ['an unknown field is ignored', { ...VALID, foo: { bar: [1] } }, 'ok'],
  [
    'the body of the reference’s code snippets',
    { field1: 'value1', field2: 'value2' },
    '400 missing_parameter amount',
  ],
  ['a duplicate key', '{"amount":1,"currency":"INR","currency":"INR"}', invalid('currency')],
  [
    'a duplicate key inside a list',
    '{"amount":1,"currency":"INR","meta_data":[{"key":"a","key":"a","value":"b"}]}',
    invalid('meta_data[0].key'),
  ],
  ['a duplicate unknown key is ignored', '{"amount":1,"currency":"INR","x":1,"x":2}', 'ok'],
  [
    'a duplicate key with an object as value',
    '{"amount":1,"currency":"INR","configurations":{},"configurations":{}}',
    invalid('configurations'),
  ],
  ['not JSON', '{"amount":1', invalid('body')],
  ['an empty body', '', invalid('body')],
  ['a list', '[]', invalid('body')],
  ['a text', '"x"', invalid('body')],
  ['null', 'null', invalid('body')],
  ['nested too deep', `{"a":${'['.repeat(40)}${']'.repeat(40)}}`, invalid('body')],
  ['bytes that are not UTF-8', Uint8Array.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), invalid('body')],
  ['a body of 64 KiB', `{"amount":1,"currency":"INR","x":"${text(64 * 1024 - 36)}"}`, 'ok'],
  [
    'a body one byte above 64 KiB',
    `{"amount":1,"currency":"INR","x":"${text(64 * 1024 - 35)}"}`,
    '413 invalid_parameter undefined',
  ],
  [
    'several wrong fields: the error names the first field of the table',
    { amount: 0, currency: 'ZZZ', description: 5, expires_in: 1 },
    invalid('amount'),
  ],
  [
    'several wrong fields: a broken rule comes before a malformed later field',
    { amount: 1, currency: 'USD', description: 5 },
    '400 currency_not_supported_for_payment currency',
  ],
  [
    'several wrong fields: their order in the body does not matter',
    '{"expires_in":1,"description":5,"currency":"INR","amount":1}',
    invalid('description'),
  ],
]

describe('each rule for a create request', () => {
  test.each(ROWS)('%s', async (_name, body, expected) => {
    const answer = await create(body)
    if (expected === 'ok') {
      expect(answer.text).toMatch(/^\{"code":0,"message":"success"/)
      expect(answer.status).toBe(201)
      return
    }
    const { code, message, field } = answer.body
    expect(`${answer.status} ${code} ${field}`).toBe(expected)
    // Every refusal of a field also names the field in its sentence.
    if (field !== undefined && field !== 'body') expect(message).toContain(field)
    expect(message).not.toMatch(/\d{13,}/)
  })
})

test('an empty field is not returned, and each meta_data value is returned as a text', async () => {
  const answer = await create({
    ...withParameters({
      name: '',
      email: '',
      phone: '',
      phone_country_code: '',
      description: '',
      udf1: '',
    }),
    description: '',
    invoice_number: '',
    reference_number: '',
    meta_data: [
      { key: 'a' },
      { key: 'b', value: null },
      { key: 'c', value: true },
      { key: 'd', value: 7 },
    ],
  })
  expect(answer.status).toBe(201)
  const { payments_session: session } = answer.body
  expect(session.configurations).toEqual({ hosted_page_parameters: HOSTED })
  expect(Object.keys(session)).not.toContain('description')
  expect(session.meta_data).toEqual([
    { key: 'a', value: '' },
    { key: 'b', value: '' },
    { key: 'c', value: 'true' },
    { key: 'd', value: '7' },
  ])
})

test('a phone number is returned unchanged', async () => {
  const phone = '(+91) 98765-432.10'
  const { body } = await create(withParameters({ phone, phone_country_code: 'IN' }))
  expect(body.payments_session.configurations.hosted_page_parameters).toMatchObject({ phone })
})

test('the error for an amount with too many digits names the rounded amount', async () => {
  const answer = await create({ ...VALID, amount: '100.005' })
  expect([answer.status, answer.body.field]).toEqual([400, 'amount'])
  expect(answer.body.message).toMatch(/: send 100\.01\.$/)
})

describe('amounts, on the raw JSON', () => {
  const ACCEPTED: readonly [raw: string, currency: string, out: string][] = [
    ['100.5', 'INR', '100.50'],
    ['100.50', 'INR', '100.50'],
    ['"100.50"', 'INR', '100.50'],
    ['100', 'INR', '100.00'],
    ['1e3', 'INR', '1000.00'],
    ['1005e-1', 'INR', '100.50'],
    ['100.500', 'INR', '100.50'],
    ['0.1', 'INR', '0.10'],
    ['0.30', 'INR', '0.30'],
    ['9999999999.99', 'INR', '9999999999.99'],
    ['1.10', 'USD', '1.10'],
    ['100', 'JPY', '100'],
    ['100.0', 'JPY', '100'],
    ['"7"', 'KWD', '7.000'],
    ['7.125', 'KWD', '7.125'],
    ['1000000000000', 'JPY', '1000000000000'],
  ]
  test.each(ACCEPTED)('%s %s is accepted as %s', async (raw, currency, out) => {
    const account = currency === 'INR' ? ACCOUNT_ID : US_ACCOUNT_ID
    const answer = await create(`{"amount":${raw},"currency":"${currency}"}`, account)
    expect(answer.status).toBe(201)
    expect(answer.body.payments_session.amount).toBe(out)
    const again = await server.call(
      'GET',
      `/paymentsessions/${answer.body.payments_session.payments_session_id}?account_id=${account}`,
    )
    expect(again.body.payments_session.amount).toBe(out)
  })

  const REFUSED: readonly [raw: string, currency: string][] = [
    ['0.30000000000000004', 'INR'],
    ['100.005', 'INR'],
    ['100.50000000000000001', 'INR'],
    ['1e21', 'INR'],
    ['1e400', 'INR'],
    ['1e-400', 'INR'],
    ['-0', 'INR'],
    ['0', 'INR'],
    ['0.00', 'INR'],
    ['-100', 'INR'],
    ['"１００"', 'INR'],
    ['"1e3"', 'INR'],
    ['"1,000"', 'INR'],
    ['" 100"', 'INR'],
    ['"+100"', 'INR'],
    ['"-100"', 'INR'],
    ['"100."', 'INR'],
    ['".5"', 'INR'],
    ['"0x10"', 'INR'],
    ['"Infinity"', 'INR'],
    ['""', 'INR'],
    [`"${'9'.repeat(5000)}"`, 'INR'],
    ['[100]', 'INR'],
    ['{"value":100}', 'INR'],
    ['true', 'INR'],
    ['null', 'INR'],
    ['100.5', 'JPY'],
    ['7.1255', 'KWD'],
    ['1000000000001', 'JPY'],
  ]
  test.each(REFUSED)('%s %s is refused, never rounded', async (raw, currency) => {
    const answer = await create(
      `{"amount":${raw},"currency":"${currency}"}`,
      currency === 'INR' ? ACCOUNT_ID : US_ACCOUNT_ID,
    )
    expect([answer.status, answer.body.code, answer.body.field]).toEqual([
      400,
      'invalid_parameter',
      'amount',
    ])
    expect(answer.body.message).toContain('amount')
  })
})

describe('fields of a request in its answer', () => {
  test('a number in meta_data becomes a text with the same digits', async () => {
    const answer = await create(
      '{"amount":1,"currency":"INR","meta_data":[{"key":"a","value":123},{"key":"b","value":1.50}]}',
    )
    expect(answer.body.payments_session.meta_data).toEqual([
      { key: 'a', value: '123' },
      { key: 'b', value: '1.50' },
    ])
  })

  test('the hosted parameters keep the field name of the request', async () => {
    const answer = await create({
      ...VALID,
      configurations: { hosted_checkout_parameters: { ...HOSTED, udf1: 'u' } },
    })
    expect(answer.body.payments_session.configurations).toEqual({
      hosted_checkout_parameters: { ...HOSTED, udf1: 'u' },
    })
  })

  test('any text is returned unchanged', async () => {
    const description = '"quotes" \\ </script> ₹ 😀 \u2028 line\nline'
    const answer = await create({ ...VALID, description })
    expect(answer.body.payments_session.description).toBe(description)
    const { payments_session_id: id } = answer.body.payments_session
    expect(
      (await server.call('GET', `/paymentsessions/${id}`)).body.payments_session.description,
    ).toBe(description)
  })

  test('expires_in sets the expiry time to the second', async () => {
    const { payments_session: session } = (await create({ ...VALID, expires_in: 301 })).body
    expect(session.expiry_time - session.created_time).toBe(301)
  })

  test('a US account gets back the method ach unchanged', async () => {
    const answer = await create(
      {
        amount: '5',
        currency: 'USD',
        configurations: { allowed_payment_methods: ['card', 'ach'] },
      },
      US_ACCOUNT_ID,
    )
    expect(answer.body.payments_session.configurations.allowed_payment_methods).toEqual([
      'card',
      'ach',
    ])
    const both = await create(
      {
        amount: '5',
        currency: 'USD',
        configurations: { allowed_payment_methods: ['ach', 'ach_debit'] },
      },
      US_ACCOUNT_ID,
    )
    expect(both.body.field).toBe('configurations.allowed_payment_methods')
  })
})

test('each of 10,000 random bodies gets a session or a refusal in the envelope', async () => {
  const key = fc.constantFrom(
    'amount',
    'currency',
    'description',
    'expires_in',
    'max_retry_count',
    'meta_data',
    'invoice_number',
    'reference_number',
    'transfer_details',
    'configurations',
    '__proto__',
    'constructor',
    'toString',
  )
  const anything = fc.anything({ maxDepth: 3, withNullPrototype: false })
  const mostly = <Value>(good: fc.Arbitrary<Value>, ...bad: fc.Arbitrary<unknown>[]) =>
    fc.oneof({ weight: 24, arbitrary: good as fc.Arbitrary<unknown> }, ...bad)
  const paise = fc.integer({ min: 1, max: 10 ** 9 }).map((minor) => minor / 100)
  const words = (length: number) => fc.string({ unit: 'grapheme-composite', maxLength: length })
  const bytes = fc.string({ unit: 'binary', maxLength: 600 })
  const httpsUrl = fc.webUrl({ validSchemes: ['https'] })
  const optional = { requiredKeys: [] as [] }
  const sample = fc.record(
    {
      amount: mostly(paise, fc.double(), fc.string(), fc.integer()),
      currency: mostly(fc.constant('INR'), fc.constantFrom('USD', 'inr')),
      description: mostly(words(60), bytes),
      expires_in: mostly(fc.integer({ min: 300, max: 900 }), fc.integer()),
      max_retry_count: mostly(fc.integer({ min: 1, max: 5 }), fc.integer()),
      meta_data: mostly(
        fc.array(
          fc.record({
            key: fc.string({ unit: fc.constantFrom(...'abcdef'), minLength: 1, maxLength: 20 }),
            value: fc.oneof(words(50), fc.double()),
          }),
          { maxLength: 5 },
        ),
        fc.array(fc.record({ key: bytes, value: bytes })),
      ),
      invoice_number: mostly(words(12), bytes),
      reference_number: mostly(words(12), bytes),
      transfer_details: mostly(
        fc.constant([{ connected_account_id: 23137556, amount: '0.01' }]),
        fc.array(
          fc.record({
            connected_account_id: fc.oneof(fc.constantFrom(23137556, 1, 'x'), anything),
            amount: fc.double(),
          }),
        ),
      ),
      configurations: fc.record(
        {
          allowed_payment_methods: mostly(
            fc.constant(['card', 'upi']),
            fc.array(fc.constantFrom('card', 'cash')),
          ),
          hosted_page_parameters: fc.record(
            {
              success_url: mostly(httpsUrl, fc.string()),
              failure_url: mostly(httpsUrl, fc.webUrl()),
              email: mostly(fc.constant('a@b.example'), fc.emailAddress()),
              udf1: words(20),
            },
            { requiredKeys: ['success_url', 'failure_url'] },
          ),
        },
        optional,
      ),
    },
    { requiredKeys: ['amount', 'currency'] },
  )
  const mutations = fc
    .tuple(sample, mostly(fc.constant({}), fc.dictionary(key, anything, { maxKeys: 2 })))
    .map(([base, change]) => ({ ...base, ...(change as object) }))
  const body = fc.oneof(
    {
      weight: 6,
      arbitrary: mutations.map(
        (value) =>
          JSON.stringify(value, (_key, item) => (typeof item === 'bigint' ? String(item) : item)) ??
          '',
      ),
    },
    { weight: 2, arbitrary: fc.json() },
    { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
    // A valid body with one character changed or lost.
    {
      weight: 2,
      arbitrary: fc
        .tuple(mutations, fc.nat(400), fc.string({ maxLength: 1 }))
        .map(([value, index, character]) => {
          const json = JSON.stringify(value, (_key, item) =>
            typeof item === 'bigint' ? String(item) : item,
          )
          return json.slice(0, index) + character + json.slice(index + 1)
        }),
    },
  )
  const counts = new Map<number, number>()
  await fc.assert(
    fc.asyncProperty(fc.array(body, { minLength: 25, maxLength: 25 }), async (bodies) => {
      const answers = await Promise.all(bodies.map((one) => create(one)))
      for (const answer of answers) {
        counts.set(answer.status, (counts.get(answer.status) ?? 0) + 1)
        if (answer.status === 201) {
          expect(answer.body).toMatchObject({ code: 0, message: 'success' })
          continue
        }
        expect([400, 404]).toContain(answer.status)
        expect(Object.keys(answer.body).filter((name) => name !== 'field')).toEqual([
          'code',
          'message',
        ])
        expect(typeof answer.body.code).toBe('string')
      }
    }),
    { numRuns: 400 },
  )
  // The test is useful only if some of the bodies are valid.
  expect(counts.get(201)).toBeGreaterThan(100)
  expect(counts.get(400)).toBeGreaterThan(1_000)
}, 120_000)
