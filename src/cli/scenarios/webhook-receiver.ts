import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { verifyWebhook } from '../../client/verification/webhooks.ts'

/** One webhook, as it came. */
export type ReceivedWebhook = {
  readonly eventType: string
  readonly eventId: string
  /** The object it is about, whatever its key. */
  readonly object: Readonly<Record<string, unknown>>
  /** It carries a right signature of the endpoint's key. */
  readonly isGenuine: boolean
  /** It was answered with a status from 200 to 299. */
  readonly isTaken: boolean
}

/** What the receiver answers: a status, or nothing at all. */
export type ReceiverAnswer = number | 'cut'

/** A merchant's receiver of webhooks, on the loopback address, that keeps what it was sent. */
export type WebhookReceiver = {
  readonly url: string
  /** Everything but the test at the registration, in the order in which it came. */
  readonly received: readonly ReceivedWebhook[]
  readonly answerWith: (answer: ReceiverAnswer) => void
  /** Says by which key signatures are checked. */
  readonly expectKey: (signingKey: string) => void
  readonly close: () => Promise<void>
}

/** Ours are a few kilobytes at most; what is longer is cut off. Unit: bytes. */
const BODY_BYTES_MAX = 1_048_576

/** Starts a receiver on a free port. It answers 200 until it is told otherwise. */
export async function startWebhookReceiver(): Promise<WebhookReceiver> {
  const received: ReceivedWebhook[] = []
  let answer: ReceiverAnswer = 200
  let signingKey: string | undefined

  const server = createServer((message, response) => {
    const chunks: Buffer[] = []
    let byteCount = 0
    message.on('data', (chunk: Buffer) => {
      byteCount += chunk.length
      if (byteCount > BODY_BYTES_MAX) message.destroy()
      else chunks.push(chunk)
    })
    message.on('end', () => {
      const body = Buffer.concat(chunks)
      const event = eventFrom(body)
      if (event.eventType !== 'webhook.test') {
        const isGenuine = isSigned(body, message.headers, signingKey)
        received.push({ ...event, isGenuine, isTaken: typeof answer === 'number' && answer < 300 })
      }
      if (answer === 'cut') message.socket.destroy()
      else response.writeHead(answer).end()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks`,
    received,
    answerWith: (to) => {
      answer = to
    },
    expectKey: (key) => {
      signingKey = key
    },
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

/** What is no event of ours shows as one without a type. */
function eventFrom(body: Buffer): Pick<ReceivedWebhook, 'eventType' | 'eventId' | 'object'> {
  try {
    const { event_id, event_object, event_type } = JSON.parse(body.toString('utf8')) as {
      readonly event_id: number
      readonly event_type: string
      readonly event_object: Readonly<Record<string, Readonly<Record<string, unknown>>>>
    }
    const [object = {}] = Object.values(event_object)
    return { eventType: String(event_type), eventId: String(event_id), object }
  } catch {
    return { eventType: 'unreadable', eventId: '', object: {} }
  }
}

function isSigned(
  body: Buffer,
  headers: Readonly<Record<string, string | string[] | undefined>>,
  key: string | undefined,
): boolean {
  if (key === undefined) return false
  const atMs = 1000 * Number(headers['webhook-timestamp'])
  try {
    // By the time it carries: this machine's clock is not the sandbox's.
    verifyWebhook(body, headers, key, { nowMs: atMs })
    return true
  } catch {
    return false
  }
}
