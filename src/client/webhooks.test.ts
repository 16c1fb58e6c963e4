import { createHmac } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { makeWebhookKey, signWebhook } from '../domain/webhook-signature.ts'
import {
  verifyWebhook as verifySync,
  verifyWebhookAsync,
  WebhookSignatureError,
} from './webhooks.ts'

/**
 * The maximum number of verifications of one test that `crypto.subtle` repeats, because property tests make thousands.
 */
const COMPARED_COUNT_MAX = 60
const verifiedCounts = new Map<string, number>()
/** Verifications of this file with their outcomes, so that `crypto.subtle` can be compared. */
const verifications: {
  readonly input: Parameters<typeof verifySync>
  readonly outcome: unknown
}[] = []
const verifyWebhook: typeof verifySync = (...input) => {
  let outcome: unknown
  try {
    const event = verifySync(...input)
    outcome = event
    return event
  } catch (error) {
    outcome = error
    throw error
  } finally {
    const { currentTestName = '' } = expect.getState()
    const count = (verifiedCounts.get(currentTestName) ?? 0) + 1
    verifiedCounts.set(currentTestName, count)
    if (count <= COMPARED_COUNT_MAX) verifications.push({ input, outcome })
  }
}

const NOW_MS = 1_795_386_600_123
const KEY = makeWebhookKey(new Uint8Array(32).fill(7))
const NEW_KEY = makeWebhookKey(new Uint8Array(32).fill(8))
const EVENT = {
  event_id: 251234567891000,
  event_type: 'payment.succeeded',
  account_id: 23137556,
  live_mode: false,
  event_time: 1763800191300,
  event_object: { payment: { payment_id: '251234567890456', description: 'Tēja, https://x' } },
}
const BODY = JSON.stringify(EVENT)

type Headers_ = Record<string, string>
const EVENT_ID = String(EVENT.event_id)
const sign = (body = BODY, keys = [KEY], atMs = NOW_MS) =>
  signWebhook({ body, eventId: EVENT_ID, atMs, keys })
const only = (family: 'x-zoho' | 'webhook', headers: Headers_): Headers_ =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith(family)))
const optionsAt = (nowMs: number, toleranceSeconds?: number) => ({ nowMs, toleranceSeconds })
const verify = (body: string, headers: Headers_, key: string | readonly string[] = KEY) =>
  verifyWebhook(body, headers, key, optionsAt(NOW_MS))

/** Returns `code: message` of a refusal. */
function refusal(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    if (!(error instanceof WebhookSignatureError)) throw error
    return `${error.code}: ${error.message}`
  }
  return 'accepted'
}

