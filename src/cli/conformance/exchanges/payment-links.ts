import {
  type Check,
  check,
  type Exchange,
  type JsonValue,
  refusal,
  success,
  types,
  withSaves,
  words,
} from '../exchange.ts'

const section = 'Payment links'
const KEYS =
  words(`payment_link_id url expires_at amount amount_paid currency status email reference_id description
  return_url phone phone_country_code created_time created_by_id created_by last_modified_by_id last_modified
  notify_customer configurations payments`)
const REQUIRED_FIELDS =
  words(`payment_link_id url expires_at amount amount_paid currency status description created_time
  created_by_id created_by last_modified_by_id last_modified`)

function create(
  id: string,
  title: string,
  body: Readonly<Record<string, JsonValue>>,
  checks: readonly Check[],
): Exchange {
  return {
    id,
    section,
    title,
    request: {
      method: 'POST',
      path: '/paymentlinks',
      body: { amount: 1499.9, currency: '{currency}', description: 'Order 8841', ...body },
    },
    saves: { link_id: 'payment_links.payment_link_id' },
    cleanup: {
      method: 'PUT',
      path: '/paymentlinks/{link_id}/cancel',
      object: 'payment link {link_id}',
    },
    checks,
  }
}

const LINK = '/paymentlinks/{kept_link_id}'

