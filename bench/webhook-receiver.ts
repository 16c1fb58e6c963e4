/** The receivers of merchants. Each listens on its own port and answers every webhook at once. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { answerParent } from './worker.ts'

/** A request to listen on a number of ports, or to wait for a number of different deliveries. */
export type ReceiverQuestion = { readonly listen: number } | { readonly expect: number }

/** The ports, or the number of deliveries per second between the first and the last one. */
export type ReceiverAnswer = { readonly ports: readonly number[]; readonly perSecond: number }

const ports: number[] = []
const receivedItems = new Set<string>()
let firstAtMs = 0
let expectedCount = 0
let onAll = () => {}

answerParent(async (question: ReceiverQuestion): Promise<ReceiverAnswer> => {
  if ('listen' in question) {
    for (let count = 0; count < question.listen; count += 1) ports.push(await listen())
    return { ports, perSecond: 0 }
  }
  receivedItems.clear()
  expectedCount = question.expect
  await new Promise<void>((resolve) => {
    onAll = resolve
  })
  // The measured time starts with the first delivery, so the rate counts only the later ones.
  return { ports, perSecond: ((expectedCount - 1) * 1000) / (performance.now() - firstAtMs) }
})

async function listen(): Promise<number> {
  const server = createServer((request, response) => {
    request.resume()
    request.on('end', () => {
      response.end()
      if (receivedItems.size === 0) firstAtMs = performance.now()
      receivedItems.add(`${request.headers['webhook-id']} ${request.headers.host}`)
      if (receivedItems.size === expectedCount) onAll()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}
