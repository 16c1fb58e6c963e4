import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { once } from 'node:events'
import {
  createServer as createHttpServer,
  type Server as HttpServer,
  type RequestListener,
} from 'node:http'
import {
  type AddressInfo,
  createServer as createTcpServer,
  type Server,
  type Socket,
} from 'node:net'
import tls from 'node:tls'
import { afterEach, describe, expect, test } from 'vitest'
import type { WebhookTargets } from './address-guard.ts'
import { createWebhookPoster, WEBHOOK_TIMEOUT_MS, type WebhookPoster } from './post-webhook.ts'

const LIVE: WebhookTargets = { allowsLoopback: false, networks: [] }
const SANDBOX: WebhookTargets = { allowsLoopback: true, networks: [] }
/** A limit that no normal call reaches, even on a busy machine. */
const LONG_MS = 30_000
/** A limit that a test can wait for. */
const SHORT_MS = 1000
/** A public address without a host: a call to it always fails. */
const NOBODY = '192.0.1.1'

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

/** Makes a sender with a clock that advances by one second at each read. */
function poster(options: Partial<Parameters<typeof createWebhookPoster>[0]> = {}): WebhookPoster {
  let nowMs = 0
  const clock = { nowMs: () => (nowMs += 1000) }
  const newPoster = createWebhookPoster({ targets: SANDBOX, clock, timeoutMs: LONG_MS, ...options })
  closing.push(() => newPoster.close())
  return newPoster
}

async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closing.push(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return (server.address() as AddressInfo).port
}

/** Starts a real HTTP server. `connections` counts its connections. */
async function serve(listener: RequestListener) {
  const server: HttpServer = createHttpServer(listener)
  let connections = 0
  server.on('connection', () => {
    connections += 1
  })
  const port = await listen(server)
  return { url: `http://127.0.0.1:${port}/hook?x=1`, port, connections: () => connections }
}

/** Starts a server that calls a function for each request on a socket. */
async function serveRaw(onRequest: (socket: Socket, connection: number, request: number) => void) {
  let connections = 0
  const server = createTcpServer((socket) => {
    connections += 1
    const connection = connections
    let requests = 0
    socket.on('data', () => {
      requests += 1
      onRequest(socket, connection, requests)
    })
  })
  const port = await listen(server)
  return { url: `http://127.0.0.1:${port}/`, port, connections: () => connections }
}

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'
const message = (url: string) => ({ url, headers: {}, body: '{"a":1}' })

describe('the request', () => {
  test('a webhook arrives as one POST with exactly its body and headers', async () => {
    const requests: unknown[] = []
    const server = await serve((request, response) => {
      let body = ''
      request.setEncoding('utf8')
      request.on('data', (chunk) => {
        body += chunk
      })
      request.on('end', () => {
        requests.push({ method: request.method, url: request.url, headers: request.headers, body })
        response.end()
      })
    })
    const headers = {
      'X-Signature': 't=1,v=2',
      // Callers cannot set these.
      Host: 'metadata.google.internal',
      'Content-Length': '3',
      'Transfer-Encoding': 'chunked',
      'Accept-Encoding': 'gzip',
    }
    await poster().post({ url: server.url, headers, body: '{"city":"لاہور"}' })
    expect(requests).toEqual([
      {
        method: 'POST',
        url: '/hook?x=1',
        headers: {
          'accept-encoding': 'identity',
          connection: 'keep-alive',
          'content-length': '21',
          'content-type': 'application/json',
          host: `127.0.0.1:${server.port}`,
          'user-agent': 'Paydesk-Webhooks/1',
          'x-signature': 't=1,v=2',
        },
        body: '{"city":"لاہور"}',
      },
    ])
  })

  test('a caller’s content type is sent unchanged', async () => {
    const server = await serve((request, response) => {
      response.end(request.headers['content-type'])
    })
    const headers = { 'Content-Type': 'text/plain' }
    expect(await poster().post({ url: server.url, headers, body: 'x' })).toMatchObject({
      body: 'text/plain',
    })
  })

  test('a header that could split the request is not sent', async () => {
    const server = await serve((_request, response) => response.end())
    const headers = { 'x-a': 'b\r\nx-c: d' }
    expect(await poster().post({ url: server.url, headers, body: '' })).toMatchObject({
      kind: 'failed',
      reason: 'protocol',
    })
    expect(server.connections()).toBe(0)
  })
})