describe('signing', () => {
  test('Zoho’s header has the known signature', () => {
    // A known answer, made by another program from the documented formula.
    const { 'x-zoho-webhook-signature': header } = signWebhook({
      body: '{"event_id":251234567891000,"event_type":"payment.succeeded","account_id":23137556,"live_mode":false,"event_time":1763800191300,"event_object":{"payment":{"payment_id":"251234567890456","amount":"170.00"}}}',
      eventId: EVENT_ID,
      atMs: 1763800191456,
      keys: ['sandbox_webhook_key_0123456789abcdef'],
    })
    expect(header).toBe(
      't=1763800191456,v=e7c090a7763a7b38075255292e275a05a64fefacce2c4a25fe3348c0858bf030',
    )
  })

  // The test vector of the Standard Webhooks libraries.
  test.each([
    {
      key: 'whsec_plJ3nmyCDGBKInavdOK15jsl',
      id: 'msg_loFOjxBNrRLzqYUf',
      seconds: 1731705121,
      body: '{"event_type":"ping","data":{"success":true}}',
      signature: 'v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=',
    },
    {
      key: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
      id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      seconds: 1614265330,
      body: '{"test": 2432232314}',
      signature: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    },
  ])('Standard Webhooks’ headers have the known signature of $id', (vector) => {
    const { body, id: eventId, key } = vector
    const headers = signWebhook({ body, eventId, atMs: vector.seconds * 1000 + 999, keys: [key] })
    expect(only('webhook', headers)).toEqual({
      'webhook-id': vector.id,
      'webhook-timestamp': String(vector.seconds),
      'webhook-signature': vector.signature,
    })
  })

  test('one key text signs by both formulas', () => {
    expect(KEY).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
    const seconds = Math.floor(NOW_MS / 1000)
    const zoho = createHmac('sha256', KEY).update(`${NOW_MS}.${BODY}`).digest('hex')
    const standard = createHmac('sha256', Buffer.alloc(32, 7))
      .update(`${EVENT_ID}.${seconds}.${BODY}`)
      .digest('base64')
    expect(sign()).toEqual({
      'x-zoho-webhook-signature': `t=${NOW_MS},v=${zoho}`,
      'webhook-id': EVENT_ID,
      'webhook-timestamp': String(seconds),
      'webhook-signature': `v1,${standard}`,
    })
  })

  test('a key is made from exactly 32 bytes', () => {
    for (const byteCount of [0, 31, 33]) {
      expect(() => makeWebhookKey(new Uint8Array(byteCount))).toThrow(RangeError)
    }
    expect(makeWebhookKey(new Uint8Array(32))).toMatch(/^whsec_A{43}=$/)
  })
})

