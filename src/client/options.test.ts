/** Programs without types get a clear error about a wrong option, not a client without that option. */
import { expect, test } from 'vitest'
import { connectSandbox, startSandbox } from '../testing/index.ts'
import { createPaydeskClient } from './index.ts'

const OPTIONS = { baseUrl: 'http://127.0.0.1:9', accountId: '1', accessToken: 'x' }
const makeClient = createPaydeskClient as (
  options?: unknown,
) => ReturnType<typeof createPaydeskClient>

test.each([
  ['no options', undefined, 'The options of a client must be an object, but they are undefined.'],
  ['a text', 'http://127.0.0.1', 'The options of a client must be an object, but they are "http'],
  ['no account', { ...OPTIONS, accountId: undefined }, 'A client needs an accountId'],
  ['another spelling', { baseURL: 'x' }, 'A client has no option baseURL, did you mean baseUrl?'],
  [
    'a unit in capitals',
    { ...OPTIONS, timeoutMS: 5 },
    'no option timeoutMS, did you mean timeoutMs?',
  ],
  ['another word', { ...OPTIONS, retry: 5 }, 'no option retry. The options are: baseUrl, '],
])('a client is not made with wrong options: %s', (_name, options, message) => {
  expect(() => makeClient(options)).toThrow(message)
})

test('a call with an unknown option is refused before it is sent', async () => {
  let callCount = 0
  const fetch = async () => {
    callCount += 1
    return Response.json({ payments_session: {} })
  }
  const client = makeClient({ ...OPTIONS, fetch })
  const body = { amount: 1, currency: 'INR' } as const
  const misspelt: object = { idempotency_key: 'order-1' }
  await expect(client.paymentSessions.create(body, misspelt)).rejects.toThrow(
    'A call has no option idempotency_key, did you mean idempotencyKey? The options are: idempotencyKey, signal.',
  )
  expect(callCount).toBe(0)
  await client.paymentSessions.create(body, { idempotencyKey: 'order-1' })
  expect(callCount).toBe(1)
})

test('an object in place of an id is refused, because the path would have no id', async () => {
  const retrieve = makeClient(OPTIONS).paymentSessions.retrieve as (id: unknown) => Promise<unknown>
  await expect(retrieve({ payments_session_id: '1' })).rejects.toThrow(
    'payments_session_id must be an id, but it is an object.',
  )
  await expect(retrieve(['1'])).rejects.toThrow('but it is a list.')
})

test('a sandbox and a receiver with an unknown option or a wrong seed are refused', async () => {
  const start = startSandbox as (options: object) => ReturnType<typeof startSandbox>
  await expect(start({ sed: 'shop' })).rejects.toThrow('A sandbox has no option sed.')
  await expect(start({ seed: 5 })).rejects.toThrow("seed must be a text such as '5', not 5.")
  await using sandbox = await startSandbox()
  const misspelt: object = { event: ['payment.succeeded'] }
  await expect(sandbox.receiver(misspelt)).rejects.toThrow('A receiver has no option event.')
  expect(await sandbox.client.webhooks.list()).toEqual([])
})

test.each(['127.0.0.1:4242', 'localhost:4242', ''])(
  'a connection to the address %j is refused',
  async (address) => {
    await expect(connectSandbox(address)).rejects.toThrow(
      `A sandbox's address begins with http:// or https://, but it is "${address}".`,
    )
  },
)