describe('the answer', () => {
  test.each([200, 201, 204, 301, 302, 307, 308, 400, 401, 404, 410, 429, 500, 503])(
    'the status %i is returned unchanged, and no redirect is followed',
    async (status) => {
      const elsewhere = await serve((_request, response) => response.end())
      const server = await serve((_request, response) => {
        response.writeHead(status, { location: elsewhere.url }).end(status === 204 ? '' : 'text')
      })
      expect(await poster().post(message(server.url))).toEqual({
        kind: 'answered',
        status,
        body: status === 204 ? '' : 'text',
        durationMs: 1000,
      })
      expect(elsewhere.connections()).toBe(0)
    },
  )

  test('a clock that is set back causes no negative duration', async () => {
    const server = await serve((_request, response) => response.end())
    const times = [5000, 1000]
    const clock = { nowMs: () => times.shift() ?? 0 }
    expect(await poster({ clock }).post(message(server.url))).toMatchObject({ durationMs: 0 })
  })

  test.each([
    ['2048 letters are kept', 'a'.repeat(2048), 'a'.repeat(2048)],
    ['one of 2049 letters is dropped', 'a'.repeat(2049), 'a'.repeat(2048)],
    ['a split character is dropped', `${'a'.repeat(2047)}é`, 'a'.repeat(2047)],
    ['a split character of four bytes is dropped', `${'a'.repeat(2045)}😀`, 'a'.repeat(2045)],
    ['a character at the limit is kept', `${'a'.repeat(2044)}😀b`, `${'a'.repeat(2044)}😀`],
    ['Urdu text is kept', 'شکریہ\u200f!', 'شکریہ\u200f!'],
    ['tabs and line feeds are kept', 'a\tb\r\nc', 'a\tb\nc'],
    ['terminal control characters are removed', '\u001b[31mred\u0007\u0000\u009b', '[31mred'],
    ['characters for text direction are removed', 'a\u202eb\u2066c\u2028d', 'abcd'],
    [
      'bytes that are not UTF-8 become replacement characters',
      Buffer.from([0x61, 0xff, 0x62]),
      'a\ufffdb',
    ],
    ['replacement characters count as text', Buffer.alloc(2048, 0xff), '\ufffd'.repeat(682)],
    ['HTML markup is kept as text', '<script>', '<script>'],
  ])(
    'an answer’s body is stored as at most 2 KiB of harmless text: %s',
    async (_name, sentBody, keptText) => {
      const server = await serve((_request, response) => response.end(sentBody))
      expect(await poster().post(message(server.url))).toMatchObject({
        status: 200,
        body: keptText,
      })
    },
  )

  test('a character in two chunks is decoded correctly', async () => {
    const server = await serve((_request, response) => {
      const bytes = Buffer.from('€')
      response.write(bytes.subarray(0, 1), () => response.end(bytes.subarray(1)))
    })
    expect(await poster().post(message(server.url))).toMatchObject({ body: '€' })
  })

  test('an endless body is truncated, and its status still counts', async () => {
    let isCut = () => {}
    const cut = new Promise<void>((resolve) => {
      isCut = resolve
    })
    const server = await serve((_request, response) => {
      const write = () => {
        if (!response.destroyed) response.write('x'.repeat(16_384), () => setImmediate(write))
      }
      response.on('close', isCut)
      write()
    })
    expect(await poster().post(message(server.url))).toMatchObject({
      kind: 'answered',
      status: 200,
      body: 'x'.repeat(2048),
    })
    await cut
  })
})

