import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { verifyWebhook, type WebhookEvent } from '../client/webhooks.ts'

/** The headers of a request by their names in lower case. */
type Headers = Readonly<Record<string, string | readonly string[] | undefined>>

/** One webhook request, and its answer. */
export type ReceivedRequest = {
  readonly headers: Headers
  /** Exactly as it was sent. */
  readonly body: string
  /** Undefined: the signature is wrong, and `problem` has the reason. */
  readonly event: WebhookEvent | undefined
  readonly problem: Error | undefined
  /** The status of the answer. 0: the connection was cut without an answer. */
  readonly status: number
}

/** An HTTP server on the loopback address that checks and keeps webhooks. */
export type WebhookListener = {
  readonly url: string
  /** Every request since `expectKey` was called, in the order of arrival. */
  readonly requests: readonly ReceivedRequest[]
  /**
   * Sets the key that checks signatures. Earlier requests get a 200 and are not kept, because the registration sends
   * a test request before it returns the key.
   */
  readonly expectKey: (signingKey: string) => void
  readonly close: () => Promise<void>
}

type ListenerOptions = {
  /** Returns the time for the check of signatures, in milliseconds since 1970. */
  readonly nowMs: (headers: Headers) => number | Promise<number>
  /** Returns the status of the answer, or `cut` to end the connection without an answer. */
  readonly answer: (request: Pick<ReceivedRequest, 'event' | 'problem'>) => number | 'cut'
  /** Called after each answer. */
  readonly onAnswered?: () => void
}

/** The longest body, in bytes. Webhooks have a few kilobytes; a longer request is cut off. */
const BODY_BYTES_MAX = 1_048_576

/** Starts a listener on a free port. */
export async function startWebhookListener({
  answer,
  nowMs,
  onAnswered = () => {},
}: ListenerOptions): Promise<WebhookListener> {
  const requests: ReceivedRequest[] = []
  let signingKey: string | undefined
  // One request after the other, so that they are kept in the order of arrival.
  let turn: Promise<unknown> = Promise.resolve()

  async function receive(headers: Headers, body: string): Promise<number | 'cut'> {
    if (signingKey === undefined) return 200
    const result = check(body, headers, signingKey, await nowMs(headers))
    const reply = answer(result)
    requests.push({ headers, body, ...result, status: reply === 'cut' ? 0 : reply })
    return reply
  }

  const server = createServer((message, response) => {
    readBody(message, (body) => {
      turn = turn
        .then(() => receive(message.headers, body))
        .then((reply) => {
          if (reply === 'cut') message.socket.destroy()
          else response.writeHead(reply).end()
          onAnswered()
        })
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // A server that listens on a port has an address with a port.
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/webhooks`,
    requests,
    expectKey: (key) => {
      signingKey = key
    },
    close: async () => {
      if (!server.listening) return
      const closing = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closing
    },
  }
}

function readBody(message: IncomingMessage, onBody: (body: string) => void): void {
  const chunks: Uint8Array[] = []
  let byteCount = 0
  message.on('data', (chunk: Uint8Array) => {
    byteCount += chunk.length
    if (byteCount > BODY_BYTES_MAX) message.destroy()
    else chunks.push(chunk)
  })
  message.on('end', () => onBody(Buffer.concat(chunks).toString('utf8')))
}

function check(
  body: string,
  headers: Headers,
  signingKey: string,
  nowMs: number,
): Pick<ReceivedRequest, 'event' | 'problem'> {
  try {
    return { event: verifyWebhook(body, headers, signingKey, { nowMs }), problem: undefined }
  } catch (error) {
    return { event: undefined, problem: error instanceof Error ? error : new Error(String(error)) }
  }
}
