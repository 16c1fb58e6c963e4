/** A merchant's unreliable receiver of webhooks. It is written from the documentation alone. */
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { closedWithFile } from './left-open.ts'

/** One event and its requests. */
export type ReceivedEvent = {
  readonly id: string
  readonly type: string
  readonly paymentId: string
  readonly body: string
  /** The number of all requests, and of the requests after an accepted one. */
  count: number
  againCount: number
  /** True if it got a complete 2xx answer. */
  isTaken: boolean
}

/** A receiver that listens on the loopback address. */
export type UnreliableReceiver = {
  readonly url: string
  /** The events by their ids. */
  readonly events: ReadonlyMap<string, ReceivedEvent>
  /** Descriptions of forbidden deliveries. */
  readonly wrong: readonly string[]
  /** The number of answers by kind. */
  readonly answers: ReadonlyMap<Answer, number>
  /** Sets the key that must sign all later deliveries. */
  readonly expectKey: (key: string) => void
  /** Sets the answers to later deliveries. */
  readonly answerBy: (answers: Readonly<Partial<Record<Answer, number>>>) => void
  readonly close: () => Promise<void>
}

/**
 * `taken`: 200 at once. `taken_slowly`: 200 with a slow body. `error`: 500. `slow_error`: 500 with a slow body.
 * `reset`: a reset without an answer. `cut`: 200, and a reset in the middle of the body. `silent`: no answer, and the
 * connection stays open. `endless`: an answer with a body that never ends.
 */
export type Answer =
  | 'taken'
  | 'taken_slowly'
  | 'error'
  | 'slow_error'
  | 'reset'
  | 'cut'
  | 'silent'
  | 'endless'

/** The maximum duration of a slow body, in milliseconds. */
const SLOW_MS_MAX = 500

/** Starts a receiver that accepts everything until `answerBy` sets other shares; the rest is `taken`. */
export async function startUnreliableReceiver(): Promise<UnreliableReceiver> {
  const events = new Map<string, ReceivedEvent>()
  const wrong: string[] = []
  const answers = new Map<Answer, number>()
  let shares: readonly (readonly [Answer, number])[] = []
  let key: string | undefined

  const drawAnswer = (): Answer => {
    let remainder = Math.random()
    for (const [answer, share] of shares) {
      remainder -= share
      if (remainder < 0) return answer
    }
    return 'taken'
  }

  /** Reads the event of a request. Undefined: the request does not have the signature of the expected key. */
  function readEvent(request: IncomingMessage, body: string): ReceivedEvent | undefined {
    if (key !== undefined && !isSigned(request, body, key)) {
      wrong.push(`not signed: ${request.headers['x-zoho-webhook-signature']} ${body}`)
      return undefined
    }
    const { event_id: number, event_type: type, event_object: object } = JSON.parse(body)
    const id = String(number)
    const firstEvent = events.get(id)
    if (firstEvent !== undefined) {
      if (firstEvent.body !== body)
        wrong.push(`event ${id} has two bodies: ${firstEvent.body} ${body}`)
      return firstEvent
    }
    const paymentId = String(object?.payment?.payment_id)
    const event = { id, type, paymentId, body, count: 0, againCount: 0, isTaken: false }
    events.set(id, event)
    return event
  }

  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('error', () => {
      // The sender was killed.
    })
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const event = readEvent(request, Buffer.concat(chunks).toString())
      if (event === undefined) return void response.writeHead(401).end()
      event.count += 1
      if (event.isTaken) event.againCount += 1
      const answer = drawAnswer()
      answers.set(answer, (answers.get(answer) ?? 0) + 1)
      send(response, answer)
      if (answer === 'taken' || answer === 'taken_slowly') {
        response.once('finish', () => {
          event.isTaken = true
        })
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks`,
    events,
    wrong,
    answers,
    expectKey: (expected) => {
      key = expected
    },
    answerBy: (newShares) => {
      shares = Object.entries(newShares) as [Answer, number][]
    },
    close: closedWithFile(async () => {
      const closing = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closing
    }),
  }
}

/** Checks the documented signature: `t=<milliseconds>,v=<hex of HMAC-SHA256 over "t.body">`. */
function isSigned({ headers }: IncomingMessage, body: string, key: string): boolean {
  const [, t, v] = /^t=(\d+),v=([\da-f]{64})$/.exec(`${headers['x-zoho-webhook-signature']}`) ?? []
  return t !== undefined && createHmac('sha256', key).update(`${t}.${body}`).digest('hex') === v
}

function send(response: ServerResponse, answer: Answer): void {
  const { socket } = response
  const text = '{"received": true, "by": "an unreliable receiver"}'
  const begin = (status: number) => {
    response.writeHead(status, { 'content-type': 'application/json' })
    response.write(text.slice(0, 20))
  }
  switch (answer) {
    case 'taken':
      response.writeHead(200).end(text)
      return
    case 'error':
      response.writeHead(500).end('{"message": "the shop is closed"}')
      return
    case 'taken_slowly':
    case 'slow_error':
      begin(answer === 'taken_slowly' ? 200 : 500)
      setTimeout(() => response.end(text.slice(20)), Math.random() * SLOW_MS_MAX)
      return
    case 'reset':
      socket?.resetAndDestroy()
      return
    case 'cut':
      begin(200)
      // The reset comes in a later turn, after the beginning of the answer is sent.
      setImmediate(() => socket?.resetAndDestroy())
      return
    case 'endless':
      begin(200)
      return
    case 'silent':
  }
}