describe('verifying', () => {
  test('returns the event for text and bytes, even with only one family of headers', () => {
    const headers = sign()
    for (const form of [headers, only('x-zoho', headers), only('webhook', headers)]) {
      const bytes = Buffer.from(BODY)
      for (const body of [BODY, bytes, new Uint8Array(bytes), new Uint8Array(bytes).buffer]) {
        expect(verifyWebhook(body, form, KEY, optionsAt(NOW_MS))).toEqual(EVENT)
      }
    }
  })

  test('reads headers in the forms of Node, Express and fetch', () => {
    const headers = sign()
    const incoming: IncomingHttpHeaders = { host: 'shop.example', ...headers }
    const upper = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name.toUpperCase(), [value]]),
    )
    for (const form of [incoming, upper, new Headers(headers), new Map(Object.entries(headers))]) {
      expect(verifyWebhook(BODY, form, KEY, optionsAt(NOW_MS))).toEqual(EVENT)
    }
  })

  test('uses the machine’s clock when the caller passes no time', () => {
    expect(verifyWebhook(BODY, sign(BODY, [KEY], Date.now()), KEY)).toEqual(EVENT)
    expect(refusal(() => verifyWebhook(BODY, sign(), KEY))).toMatch(/^timestamp_/)
    expect(verifyWebhook(BODY, sign(), KEY, { nowMs: NOW_MS })).toEqual(EVENT)
  })

  test('accepts the old key and the new key during a key rotation', () => {
    const headers = sign(BODY, [KEY, NEW_KEY])
    expect(headers['x-zoho-webhook-signature']).toMatch(/^t=\d{13},v=[\da-f]{64},v=[\da-f]{64}$/)
    // The older signature comes first, for receivers that read only the first.
    const [first] = headers['webhook-signature']?.split(' ') ?? []
    expect(first).toBe(sign()['webhook-signature'])
    for (const form of [headers, only('x-zoho', headers), only('webhook', headers)]) {
      expect(verify(BODY, form, KEY)).toEqual(EVENT)
      expect(verify(BODY, form, NEW_KEY)).toEqual(EVENT)
    }
    // A receiver may have both keys before the rotation.
    expect(verify(BODY, sign(), [NEW_KEY, KEY])).toEqual(EVENT)
    expect(refusal(() => verify(BODY, sign(), NEW_KEY))).toMatch(/^wrong_key: .* this key /)
  })

  test('accepts one intact family of headers when the other is damaged', () => {
    expect(verify(BODY, { ...sign(), 'x-zoho-webhook-signature': 't=1' })).toEqual(EVENT)
    expect(verify(BODY, { ...sign(), 'webhook-timestamp': 'soon' })).toEqual(EVENT)
    const other = sign(BODY, [NEW_KEY])
    expect(verify(BODY, { ...sign(), ...only('webhook', other) })).toEqual(EVENT)
    expect(verify(BODY, { ...sign(), ...only('x-zoho', other) })).toEqual(EVENT)
  })

  test.each(['x-zoho', 'webhook'] as const)(
    'refuses a body with any byte changed, added or removed, by the %s headers',
    (family) => {
      const bytes = Buffer.from('{"event_id":251234567891000,"event_type":"a","event_object":{}}')
      const headers = only(family, sign(bytes.toString()))
      const isAccepted = (body: Uint8Array) =>
        refusal(() => verifyWebhook(body, headers, KEY, optionsAt(NOW_MS))) === 'accepted'
      expect(isAccepted(bytes)).toBe(true)
      fc.assert(
        fc.property(fc.integer({ min: 1, max: 255 }), (change) => {
          for (let index = 0; index < bytes.length; index += 1) {
            const changedBytes = Uint8Array.from(bytes)
            changedBytes[index] = (changedBytes[index] ?? 0) ^ change
            if (isAccepted(changedBytes)) return false
          }
          return true
        }),
      )
      expect(isAccepted(bytes.subarray(1))).toBe(false)
      expect(isAccepted(bytes.subarray(0, -1))).toBe(false)
      expect(isAccepted(Buffer.concat([bytes, Buffer.from('\n')]))).toBe(false)
    },
  )

  test('refuses a changed time, event id, signature or key', () => {
    const headers = sign()
    const zoho = headers['x-zoho-webhook-signature'] as string
    const forgery = [
      { 'x-zoho-webhook-signature': zoho.replace(`${NOW_MS}`, `${NOW_MS + 1}`) },
      { 'x-zoho-webhook-signature': zoho.replace(/.$/, (last) => (last === '0' ? '1' : '0')) },
      { ...only('webhook', headers), 'webhook-id': '1' },
      { ...only('webhook', headers), 'webhook-timestamp': `${Math.floor(NOW_MS / 1000) + 1}` },
    ]
    for (const one of forgery) expect(refusal(() => verify(BODY, one))).toMatch(/^wrong_key: /)
    fc.assert(
      fc.property(
        fc.string(),
        (key) => key === KEY || refusal(() => verify(BODY, headers, key)).startsWith('wrong_key: '),
      ),
    )
  })

  test('returns an event or throws a WebhookSignatureError, for any input', () => {
    const text = fc.oneof(fc.string(), fc.json(), fc.constant(BODY))
    const names = fc.constantFrom('x-zoho-webhook-signature', ...Object.keys(sign()))
    const values = fc.oneof(fc.string(), fc.constantFrom(...Object.values(sign())))
    fc.assert(
      fc.property(text, fc.dictionary(names, values), fc.string(), (body, headers, key) => {
        refusal(() => verify(body, headers, key))
      }),
    )
    // An attacker may send a body that JSON.stringify cannot write.
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
    expect(refusal(() => verify(deep, sign()))).toMatch(/^wrong_key: /)
  })

  test('refuses a signature of one family in the headers of the other, even with the same key', () => {
    const key = 'a_key_of_another_shape'
    const seconds = Math.floor(NOW_MS / 1000)
    const { 'webhook-signature': standard = '' } = sign(BODY, [key])
    const hex = Buffer.from(standard.slice(3), 'base64').toString('hex')
    const shiftedValues = { 'x-zoho-webhook-signature': `t=${EVENT_ID},v=${hex}` }
    expect(
      refusal(() =>
        verifyWebhook(`${seconds}.${BODY}`, shiftedValues, key, optionsAt(Number(EVENT_ID))),
      ),
    ).toMatch(/^body_not_json: /)
  })

  test.each([
    [299_999, 'accepted'],
    [300_000, 'accepted'],
    [300_001, 'timestamp_'],
  ])('a time %i ms in the past or future is %s', (distanceMs, expected) => {
    const headers = only('x-zoho', sign())
    for (const nowMs of [NOW_MS + distanceMs, NOW_MS - distanceMs]) {
      const answer = refusal(() => verifyWebhook(BODY, headers, KEY, optionsAt(nowMs)))
      expect(answer.slice(0, expected.length)).toBe(expected)
    }
  })

  test('refuses a webhook-id that differs from the id of the signed event', () => {
    const headers = sign()
    for (const id of ['1', `${EVENT_ID}, 1`, `0${EVENT_ID}`, `${EVENT_ID}.0`]) {
      const answer = refusal(() => verify(BODY, { ...headers, 'webhook-id': id }))
      expect(answer).toMatch(/^event_id_mismatch: /)
      const zohoAlone = { ...only('x-zoho', headers), 'Webhook-Id': id }
      expect(refusal(() => verify(BODY, zohoAlone))).toMatch(/^event_id_mismatch: /)
    }
    const another = signWebhook({ body: BODY, eventId: '7', atMs: NOW_MS, keys: [KEY] })
    expect(refusal(() => verify(BODY, only('webhook', another)))).toMatch(/^event_id_mismatch: /)
  })

  test('uses a key as text if the text after its prefix is not base64', () => {
    for (const key of ['whsec_A', 'whsec_A==', 'whsec_AAAAA']) {
      const headers = only('webhook', sign(BODY, [key]))
      expect(verify(BODY, headers, key)).toEqual(EVENT)
      const [, signature] = headers['webhook-signature']?.split(',') ?? []
      const message = `${EVENT_ID}.${headers['webhook-timestamp']}.${BODY}`
      expect(signature).toBe(createHmac('sha256', key).update(message).digest('base64'))
    }
  })

  test('accepts a custom tolerance, and refuses an invalid one', () => {
    const headers = sign()
    expect(verifyWebhook(BODY, headers, KEY, optionsAt(NOW_MS + 3_600_000, 3_600))).toEqual(EVENT)
    expect(refusal(() => verifyWebhook(BODY, headers, KEY, optionsAt(NOW_MS + 2_000, 1)))).toMatch(
      /^timestamp_too_old: .* 2 s ago, and 1 s are allowed/,
    )
    for (const options of [
      optionsAt(NOW_MS, Number.NaN),
      optionsAt(NOW_MS, -1),
      optionsAt(Number.NaN),
    ]) {
      expect(() => verifyWebhook(BODY, headers, KEY, options)).toThrow(RangeError)
    }
  })
})

