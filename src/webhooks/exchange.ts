import { Buffer } from 'node:buffer'
import { type Agent, type ClientRequest, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { isIP } from 'node:net'
import { bareHost, protocolOf } from './address-guard.ts'
import {
  type CallFailure,
  type CallPhase,
  callFailureFrom,
  connectionLoss,
} from './call-failure.ts'

/** One POST with the agent that opens its connection, and the limits of its answer. */
export type PostRequest = {
  /** An https or http URL. */
  readonly url: URL
  /** With lower-case names. Headers about the connection are omitted. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly agent: Agent
  /** The maximum number of stored bytes of the answer's body. The rest of the last chunk is stored too. */
  readonly keptBytesMax: number
  /** The maximum number of bytes that are read; then the connection is closed. */
  readonly readBytesMax: number
}

/** An answer. Redirects are not followed, so its status may be 301. */
export type PostAnswer = {
  readonly status: number
  /** At most `keptBytesMax` bytes and the rest of the last chunk. */
  readonly body: Uint8Array
  /** True: the body had more than `readBytesMax` bytes. */
  readonly isCut: boolean
}

type Exchange = {
  readonly outcome: PostAnswer | CallFailure
  /** True: a reused connection was closed before a byte of the answer arrived. */
  readonly isStale: boolean
}

/** A running call. It ends early on a timeout or when its sender stops. */
export type Call = {
  phase: CallPhase
  stopFailure: CallFailure | undefined
  /** Ends the running exchange. */
  onStop: (failure: CallFailure) => void
  readonly stop: (failure: CallFailure) => void
  /** Called when the call gets a connection or starts to open one. */
  readonly onTurn: () => void
}

/** Headers about the connection, which callers cannot set. */
const CONNECTION_HEADERS: readonly string[] = [
  'connection',
  'expect',
  'host',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]

/** Makes a call that has no connection yet. */
export function createCall(onTurn: () => void = () => {}): Call {
  const call: Call = {
    onTurn,
    phase: 'connect',
    stopFailure: undefined,
    onStop: () => {},
    stop: (failure) => {
      call.stopFailure = failure
      call.onStop(failure)
    },
  }
  return call
}

/** Sends the request over one connection, and reads as much of the answer as its limits allow. */
export function exchange(call: Call, message: PostRequest): Promise<Exchange> {
  return new Promise((resolve) => {
    if (call.stopFailure !== undefined)
      return resolve({ outcome: call.stopFailure, isStale: false })
    call.phase = 'connect'
    let request: ClientRequest
    try {
      request = openRequest(message)
    } catch {
      // For example a header with a line break, which Node refuses to write.
      const detail = 'The request cannot be written as HTTP.'
      return resolve({ outcome: { reason: 'protocol', detail }, isStale: false })
    }
    let isSettled = false
    let isWhole = false
    // The first result wins; later events of a closing connection are ignored.
    const settle = (outcome: Exchange['outcome'], isStale = false) => {
      if (isSettled) return
      isSettled = true
      // After a complete answer the agent may reuse the connection.
      if (!isWhole) request.destroy()
      resolve({ outcome, isStale })
    }
    let readBytesBefore = 0
    const fail = (failure: CallFailure) => {
      const isUnanswered = request.socket?.bytesRead === readBytesBefore
      settle(failure, request.reusedSocket && isUnanswered && failure.reason === 'reset')
    }
    call.onStop = (failure) => settle(failure)

    request.once('socket', (socket) => {
      call.onTurn()
      readBytesBefore = socket.bytesRead
      if (!socket.connecting) {
        call.phase = 'answer'
        return
      }
      const isTls = message.url.protocol === 'https:'
      socket.once('connect', () => {
        call.phase = isTls ? 'handshake' : 'answer'
      })
      socket.once('secureConnect', () => {
        call.phase = 'answer'
      })
    })
    request.on('error', (error) => fail(callFailureFrom(error, call.phase)))
    request.on('upgrade', (_response, socket) => {
      // The connection no longer belongs to this request.
      socket.destroy()
      settle({ reason: 'protocol', detail: 'The answer changes to another protocol.' })
    })
    request.once('response', (response) => {
      call.phase = 'body'
      const status = response.statusCode ?? 0
      const chunks: Buffer[] = []
      let bytes = 0
      const answer = (isCut: boolean) => settle({ status, body: Buffer.concat(chunks), isCut })
      response.on('data', (chunk: Buffer) => {
        if (bytes < message.keptBytesMax) chunks.push(chunk)
        bytes += chunk.length
        if (bytes > message.readBytesMax) answer(true)
      })
      response.once('end', () => {
        isWhole = true
        answer(false)
      })
      response.on('error', (error) => fail(callFailureFrom(error, 'body')))
      response.once('close', () => fail(connectionLoss('body')))
    })
    request.once('close', () => {
      if (call.phase !== 'body') fail(connectionLoss(call.phase))
    })
    request.end(message.body)
  })
}

function openRequest({ agent, body, headers, url }: PostRequest): ClientRequest {
  const host = bareHost(url)
  const otherHeaders = Object.entries(headers).filter(
    ([name]) => !CONNECTION_HEADERS.includes(name),
  )
  const options = {
    agent,
    method: 'POST',
    host,
    port: url.port,
    path: url.pathname + url.search,
    // An IP address has no server name, and a final dot is not part of a name.
    ...(isIP(host) === 0 ? { servername: host.replace(/\.$/, '') } : {}),
    headers: {
      ...Object.fromEntries(otherHeaders),
      'accept-encoding': 'identity',
      'content-length': Buffer.byteLength(body),
    },
  }
  return protocolOf(url) === 'https:' ? requestHttps(options) : requestHttp(options)
}