describe('failures', () => {
  test('a call times out after 15 seconds', () => {
    expect(WEBHOOK_TIMEOUT_MS).toBe(15_000)
  })

  test('a call without an answer in time fails with a timeout', async () => {
    const server = await serve(() => {})
    expect(await poster({ timeoutMs: SHORT_MS }).post(message(server.url))).toEqual({
      kind: 'failed',
      reason: 'timeout',
      detail: 'No answer came within 1 s.',
      durationMs: 1000,
    })
  })

  test('a slow body does not prolong the call, with any status', async () => {
    const outcomes = await Promise.all(
      [200, 404, 503].map(async (status) => {
        const server = await serve((_request, response) => {
          response.statusCode = status
          const timer = setInterval(() => response.write('.'), 20)
          response.on('close', () => clearInterval(timer))
        })
        return poster({ timeoutMs: SHORT_MS }).post(message(server.url))
      }),
    )
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({
        reason: 'timeout',
        detail: 'The answer was not complete within 1 s.',
      })
    }
  })

  test('slow headers do not prolong the call', async () => {
    const server = await serveRaw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n')
      const timer = setInterval(() => socket.write('x: y\r\n'), 20)
      socket.on('close', () => clearInterval(timer))
    })
    expect(await poster({ timeoutMs: SHORT_MS }).post(message(server.url))).toMatchObject({
      reason: 'timeout',
    })
  })

  test('a host name that never resolves fails with a timeout', async () => {
    const lookup = () => new Promise<never>(() => {})
    expect(
      await poster({ timeoutMs: SHORT_MS, lookup }).post(message('https://slow.example/')),
    ).toMatchObject({ reason: 'timeout', detail: 'No connection was made within 1 s.' })
  })

  test.each([
    ['rejects', () => Promise.reject(new Error('secret'))],
    ['returns no address', () => Promise.resolve([])],
  ])('a host name whose lookup %s fails with a name error', async (_name, lookup) => {
    expect(await poster({ lookup }).post(message('https://no.example/'))).toEqual({
      kind: 'failed',
      reason: 'dns',
      detail: 'The name of the host could not be resolved.',
      durationMs: 1000,
    })
  })

  test('a closed port fails with a connection error', async () => {
    const server = createTcpServer()
    const port = await listen(server)
    server.close()
    await once(server, 'close')
    for (const host of ['127.0.0.1', 'localhost']) {
      expect(await poster().post(message(`http://${host}:${port}/`))).toMatchObject({
        reason: 'connect',
        detail: 'The connection was refused.',
      })
    }
  })

  test.each([
    ['before the answer', (socket: Socket) => socket.destroy()],
    ['by a reset', (socket: Socket) => socket.resetAndDestroy()],
    ['in the headers', (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\nConte')],
    [
      'in the body',
      (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab'),
    ],
    [
      'in a chunk',
      (socket: Socket) =>
        socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nab'),
    ],
  ])('a connection that ends %s fails with a reset', async (_when, onRequest) => {
    const server = await serveRaw(onRequest)
    expect(await poster().post(message(server.url))).toMatchObject({
      kind: 'failed',
      reason: 'reset',
    })
    expect(server.connections()).toBe(1)
  })

  test.each([
    ['SSH-2.0-OpenSSH_9.2 secret\r\n'],
    ['220 mail.example ESMTP secret\r\n'],
    ['-ERR unknown command secret\r\n'],
    ['HTTP/1.1 two hundred secret\r\n\r\n'],
    ['HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nsecret'],
    [`HTTP/1.1 200 OK\r\nx: ${'secret'.repeat(20_000)}\r\n\r\n`],
    ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nsecret\r\n'],
    ['HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nsecret'],
  ])('an answer that is not HTTP fails with a protocol error: %j', async (text) => {
    const server = await serveRaw((socket) => socket.end(text))
    const answer = await poster().post(message(server.url))
    expect(answer).toMatchObject({ kind: 'failed', reason: 'protocol' })
    expect(JSON.stringify(answer)).not.toContain('secret')
  })

  test('a closed poster ends its calls and starts no more calls', async () => {
    const arrival = Promise.withResolvers<void>()
    const server = await serve(() => arrival.resolve())
    const closedPoster = poster()
    const underWay = closedPoster.post(message(server.url))
    await arrival.promise
    closedPoster.close()
    const stopFailure = {
      kind: 'failed',
      reason: 'connect',
      detail: 'Paydesk was stopped before the answer came.',
    }
    expect(await underWay).toMatchObject(stopFailure)
    expect(await closedPoster.post(message(server.url))).toMatchObject(stopFailure)
    expect(server.connections()).toBe(1)
  })

  test('a call returns an outcome for any URL', async () => {
    for (const url of ['', 'x', 'http://', 'https://[', 'http://a b', '\0'])
      expect(await poster().post(message(url))).toMatchObject({ reason: 'refused_address' })
  })
})

describe('the address of the call', () => {
  test('a host name that changes to a loopback address after its first call is refused', async () => {
    const server = await serve((_request, response) => response.end())
    for (const targets of [LIVE, SANDBOX]) {
      const answers = [[NOBODY], ['127.0.0.1']]
      let lookups = 0
      const lookup = async () => (answers[lookups++] ?? []).map((address) => ({ address }))
      const url = `https://rebind.example:${server.port}/`
      const calls = poster({ targets, lookup, timeoutMs: 3 * SHORT_MS })
      // A connection makes one lookup, so it calls the address that was checked.
      expect(['connect', 'timeout']).toContain(
        ((await calls.post(message(url))) as { reason: string }).reason,
      )
      expect(lookups).toBe(1)
      const second = await calls.post(message(url))
      expect(lookups).toBe(2)
      if (targets === LIVE) {
        expect(second).toMatchObject({
          reason: 'refused_address',
          detail:
            'The host resolves to a loopback address, which is allowed only if --webhook-networks has its network.',
        })
        expect(server.connections()).toBe(0)
      } else {
        // The same name reaches the server if it is allowed, so the count above is a real test.
        expect(second).toMatchObject({ reason: 'tls' })
        expect(server.connections()).toBe(1)
      }
    }
  })

  test.each([
    [[NOBODY, '127.0.0.1']],
    [['127.0.0.1', NOBODY]],
    [['2606:2800:21f:cb07::1', '::ffff:127.0.0.1']],
  ])('a host name with a public and a private address is refused: %j', async (addresses) => {
    const server = await serve((_request, response) => response.end())
    const lookup = async () => addresses.map((address) => ({ address }))
    const url = `https://mixed.example:${server.port}/`
    expect(await poster({ targets: LIVE, lookup }).post(message(url))).toMatchObject({
      reason: 'refused_address',
    })
    expect(server.connections()).toBe(0)
  })

  test('a loopback address is refused in live mode, in any spelling', async () => {
    const server = await serve((_request, response) => response.end())
    for (const host of [
      '127.0.0.1',
      'localhost',
      '127.1',
      '0x7f000001',
      '[::ffff:7f00:1]',
      '0.0.0.0',
    ]) {
      for (const scheme of ['http', 'https']) {
        const url = `${scheme}://${host}:${server.port}/`
        expect(await poster({ targets: LIVE }).post(message(url))).toMatchObject({
          reason: 'refused_address',
        })
      }
    }
    expect(server.connections()).toBe(0)
  })

  test('the remote address of a connection is checked again before anything is sent', async () => {
    let receivedCount = 0
    const server = await serveRaw(() => {
      receivedCount += 1
    })
    // The policy changes after the check of the lookup and before the connection is open.
    let allowsLoopback = true
    const targets = {
      get allowsLoopback() {
        return allowsLoopback
      },
      networks: [],
    }
    const lookup = async () => {
      setImmediate(() => {
        allowsLoopback = false
      })
      return [{ address: '127.0.0.1' }]
    }
    for (const scheme of ['http', 'https']) {
      allowsLoopback = true
      const url = `${scheme}://shop.example:${server.port}/`
      expect(await poster({ targets, lookup }).post(message(url))).toMatchObject({
        reason: 'refused_address',
      })
    }
    expect(receivedCount).toBe(0)
  })

  test('an http URL is called only if all addresses of its host are loopback or allowed addresses', async () => {
    const server = await serve((_request, response) => response.end('here'))
    const url = `http://merchant.example:${server.port}/`
    const lookupOf = (address: string) => async () => [{ address }]
    const allowedTargets: WebhookTargets = { allowsLoopback: false, networks: ['127.0.0.0/8'] }
    for (const targets of [SANDBOX, allowedTargets]) {
      const local = poster({ targets, lookup: lookupOf('127.0.0.1') })
      expect(await local.post(message(url))).toMatchObject({ body: 'here' })
      const onInternet = poster({ targets, lookup: lookupOf(NOBODY) })
      expect(await onInternet.post(message(url))).toMatchObject({ reason: 'refused_address' })
    }
  })

  test('localhost and its subdomains are resolved to loopback addresses without a DNS lookup', async () => {
    const server = await serve((request, response) => response.end(request.headers.host))
    const lookup = () => Promise.reject(new Error('asked'))
    for (const host of ['localhost', 'shop.localhost', 'localhost.']) {
      expect(
        await poster({ lookup }).post(message(`http://${host}:${server.port}/`)),
      ).toMatchObject({ body: `${host}:${server.port}` })
    }
  })
})

describe('connections', () => {
  test('calls to one host share a persistent connection', async () => {
    const server = await serve((_request, response) => response.end('ok'))
    const calls = poster()
    for (let call = 0; call < 5; call += 1) {
      expect(await calls.post(message(server.url))).toMatchObject({ status: 200 })
    }
    expect(server.connections()).toBe(1)
  })

  test('one host never has more connections than the limit, and further calls wait for one', async () => {
    const heldAnswers: (() => void)[] = []
    let isOpen = false
    const server = await serve((_request, response) => {
      heldAnswers.push(() => response.end('ok'))
      isOpen ||= heldAnswers.length === 16
      if (isOpen) for (const answer of heldAnswers.splice(0)) answer()
    })
    const calls = poster({ socketsPerHostMax: 16 })
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => calls.post(message(server.url))),
    )
    expect(answers.every((answer) => answer.kind === 'answered')).toBe(true)
    expect(server.connections()).toBe(16)
  })

  test('one host can get as many concurrent calls as a process has for all accounts', async () => {
    const heldAnswers: (() => void)[] = []
    const server = await serve((_request, response) => {
      heldAnswers.push(() => response.end('ok'))
      // No request is answered before all have arrived.
      if (heldAnswers.length === 256) for (const answer of heldAnswers.splice(0)) answer()
    })
    const calls = poster()
    const answers = await Promise.all(
      Array.from({ length: 256 }, (_, index) =>
        calls.post(message(`http://127.0.0.1:${server.port}/shop${index % 4}`)),
      ),
    )
    expect(answers.every((answer) => answer.kind === 'answered')).toBe(true)
  })

  test('a call has its full timeout after its wait for a connection', async () => {
    let receivedCount = 0
    const server = await serve(() => {
      receivedCount += 1
    })
    const calls = poster({ timeoutMs: SHORT_MS, totalMsMax: LONG_MS, socketsPerHostMax: 1 })
    const answers = await Promise.all(
      Array.from({ length: 3 }, () => calls.post(message(server.url))),
    )
    const detail = `No answer came within ${SHORT_MS / 1000} s.`
    const durationMs = expect.any(Number)
    const timedOut = { kind: 'failed', reason: 'timeout', detail, durationMs }
    expect(answers).toEqual([timedOut, timedOut, timedOut])
    expect(receivedCount).toBe(3)
  })

  test('a call does not wait forever for a connection, and is never sent twice', async () => {
    const receivedItems: string[] = []
    const server = await serve(({ url = '' }, response) => {
      receivedItems.push(url)
      if (url === '/next') response.end('ok')
    })
    const calls = poster({ totalMsMax: SHORT_MS, socketsPerHostMax: 1 })
    const messageTo = (path: string) => message(`http://127.0.0.1:${server.port}${path}`)
    const answers = await Promise.all(['/1', '/2', '/3'].map((path) => calls.post(messageTo(path))))
    const timedOut = { kind: 'failed', reason: 'timeout' }
    expect(answers).toMatchObject([timedOut, timedOut, timedOut])
    expect(await calls.post(messageTo('/next'))).toMatchObject({ status: 200 })
    expect(receivedItems).toContain('/1')
    expect(receivedItems).toHaveLength(new Set(receivedItems).size)
  })

  test('a persistent connection that closes at the start of a call loses no webhook', async () => {
    const server = await serveRaw((socket, connection, request) => {
      if (connection === 1 && request === 2) socket.destroy()
      else socket.write(OK)
    })
    const calls = poster()
    for (let call = 0; call < 2; call += 1) {
      expect(await calls.post(message(server.url))).toMatchObject({ status: 200, body: 'ok' })
    }
    expect(server.connections()).toBe(2)
  })

  test('a call on a closed persistent connection is repeated only once', async () => {
    let requests = 0
    const server = await serveRaw((socket) => {
      requests += 1
      if (requests === 1) socket.write(OK)
      else socket.destroy()
    })
    const calls = poster()
    expect(await calls.post(message(server.url))).toMatchObject({ status: 200 })
    expect(await calls.post(message(server.url))).toMatchObject({ reason: 'reset' })
    expect(requests).toBe(3)
  })

  test('a call is not repeated after the first byte of an answer', async () => {
    const server = await serveRaw((socket, _connection, request) => {
      if (request === 1) socket.write(OK)
      else socket.end('HTTP/1.1 2')
    })
    const calls = poster()
    expect(await calls.post(message(server.url))).toMatchObject({ status: 200 })
    expect(await calls.post(message(server.url))).toMatchObject({ reason: 'reset' })
    expect(server.connections()).toBe(1)
  })

  test('a repeated call passes the same checks as the first call', async () => {
    const server = await serveRaw((socket, _connection, request) => {
      if (request === 1) socket.write(OK)
      else socket.destroy()
    })
    const answers = ['127.0.0.1', '10.0.0.1']
    const lookup = async () => [{ address: answers.shift() ?? '' }]
    const calls = poster({ lookup })
    const url = `http://rebind.example:${server.port}/`
    expect(await calls.post(message(url))).toMatchObject({ status: 200 })
    expect(await calls.post(message(url))).toMatchObject({ reason: 'refused_address' })
    expect(server.connections()).toBe(1)
  })
})