const ZOHO = only('x-zoho', sign())
const STANDARD = only('webhook', sign())
const signedIn = (t: number) => ({
  'x-zoho-webhook-signature': `t=${t},v=${createHmac('sha256', KEY).update(`${t}.${BODY}`).digest('hex')}`,
})
const standardIn = (timestamp: number) => ({
  'webhook-id': '1',
  'webhook-timestamp': `${timestamp}`,
  'webhook-signature': `v1,${createHmac('sha256', Buffer.alloc(32, 7)).update(`1.${timestamp}.${BODY}`).digest('base64')}`,
})
const zohoOf = (body: string) => only('x-zoho', sign(body))
const PYTHON = '{"event_id": 1, "event_type": "a, b: \\"c", "event_object": {"x": [1, 2]}}'
const PHP = '{"event_id":1,"event_type":"a","event_object":{"url":"https:\\/\\/x"}}'
const ASCII = '{"event_id":1,"event_type":"T\\u0113ja","event_object":{}}'
const rewrite = (body: string) => JSON.stringify(JSON.parse(body))
const bare = KEY.slice('whsec_'.length)
// JavaScript callers without types do this.
const asText = (value: unknown) => value as string

type Row = readonly [
  what: string,
  expected: string,
  body: string,
  headers: Headers_,
  key?: string | readonly string[],
  nowMs?: number,
]
const REFUSALS: readonly Row[] = [
  [
    'a request without signature headers',
    'header_missing: .*removes unknown headers',
    BODY,
    { host: 'shop.example' },
  ],
  ['an empty header', 'header_missing: ', BODY, { 'x-zoho-webhook-signature': ' ' }],
  ['no headers', 'header_missing: ', BODY, asText(undefined) as unknown as Headers_],
  [
    ...([
      'a whole request in place of its headers',
      'header_missing: .*pass request.headers',
      BODY,
    ] as const),
    { headers: sign() } as unknown as Headers_,
  ],
  [
    ...(['a signature without its id', 'header_missing: .*without webhook-id', BODY] as const),
    { 'webhook-signature': STANDARD['webhook-signature'] as string, 'webhook-timestamp': '1' },
  ],
  ...['v=1', 't=1', 't=x,v=0', `t=1,v=${'0'.repeat(63)}`, `t=1,t=1,v=${'0'.repeat(64)}`].map(
    (header): Row => [
      ...([`the header ${header}`, 'header_malformed: .*t=<milliseconds>', BODY] as const),
      { 'x-zoho-webhook-signature': header },
    ],
  ),
  [
    ...(['eleven signatures', 'header_malformed: ', BODY] as const),
    { 'x-zoho-webhook-signature': `t=1${`,v=${'0'.repeat(64)}`.repeat(11)}` },
  ],
  [
    'a duplicate header',
    'header_malformed: .*repeated',
    BODY,
    { ...ZOHO, 'X-ZOHO-Webhook-Signature': ZOHO['x-zoho-webhook-signature'] as string },
  ],
  [
    'truncated base64',
    'header_malformed: .*base64',
    BODY,
    { ...STANDARD, 'webhook-signature': 'v1,abc' },
  ],
  [
    'a date as time',
    'header_malformed: .*seconds since',
    BODY,
    { ...STANDARD, 'webhook-timestamp': '2026-11-22' },
  ],
  [
    'an old request',
    'timestamp_too_old: .* 4000 s ago.*not a retry',
    BODY,
    ZOHO,
    KEY,
    NOW_MS + 4_000_000,
  ],
  ['an old request', 'timestamp_too_old: .* 4000 s ago', BODY, STANDARD, KEY, NOW_MS + 4_000_000],
  [
    'a receiver’s clock that is behind',
    'timestamp_in_future: .* 4000 s ahead of this machine’s clock',
    BODY,
    ZOHO,
    KEY,
    NOW_MS - 4_000_000,
  ],
  [
    'a time t in seconds',
    'timestamp_too_old: .*looks like seconds',
    BODY,
    signedIn(Math.floor(NOW_MS / 1000)),
  ],
  [
    'a timestamp in milliseconds',
    'timestamp_in_future: .*looks like milliseconds',
    BODY,
    standardIn(NOW_MS),
  ],
  [
    'a clock in seconds',
    'timestamp_in_future: .*nowMs .*looks like seconds',
    BODY,
    ZOHO,
    KEY,
    NOW_MS / 1000,
  ],
  ['a parsed body', 'body_reserialized: .*already been parsed.*express.raw', asText(EVENT), ZOHO],
  ['no body', 'body_reserialized: .*no body', asText(undefined), ZOHO],
  ['an empty body', 'body_reserialized: .*is empty', '', ZOHO],
  [
    'an indented body',
    'body_reserialized: .*written again.*express.raw',
    JSON.stringify(EVENT, null, 2),
    ZOHO,
  ],
  [
    'an indented body',
    'body_reserialized: .*written again',
    JSON.stringify(EVENT, null, '\t'),
    STANDARD,
  ],
  ['a body with a line break', 'body_reserialized: ', `${BODY}\n`, ZOHO],
  [
    'a body rewritten by Python’s JSON encoder',
    'body_reserialized: ',
    rewrite(PYTHON),
    zohoOf(PYTHON),
  ],
  ['a body rewritten by PHP’s JSON encoder', 'body_reserialized: ', rewrite(PHP), zohoOf(PHP)],
  ['a body rewritten with ASCII escapes', 'body_reserialized: ', rewrite(ASCII), zohoOf(ASCII)],
  ['a body encoded as JSON twice', 'body_reserialized: .*second time', JSON.stringify(BODY), ZOHO],
  [
    'a body decoded as Latin-1',
    'body_reserialized: .*Latin-1',
    Buffer.from(BODY).toString('latin1'),
    ZOHO,
  ],
  ['another key', 'wrong_key: .*another endpoint', BODY, ZOHO, NEW_KEY],
  ['other keys', 'wrong_key: .*any of these keys', BODY, ZOHO, [NEW_KEY, `${NEW_KEY}2`]],
  ['a key with a line break', 'wrong_key: .*line break', BODY, sign(), `${KEY}\n`],
  ['a key in quotation marks', 'wrong_key: .*quotation marks', BODY, sign(), `"${KEY}"`],
  ['a key without its prefix', 'wrong_key: .*lacks its prefix whsec_', BODY, sign(), bare],
  ['the signing key of an account', 'wrong_key: .*signs redirects', BODY, ZOHO, '0a'.repeat(32)],
  [
    'the signing key of a sandbox account',
    'wrong_key: .*signs redirects',
    BODY,
    ZOHO,
    'sandbox_signing_key_0123456789abcdef',
  ],
  ['no key', 'wrong_key: .*is empty.*environment', BODY, ZOHO, asText(null)],
  ['an empty key', 'wrong_key: .*is empty', BODY, ZOHO, ''],
  ['a key with only its prefix', 'wrong_key: .*is empty', BODY, ZOHO, 'whsec_'],
  ['no keys', 'wrong_key: .*is empty', BODY, ZOHO, []],
  ['a body that is not JSON', 'body_not_json: .*not JSON', 'hello', zohoOf('hello')],
  [
    'a JSON object that is not an event',
    'body_not_json: .*not an event',
    '{"a":1}',
    zohoOf('{"a":1}'),
  ],
  ['a JSON list', 'body_not_json: .*not an event', '[]', zohoOf('[]')],
]

