/** A merchant's receiver of webhooks, which records the requests. */
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { closedWithFile } from './left-open.ts'

/** One unchanged request. */
export type ReceivedRequest = {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  /** The bytes of the body as text, unparsed. */
  readonly body: string
}

/** The answer to a request. `reset`: the connection is cut. `hang`: no answer. */
export type ReceiverAnswer =
  | {
      readonly status: number
      readonly body?: string
      readonly headers?: Readonly<Record<string, string>>
    }
  | 'reset'
  | 'hang'

/** A receiver that listens on the loopback address. */
export type Receiver = {
  /** Its origin: `http://127.0.0.1:40123`. */
  readonly url: string
  /** All requests so far, in the order of arrival. */
  readonly received: readonly ReceivedRequest[]
  /** Resolves when at least `count` requests have arrived since the start. */
  readonly waitFor: (count: number) => Promise<readonly ReceivedRequest[]>
  /** Stops listening and cuts open connections. It may be called twice. */
  readonly close: () => Promise<void>
}

/** Starts a receiver on a free port. By default it answers 200. */
export async function startReceiver(
  answer: (request: ReceivedRequest) => ReceiverAnswer = () => ({ status: 200 }),
): Promise<Receiver> {
  const receivedItems: ReceivedRequest[] = []
  const waiters = new Set<() => void>()
  const server = createServer((message, response) => {
    const chunks: Buffer[] = []
    message.on('data', (chunk: Buffer) => chunks.push(chunk))
    message.on('end', () => {
      const { headers, url: path = '' } = message
      const request = { path, headers, body: Buffer.concat(chunks).toString('utf8') }
      receivedItems.push(request)
      const nextAnswer = answer(request)
      if (nextAnswer === 'reset') message.socket.resetAndDestroy()
      else if (nextAnswer !== 'hang') {
        response.writeHead(nextAnswer.status, nextAnswer.headers).end(nextAnswer.body)
      }
      for (const look of waiters) look()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received: receivedItems,
    waitFor: (count) =>
      new Promise((resolve) => {
        const look = () => {
          if (receivedItems.length < count) return
          waiters.delete(look)
          resolve([...receivedItems])
        }
        waiters.add(look)
        look()
      }),
    close: closedWithFile(() => closeServer(server)),
  }
}

async function closeServer(server: Server): Promise<void> {
  if (!server.listening) return
  const end = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await end
}
