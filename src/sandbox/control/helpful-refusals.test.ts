/** Refused requests of the control API repeat short, harmless values and name the nearest known one. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Control, control } from '../../../test/support/sandbox.ts'
import { startTestServer, type TestServer } from '../../../test/support/server.ts'

let server: TestServer
let sandbox: Control
beforeAll(async () => {
  server = await startTestServer('memory')
  sandbox = control(server.baseUrl)
})
afterAll(() => server.close())

test.each([
  [
    '/events',
    { event_type: 'refund.suceeded' },
    'it is the text "refund.suceeded", did you mean refund.succeeded?',
  ],
  ['/events', { event_type: 'order.paid' }, 'it is the text "order.paid".'],
  ['/clock/advance', { by: '1 week' }, 'it is the text "1 week".'],
  ['/clock/set', { time: '2026-13-01' }, 'it is the text "2026-13-01".'],
  ['/faults', { target: 'webhok', effect: {} }, 'it is the text "webhok", did you mean webhook?'],
  [
    '/sessions',
    { attempts: [{ method: 'upii', outcome: 'failed' }] },
    'it is the text "upii", did you mean upi?',
  ],
  ['/sessions', { attempts: [{ method: 'upi', outcome: 'sucess' }] }, 'it is the text "sucess".'],
  ['/tenants', { name: 'Hello World!' }, 'it is the text "Hello World!".'],
  ['/sessions', { sesion: {} }, 'sesion is unknown, did you mean session?'],
])('a refused value of %s is repeated, with the nearest known one: %j', async (path, body, end) => {
  const answer = await sandbox('POST', path, body)
  expect(answer.status).toBe(400)
  expect(answer.body.message).toContain(end)
})

test.each([
  '4111111111111111',
  '4111 1111 1111 1111',
  '1000.5061796465736b2073',
  'sk_live_0123456789abcdef',
  'a\nb',
  '<script>',
  'x'.repeat(41),
])(
  'a refused value that may be a card number, a credential or markup is not repeated: %j',
  async (text) => {
    for (const [path, body] of [
      ['/events', { event_type: text }],
      ['/clock/advance', { by: text }],
      ['/clock/set', { time: text }],
      ['/sessions', { attempts: [{ method: text, outcome: 'failed' }] }],
    ] as const) {
      const answer = await sandbox('POST', path, body)
      expect(answer.body.message).toMatch(/it is a text of \d+ characters\.$/)
    }
  },
)

test.each([
  ['POST', '/sesions', 404, 'This path does not exist. Did you mean POST /_sandbox/sessions?'],
  ['GET', '/session/123/timeline', 404, expect.stringContaining('Did you mean GET /_sandbox/')],
  [
    'GET',
    '/something-else',
    404,
    'This path does not exist. The routes are in /_sandbox/openapi.json.',
  ],
  ['PUT', '/tenants/one', 405, 'This path does not support PUT. Allowed: DELETE.'],
  ['POST', '/clock', 405, 'This path does not support POST. Allowed: GET, HEAD.'],
])(
  'the error for an unknown path or method of the control API names what exists: %s %s',
  async (method, path, status, message) => {
    const answer = await sandbox(method, path)
    expect([answer.status, answer.body.message]).toEqual([status, message])
  },
)