describe('certificates', () => {
  const trustedCertificate = certificateFor('hooks.example')
  const lookup = async () => [{ address: '127.0.0.1' }]

  /** Answers each request, but closes the first connection at its third request. */
  async function serveTls(identity: { readonly key: string; readonly cert: string }) {
    const names: unknown[] = []
    const server = tls.createServer(identity, (socket) => {
      names.push(socket.servername)
      const connection = names.length
      let requests = 0
      socket.on('error', () => {})
      socket.on('data', () => {
        requests += 1
        if (connection === 1 && requests === 3) socket.end()
        else socket.write(OK)
      })
    })
    server.on('tlsClientError', () => {})
    return { port: await listen(server), names }
  }

  test('a trusted certificate is accepted, and its connection is reused and replaced after its close', async () => {
    const before = tls.getCACertificates('default')
    closing.push(() => tls.setDefaultCACertificates(before))
    tls.setDefaultCACertificates([...before, trustedCertificate.cert])
    const server = await serveTls(trustedCertificate)
    const calls = poster({ lookup })
    const url = `https://hooks.example.:${server.port}/`
    for (let call = 0; call < 2; call += 1) {
      expect(await calls.post(message(url))).toMatchObject({ status: 200, body: 'ok' })
    }
    expect(server.names).toEqual(['hooks.example'])
    expect(await calls.post(message(url))).toMatchObject({ status: 200, body: 'ok' })
    expect(server.names).toEqual(['hooks.example', 'hooks.example'])

    expect(await calls.post(message(`https://other.example:${server.port}/`))).toMatchObject({
      reason: 'tls',
      detail: 'The certificate is for another host.',
    })
  })

  test('an untrusted certificate is refused, even if the environment turns verification off', async () => {
    const server = await serveTls(trustedCertificate)
    // Node prints a warning about the variable, which would be among the results.
    const listeners = process.listeners('warning')
    process.removeAllListeners('warning')
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'
    closing.push(() => {
      for (const listener of listeners) process.on('warning', listener)
      delete process.env.NODE_TLS_REJECT_UNAUTHORIZED
    })
    expect(
      await poster({ lookup }).post(message(`https://hooks.example:${server.port}/`)),
    ).toMatchObject({ reason: 'tls', detail: 'The certificate is self-signed.' })
  })

  test('a server that does not speak TLS or closes the connection fails with a TLS error', async () => {
    for (const onRequest of [
      (socket: Socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'),
      (socket: Socket) => socket.destroy(),
    ]) {
      const server = await serveRaw(onRequest)
      expect(
        await poster({ lookup }).post(message(`https://hooks.example:${server.port}/`)),
      ).toMatchObject({ reason: 'tls' })
    }
  })

  test('a handshake that does not end fails with a timeout', async () => {
    const server = await serveRaw(() => {})
    expect(
      await poster({ lookup, timeoutMs: SHORT_MS }).post(
        message(`https://hooks.example:${server.port}/`),
      ),
    ).toMatchObject({ reason: 'timeout', detail: 'The TLS handshake did not finish within 1 s.' })
  })
})

/** Makes a self-signed certificate for one name (X.509, RFC 5280). Node can only read certificates. */
function certificateFor(name: string): { readonly key: string; readonly cert: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const der = (tag: number, ...parts: readonly Uint8Array[]) => {
    const content = Buffer.concat(parts)
    const { length } = content
    const size =
      length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255]
    return Buffer.concat([Buffer.from([tag, ...size]), content])
  }
  const oid = (hex: string) => der(0x06, Buffer.from(hex, 'hex'))
  const time = (text: string) => der(0x17, Buffer.from(text))
  const algorithm = der(0x30, oid('2a8648ce3d040302'))
  const subject = der(0x30, der(0x31, der(0x30, oid('550403'), der(0x0c, Buffer.from(name)))))
  const names = der(0x30, der(0x82, Buffer.from(name)))
  const body = der(
    0x30,
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1])),
    algorithm,
    subject,
    der(0x30, time('250101000000Z'), time('490101000000Z')),
    subject,
    (publicKey as KeyObject).export({ type: 'spki', format: 'der' }),
    der(0xa3, der(0x30, der(0x30, oid('551d11'), der(0x04, names)))),
  )
  const signature = sign('sha256', body, privateKey)
  const certificate = der(0x30, body, algorithm, der(0x03, Buffer.from([0]), signature))
  const lines = certificate.toString('base64').replace(/.{64}(?=.)/g, '$&\n')
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
  }
}
