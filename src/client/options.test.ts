/** Programs without types get a clear error about a wrong option, not a client without that option. */
import { inspect } from 'node:util'
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

test.each([
  ['http://user:hidden@127.0.0.1', 'baseUrl must have no user name and no password'],
  ['ftp://user:hidden@127.0.0.1', 'but it is "ftp://***@127.0.0.1"'],
  ['//user:hidden@127.0.0.1', 'but it is "//***@127.0.0.1"'],
  ['http://127.0.0.1/?a=b', 'baseUrl must have no query and no fragment, but it is "http://127'],
  ['http://127.0.0.1/#a', 'baseUrl must have no query and no fragment'],
])('the address %s is refused, and its password is not repeated', (baseUrl, message) => {
  expect(() => makeClient({ ...OPTIONS, baseUrl })).toThrow(message)
  expect(() => makeClient({ ...OPTIONS, baseUrl })).not.toThrow('hidden')
  expect(() => makeClient({ ...OPTIONS, accountsUrl: baseUrl })).toThrow('accountsUrl must')
})

test.each([
  [
    'hidden\n',
    'accessToken must have only printable characters of ASCII, but character 7 is U+000A.',
  ],
  ['hid\r\nX-Evil: 1', 'but character 4 is U+000D.'],
  ['hidden€', 'but character 7 is U+20AC.'],
  ['', 'accessToken must be a text, and not empty.'],
  [7, 'accessToken must be a text, and not empty.'],
])('no error repeats an access token that no header can have: %j', (accessToken, message) => {
  expect(() => makeClient({ ...OPTIONS, accessToken })).toThrow(message)
  expect(() => makeClient({ ...OPTIONS, accessToken })).not.toThrow('hidden')
})

test('an access token of the accounts server that no header can have is refused, and the error does not contain it', async () => {
  const oauth = { clientId: 'a', clientSecret: 'b', refreshToken: 'c' }
  const fetch = async () => Response.json({ access_token: 'hidden\n' })
  const client = makeClient({ ...OPTIONS, accessToken: undefined, oauth, fetch, retries: 0 })
  const error: Error = await client.payments.retrieve('1').catch((one) => one)
  expect(error.message).toContain('invalid_token_response')
  expect(inspect(error)).not.toContain('hidden')
})

test('an idempotency key cannot add a header', async () => {
  const client = makeClient({ ...OPTIONS, fetch: () => expect.unreachable() })
  const body = { amount: 1, currency: 'INR' } as const
  for (const idempotencyKey of ['a\r\nX-Evil: 1', 'é', '', 'a'.repeat(256)]) {
    await expect(client.paymentSessions.create(body, { idempotencyKey })).rejects.toThrow(
      /^idempotencyKey must/,
    )
  }
})

test('no id and no query leads a call to another operation or account', async () => {
  const urls: URL[] = []
  const fetch = async (url: URL) => {
    urls.push(url)
    return Response.json({ payment: {} })
  }
  const client = makeClient({ ...OPTIONS, fetch })
  for (const id of ['.', '..']) {
    await expect(client.payments.retrieve(id)).rejects.toThrow(
      `payment_id must be an id, but it is "${id}"`,
    )
  }
  for (const id of ['../refunds', '..\\..', '%2e%2e', '1?account_id=2', '1#', '..;']) {
    await client.payments.retrieve(id)
  }
  const hostile: object = { account_id: '2', page: 1 }
  await client.payments.list(hostile)
  expect(urls.map(({ pathname }) => pathname.split('/').length)).toEqual([5, 5, 5, 5, 5, 5, 4])
  expect(urls.every(({ searchParams }) => searchParams.getAll('account_id').join() === '1')).toBe(
    true,
  )
  expect(urls.every(({ hash }) => hash === '')).toBe(true)
})

test('a call with an unknown option is refused before it is sent', async () => {
  let callCount = 0
  const fetch = async () => {
    callCount += 1
    return Response.json({ payments_session: {} })
  }
  const client = makeClient({ ...OPTIONS, fetch })
  const body = { amount: 1, currency: 'INR' } as const
  const wrongOptions: object = { idempotency_key: 'order-1' }
  await expect(client.paymentSessions.create(body, wrongOptions)).rejects.toThrow(
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

test('a sandbox with an unknown option or a wrong seed, and a receiver with an unknown option, are refused', async () => {
  const start = startSandbox as (options: object) => ReturnType<typeof startSandbox>
  await expect(start({ sed: 'shop' })).rejects.toThrow('A sandbox has no option sed.')
  await expect(start({ seed: 5 })).rejects.toThrow("seed must be a text such as '5', not 5.")
  await using sandbox = await startSandbox()
  const wrongOptions: object = { event: ['payment.succeeded'] }
  await expect(sandbox.receiver(wrongOptions)).rejects.toThrow('A receiver has no option event.')
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
