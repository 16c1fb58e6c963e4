/**
 * An open load: requests follow a fixed schedule, independent of the server. A latency starts when the request is
 * due, so it includes the wait for a free connection.
 */
import { connect, type Socket } from 'node:net'
import { answerParent } from './worker.ts'

export type OpenLoad = {
  readonly port: number
  /** Complete requests, head and body. They are sent in turns. */
  readonly requests: readonly string[]
  /** The expected status of an answer. 503 counts as a refusal, any other status fails the run. */
  readonly status: number
  readonly perSecond: number
  readonly seconds: number
  /** A request waits if all connections are busy. */
  readonly connectionCount: number
}

export type OpenLoadResult = {
  readonly offeredCount: number
  readonly acceptedCount: number
  readonly refusedCount: number
  /** Requests without an answer when the load ended. */
  readonly openCount: number
  readonly acceptedP50Ms: number
  readonly acceptedP99Ms: number
  readonly refusedP99Ms: number
}

/** The wait for answers after the last request. */
const DRAIN_MS = 5_000
const STATUS_AT = 'HTTP/1.1 '.length
const HEAD_END = '\r\n\r\n'
const CONTENT_LENGTH = /\r\ncontent-length: (\d+)\r\n/i

answerParent(applyOpenLoad)

async function applyOpenLoad(load: OpenLoad): Promise<OpenLoadResult> {
  const requests = load.requests.map((request) => Buffer.from(request))
  const acceptedStatus = String(load.status)
  let requestIndex = 0
  const offeredCount = Math.round(load.perSecond * load.seconds)
  const acceptedLatencies: number[] = []
  const refusedLatencies: number[] = []
  const free: Connection[] = []
  const due: number[] = []
  let nextDueIndex = 0

  const send = (connection: Connection, dueMs: number) => {
    connection.dueMs = dueMs
    connection.socket.write(requests[requestIndex % requests.length] ?? '')
    requestIndex += 1
  }
  const onAnswer = (connection: Connection, status: string) => {
    const latencyMs = performance.now() - connection.dueMs
    if (status === acceptedStatus) acceptedLatencies.push(latencyMs)
    else if (status === '503') refusedLatencies.push(latencyMs)
    else throw new Error(`an answer with the status ${status}`)
    const next = due[nextDueIndex]
    if (next === undefined) {
      free.push(connection)
      return
    }
    nextDueIndex += 1
    send(connection, next)
  }
  const connections = await Promise.all(
    Array.from({ length: load.connectionCount }, () => open(load.port, onAnswer)),
  )
  free.push(...connections)

  const startedMs = performance.now()
  let sentCount = 0
  while (sentCount < offeredCount) {
    const elapsedMs = performance.now() - startedMs
    const dueCount = Math.min(offeredCount, Math.floor((elapsedMs / 1000) * load.perSecond))
    for (; sentCount < dueCount; sentCount += 1) {
      const dueMs = startedMs + (sentCount * 1000) / load.perSecond
      const connection = free.pop()
      if (connection === undefined) due.push(dueMs)
      else send(connection, dueMs)
    }
    await new Promise((next) => setTimeout(next, 1))
  }
  const endMs = performance.now() + DRAIN_MS
  while (
    acceptedLatencies.length + refusedLatencies.length < offeredCount &&
    performance.now() < endMs
  ) {
    await new Promise((next) => setTimeout(next, 10))
  }
  for (const { socket } of connections) socket.destroy()
  return {
    offeredCount,
    acceptedCount: acceptedLatencies.length,
    refusedCount: refusedLatencies.length,
    openCount: offeredCount - acceptedLatencies.length - refusedLatencies.length,
    acceptedP50Ms: quantile(acceptedLatencies, 0.5),
    acceptedP99Ms: quantile(acceptedLatencies, 0.99),
    refusedP99Ms: quantile(refusedLatencies, 0.99),
  }
}

type Connection = { readonly socket: Socket; dueMs: number }

function open(
  port: number,
  onAnswer: (connection: Connection, status: string) => void,
): Promise<Connection> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  const connection: Connection = { socket, dueMs: 0 }
  let receivedText = ''
  socket.on('data', (chunk) => {
    receivedText += chunk.toString('latin1')
    const headEnd = receivedText.indexOf(HEAD_END)
    if (headEnd === -1) return
    const length = Number(CONTENT_LENGTH.exec(receivedText)?.[1] ?? 0)
    if (receivedText.length < headEnd + HEAD_END.length + length) return
    const status = receivedText.slice(STATUS_AT, STATUS_AT + 3)
    receivedText = ''
    onAnswer(connection, status)
  })
  return new Promise((resolve, reject) => {
    socket.once('connect', () => resolve(connection))
    socket.once('error', reject)
  })
}

function quantile(values: readonly number[], part: number): number {
  const sortedValues = values.toSorted((a, b) => a - b)
  return (
    sortedValues[Math.min(sortedValues.length - 1, Math.floor(sortedValues.length * part))] ??
    Number.NaN
  )
}
