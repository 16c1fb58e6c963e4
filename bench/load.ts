/** The load: 64 connections. Each sends its next request after the answer to the last one.
 *
 * This load needs 8 to 9 microseconds of CPU for each request; autocannon needs 12.3. At 75,000 requests a second autocannon
 * would use 0.93 of a core. Beside the bare server on two cores, a run would then measure autocannon itself, and beside
 * PostgreSQL, autocannon would take the core that they share.
 */
import { connect, type Socket } from 'node:net'
import { isWholeAnswer, statusOf } from './answers.ts'
import { CONNECTION_COUNT } from './rounds.ts'
import { answerParent } from './worker.ts'

export type Load = {
  readonly port: number
  /** Complete requests, head and body. Each time the load picks one at random. */
  readonly requests: readonly string[]
  /** The expected status of an answer. Any other status fails the run. */
  readonly status: number
  /** The status of a refusal, which is not counted. Undefined: a refusal fails the run. */
  readonly refusalStatus?: number
  readonly seconds: number
  /** The maximum number of requests, which can end the load earlier. */
  readonly requestCountMax?: number
}

export type LoadResult = { readonly answerCount: number; readonly seconds: number }

answerParent(applyLoad)

async function applyLoad(load: Load): Promise<LoadResult> {
  const { port, seconds, requestCountMax = Number.POSITIVE_INFINITY } = load
  const requests = load.requests.map((request) => Buffer.from(request))
  const sockets = await Promise.all(Array.from({ length: CONNECTION_COUNT }, () => open(port)))
  const startedAtMs = performance.now()
  let requestCount = 0
  let answerCount = 0

  const nextRequest = () => {
    if (requestCount >= requestCountMax) return undefined
    if (performance.now() - startedAtMs >= seconds * 1000) return undefined
    requestCount += 1
    return requests[Math.floor(Math.random() * requests.length)]
  }
  const onAnswer = () => {
    answerCount += 1
  }
  try {
    await Promise.all(sockets.map((socket) => converse(socket, load, nextRequest, onAnswer)))
    return { answerCount, seconds: (performance.now() - startedAtMs) / 1000 }
  } finally {
    for (const socket of sockets) socket.destroy()
  }
}

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    socket.once('connect', () => resolve(socket))
    socket.once('error', reject)
  })
}

/** Sends requests over one connection until none is left. Each waits for the answer to the previous one. */
function converse(
  socket: Socket,
  { refusalStatus, status }: Pick<Load, 'status' | 'refusalStatus'>,
  nextRequest: () => Buffer | undefined,
  onAnswer: () => void,
): Promise<void> {
  let receivedText = ''
  let isRefused = false
  return new Promise((resolve, reject) => {
    const send = () => {
      const request = nextRequest()
      if (request === undefined) resolve()
      else socket.write(request)
    }
    socket.on('data', (chunk) => {
      receivedText += chunk.toString('latin1')
      try {
        const expected = statusOf(receivedText) === refusalStatus ? refusalStatus : status
        if (!isWholeAnswer(receivedText, expected)) return
        isRefused = expected !== status
      } catch (error) {
        reject(error as Error)
        return
      }
      receivedText = ''
      if (!isRefused) onAnswer()
      send()
    })
    socket.once('error', reject)
    socket.once('close', () => reject(new Error('the server closed a connection')))
    send()
  })
}
