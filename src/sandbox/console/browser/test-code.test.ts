import { expect, test } from 'vitest'
import { EN } from '../../../checkout/messages/en.ts'
import { END_HEADINGS, testCode } from './test-code.ts'
import type { SessionStory } from './wire.ts'

const STORY: SessionStory = {
  account_id: '1',
  stored_id: '2',
  checkout_url: '',
  payments_session: {
    payments_session_id: '3',
    amount: '100.00',
    currency: 'INR',
    status: 'canceled',
    created_time: 0,
    expiry_time: 900,
    payments: [],
  },
  payments: [],
  refunds: [],
  timeline: [],
}
const codeOf = (createBody: string | undefined, story: SessionStory = STORY) =>
  testCode('Vitest', { story, createBody, usAccountId: '9', connectedAccountIds: ['7'] })

/** The body that a test sends, as JavaScript reads it. */
function bodyOf(code: string): unknown {
  const [, text = ''] = /create\(([\s\S]*?)\)\n {2}await/.exec(code) ?? []
  return new Function('tenant', `return ${text}`)({ connectedAccountIds: ['acc'] })
}

test('the generated test contains the exact body of each request, with any text', () => {
  const body = {
    amount: 1499.9,
    currency: 'INR',
    description: 'It’s \'two\' "books" \\ \n `</script>` \u2028 😀',
    meta_data: [{ key: 'a-b', value: '' }],
    configurations: { hosted_page_parameters: {}, 'not a name': [], class: null, flag: true },
  }
  expect(bodyOf(codeOf(JSON.stringify(body)))).toEqual(body)
  // `__proto__` as a plain name would set the prototype of the body.
  const hostile = '{"__proto__":{"amount":1}}'
  expect(JSON.stringify(bodyOf(codeOf(hostile)))).toBe(hostile)
})

test('the generated test uses the connected account of its own sandbox', () => {
  const body = { transfer_details: [{ connected_account_id: '7', amount: '1.00' }] }
  expect(bodyOf(codeOf(JSON.stringify(body)))).toEqual({
    transfer_details: [{ connected_account_id: 'acc', amount: '1.00' }],
  })
})

test('the generated test uses the fields of the session when the create request is not readable', () => {
  for (const body of [undefined, '{"amount": 1', '[hidden: it cannot be read]']) {
    expect(bodyOf(codeOf(body))).toEqual({ amount: '100.00', currency: 'INR' })
  }
})

test('the generated test for a US session uses the US account', () => {
  const code = codeOf('{}', { ...STORY, account_id: '9' })
  expect(code).toContain('tenant.receiver({ client: tenant.usClient })')
  expect(code).not.toContain('tenant.client')
})

test('the headings in the generated test match the checkout page', () => {
  expect(END_HEADINGS).toEqual({
    succeeded: EN.paidElsewhereTitle,
    failed: EN.failedTitle,
    expired: EN.expiredTitle,
    canceled: EN.canceledTitle,
  })
})