for (const [what, expected, body, headers, key = KEY, nowMs = NOW_MS] of REFUSALS) {
  test(`${what} is refused: ${expected}`, () => {
    const answer = refusal(() => verifyWebhook(body, headers, key, optionsAt(nowMs)))
    expect(answer).toMatch(new RegExp(`^${expected}`))
    // A message is logged: it must reveal no key and no signature.
    expect(answer).not.toMatch(/[\da-f]{64}|whsec_[A-Za-z\d+/]/)
  })
}

test.each(['', ' ', '""', "''", '"', "' '", 'whsec_', '"whsec_"'])(
  'an empty key in any spelling is refused, with and without crypto.subtle: %j',
  async (key) => {
    const message = /^The signing key is empty/
    const headers = sign(BODY, [key])
    for (const keys of [key, [KEY, key]]) {
      expect(() => verifySync(BODY, headers, keys, optionsAt(NOW_MS))).toThrow(message)
      const verification = verifyWebhookAsync(BODY, headers, keys, optionsAt(NOW_MS))
      await expect(verification).rejects.toBeInstanceOf(WebhookSignatureError)
      await expect(verification).rejects.toThrow(message)
    }
  },
)

test('crypto.subtle gives the same result for webhooks of every test', async () => {
  expect(verifications.length).toBeGreaterThan(300)
  for (const { input, outcome } of verifications) {
    const [body, headers, key, options] = input
    // At a second call the machine's clock would show another time.
    if (options?.nowMs === undefined) continue
    const answer = await verifyWebhookAsync(body, headers, key, options).catch(
      (error: unknown) => error,
    )
    expect(answer).toEqual(outcome)
  }
})
