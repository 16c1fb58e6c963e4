import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { systemClock } from '../server/clock.ts'
import { forwardEvent } from './forward-event.ts'
import { receiverFrom } from './receiver-url.ts'

test.each([
  ['3000', 'http://localhost:3000'],
  [':3000', 'http://localhost:3000'],
  [':3000/hook', 'http://localhost:3000/hook'],
  ['3000/hook?shop=1', 'http://localhost:3000/hook?shop=1'],
  ['localhost:3000/hook', 'http://localhost:3000/hook'],
  ['shop.test/hook', 'http://shop.test/hook'],
  ['[::1]:3000', 'http://[::1]:3000'],
  ['http://127.0.0.1:3000/hook', 'http://127.0.0.1:3000/hook'],
  ['https://shop.example/hook', 'https://shop.example/hook'],
])('the receiver %s is read as the URL %s', (text, url) => {
  expect(receiverFrom(text)).toBe(url)
})

test.each(['', 'ftp://127.0.0.1', '70000', 'http://', 'a b', 'http://user:secret@shop.example'])(
  'the receiver "%s" is refused, and the message shows the three forms',
  (text) => {
    expect(() => receiverFrom(text)).toThrow(/URL such as .*localhost:3000\/webhooks, or a port/)
  },
)

test('the error for an https receiver on a plain http port names the cause', async () => {
  const server = createServer((_request, response) => response.end())
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  const outcome = await forwardEvent(
    { url: `https://127.0.0.1:${port}/hook`, signingKey: 'key' },
    { id: '1', body: '{}' },
    systemClock,
    new AbortController().signal,
  )
  server.close()
  expect(outcome).toMatchObject({
    kind: 'failed',
    reason: 'the port speaks http, not https: write http:// in the URL',
  })
})