/** Checks of payment links. */
export const LINK_EXCHANGES: readonly Exchange[] = [
  withSaves(
    create(
      'link-create',
      'Create a link with every field',
      {
        email: 'conformance@shop.example',
        phone: '9000000001',
        phone_country_code: 'IN',
        reference_id: 'INV-8841',
        return_url: 'https://shop.example/back?o=8841',
        configurations: { allowed_payment_methods: ['card'] },
      },
      [
        ...success(201, 'payment_links'),
        check('keys', 'H', 'The link has these keys.', {
          at: 'payment_links',
          required: REQUIRED_FIELDS,
          optional: KEYS,
        }),
        check('order', 'M', 'The keys come in the order of the documented sample.', {
          at: 'payment_links',
          order: KEYS,
        }),
        check('types', 'H', 'The fields have these JSON types.', {
          at: 'payment_links',
          types: types({
            string: `payment_link_id url expires_at amount amount_paid currency status email reference_id description
            return_url phone phone_country_code created_by_id created_by last_modified_by_id last_modified`,
            integer: 'created_time',
            object: 'configurations notify_customer',
            array: 'payments',
          }),
        }),
        check('status-word', 'H', 'A new link is “active”.', {
          at: 'payment_links.status',
          equals: 'active',
        }),
        check('amount', 'H', 'The amount has two decimals.', {
          at: 'payment_links.amount',
          equals: '1499.90',
        }),
        check('paid', 'H', 'Nothing is paid.', { at: 'payment_links.amount_paid', equals: '0.00' }),
        check('url', 'M', 'The address ends in paymentlink and a long hexadecimal text.', {
          at: 'payment_links.url',
          matches: '/paymentlink/[0-9a-f]{32,}$|/paymentlink/\\[key\\]$',
          form: '…/paymentlink/ and at least 32 hexadecimal digits',
        }),
        check('date', 'H', 'expires_at is a date.', {
          at: 'payment_links.expires_at',
          matches: String.raw`^\d{4}-\d\d-\d\d$`,
          form: 'a date such as 2026-12-29',
        }),
        check('phone', 'M', 'phone is returned as it was sent.', {
          at: 'payment_links.phone',
          equals: '9000000001',
        }),
        check('time-unit', 'M', 'created_time is in seconds.', {
          at: 'payment_links.created_time',
          digits: 10,
        }),
      ],
    ),
    { kept_link_id: 'payment_links.payment_link_id' },
  ),
  create('link-create-least', 'Create a link with the required fields', {}, [
    check('status', 'H', 'The other fields are optional.', { status: [200, 201] }),
    check('date', 'H', 'A link without a last day gets one.', {
      at: 'payment_links.expires_at',
      matches: String.raw`^\d{4}-\d\d-\d\d$`,
      form: 'a date such as 2026-12-29',
    }),
  ]),
  create(
    'link-long-reference',
    'A reference of 100 characters',
    { reference_id: 'r'.repeat(100) },
    [
      check(
        'status',
        'M',
        'A reference of 100 characters is accepted: the documents say 100, the SDKs 50.',
        {
          status: [200, 201],
        },
      ),
    ],
  ),
  {
    id: 'link-no-description',
    section,
    title: 'A link without a description',
    request: { method: 'POST', path: '/paymentlinks', body: { amount: 1, currency: '{currency}' } },
    checks: refusal(400, 'missing_parameter', 'L', 'H'),
  },
  create(
    'link-past',
    'A link that ends in the past',
    { expires_at: '2020-01-01' },
    refusal(400, 'invalid_parameter', 'L', 'M'),
  ),
  create(
    'link-mail-without-address',
    'notify_customer without an e-mail address',
    { notify_customer: { email: true } },
    refusal(400, 'invalid_parameter', 'L', 'L'),
  ),
  {
    id: 'link-retrieve',
    section,
    title: 'Retrieve a link',
    request: { method: 'GET', path: LINK },
    checks: [
      ...success(200, 'payment_links', 'H'),
      check('keys', 'H', 'The link has these keys.', {
        at: 'payment_links',
        required: REQUIRED_FIELDS,
        optional: KEYS,
      }),
      check('payments', 'L', 'payments is an empty list before the first payment.', {
        at: 'payment_links.payments',
        equals: [],
      }),
    ],
  },
  {
    id: 'link-update',
    section,
    title: 'Change a link',
    request: {
      method: 'PUT',
      path: LINK,
      body: { description: 'Order 8842', reference_id: 'INV-8842' },
    },
    checks: [
      ...success(200, 'payment_links', 'H'),
      check('description', 'H', 'The description has changed.', {
        at: 'payment_links.description',
        equals: 'Order 8842',
      }),
      check('kept', 'H', 'The other fields are kept.', {
        at: 'payment_links.return_url',
        equals: 'https://shop.example/back?o=8841',
      }),
    ],
  },
  {
    id: 'link-update-nothing',
    section,
    title: 'Change a link with an empty body',
    request: { method: 'PUT', path: LINK, body: {} },
    checks: refusal(400, 'missing_parameter', 'L', 'M'),
  },
  {
    id: 'link-cancel',
    section,
    title: 'Cancel a link, without a body',
    request: { method: 'PUT', path: `${LINK}/cancel` },
    checks: [
      ...success(200, 'payment_links', 'H'),
      check('status-word', 'H', 'The link is “canceled”.', {
        at: 'payment_links.status',
        equals: 'canceled',
      }),
    ],
  },
  {
    id: 'link-cancel-again',
    section,
    title: 'Cancel the link a second time',
    request: { method: 'PUT', path: `${LINK}/cancel` },
    checks: refusal(400, 'invalid_payment_link', 'L', 'L'),
  },
  {
    id: 'link-update-canceled',
    section,
    title: 'Change a canceled link',
    request: { method: 'PUT', path: LINK, body: { description: 'Order 8843' } },
    checks: refusal(400, 'invalid_payment_link', 'L', 'M'),
  },
  {
    id: 'link-retrieve-unknown',
    section,
    title: 'Retrieve a link that does not exist',
    request: { method: 'GET', path: '/paymentlinks/1000000000001' },
    checks: refusal(404, 'resource_does_not_exist', 'L', 'M'),
  },
  {
    id: 'link-list',
    section,
    title: 'List links',
    hasForeignObjects: true,
    request: { method: 'GET', path: '/paymentlinks', query: { per_page: '1' } },
    checks: [check('status', 'ours', 'Links can be listed.', { status: [200] })],
  },
]
