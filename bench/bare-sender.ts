/** The limit of `deliver`: `node:http` signs and sends the same number of webhooks, without a database. */
import { Agent, request } from 'node:http'
import { signWebhook } from '../src/domain/webhook-signature.ts'
import {
  DELIVERY_COUNT_MAX,
  DELIVERY_COUNT_PER_ENDPOINT,
} from '../src/operations/delivery-queue.ts'
import { answerParent } from './worker.ts'

/** The worker answers its parent after the receivers have answered all webhooks. */
export type SendQuestion = {
  readonly ports: readonly number[]
  readonly eventCount: number
  readonly body: string
  readonly key: string
}

answerParent(async ({ body, eventCount, key, ports }: SendQuestion) => {
  const agent = new Agent({ keepAlive: true, maxSockets: DELIVERY_COUNT_PER_ENDPOINT })
  let begunCount = 0
  const lane = async () => {
    while (begunCount < eventCount * ports.length) {
      const eventId = String(1 + Math.floor(begunCount / ports.length))
      const port = ports[begunCount % ports.length] as number
      begunCount += 1
      const headers = signWebhook({ body, eventId, atMs: Date.now(), keys: [key] })
      const status = await post(agent, port, headers, body)
      if (status !== 200) throw new Error(`an answer that is not 200 but ${status}`)
    }
  }
  await Promise.all(Array.from({ length: DELIVERY_COUNT_MAX }, lane))
  agent.destroy()
  return begunCount
})

function post(
  agent: Agent,
  port: number,
  headers: Readonly<Record<string, string>>,
  body: string,
): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const call = request(
      {
        agent,
        port,
        host: '127.0.0.1',
        method: 'POST',
        path: '/webhooks',
        headers: {
          ...headers,
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
        },
      },
      (response) => {
        response.resume()
        response.on('end', () => resolve(response.statusCode))
      },
    )
    call.once('error', reject)
    call.end(body)
  })
}
