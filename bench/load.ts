/**
 * The load: 64 connections, each sending its next request when the last one is answered.
 *
 * Not autocannon: next to the bare server on two cores it needs 12.3 microseconds a request, which
 * at 75,000 requests a second is 0.93 of a core, so it would measure itself; and it would take from
 * PostgreSQL the core that they share. This one needs 8 to 9.
 */
import { connect, type Socket } from 'node:net'
import { isWholeAnswer, statusOf } from './answers.ts'
import { CONNECTION_COUNT } from './rounds.ts'
import { answerParent } from './worker.ts'

/** The request, its target, and the end of the load. */
export type Load = {
  readonly port: number
  /** Whole requests, head and body, of which each time one is picked at random. */
  readonly requests: readonly string[]
  /** The status of a good answer. Any other one fails the run. */
  readonly status: number
  /** The status of a refusal, which does not count. Undefined: a refusal fails the run. */
  readonly refusalStatus?: number
  /** The duration, in seconds. */
  readonly seconds: number
  /** Ends the load earlier, after so many requests. */
  readonly requestCountMax?: number
}

/** The result of a load. */
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

/** Sends request after request, each when the last one is answered, until there is none. */
function converse(
  socket: Socket,
  { refusalStatus, status }: Pick<Load, 'status' | 'refusalStatus'>,
  nextRequest: () => Buffer | undefined,
  onAnswer: () => void,
): Promise<void> {
  let received = ''
  let isRefused = false
  return new Promise((resolve, reject) => {
    const send = () => {
      const request = nextRequest()
      if (request === undefined) resolve()
      else socket.write(request)
    }
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1')
      try {
        const expected = statusOf(received) === refusalStatus ? refusalStatus : status
        if (!isWholeAnswer(received, expected)) return
        isRefused = expected !== status
      } catch (error) {
        reject(error as Error)
        return
      }
      received = ''
      if (!isRefused) onAnswer()
      send()
    })
    socket.once('error', reject)
    socket.once('close', () => reject(new Error('the server closed a connection')))
    send()
  })
}
