import { Buffer } from 'node:buffer'
import { type Agent, type ClientRequest, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { isIP } from 'node:net'
import { clearTimeout, setTimeout } from 'node:timers'
import {
  bareHost,
  protocolOf,
  readWebhookUrl,
  type WebhookProtocol,
  type WebhookTargets,
} from './address-guard.ts'
import { ANSWER_TEXT_BYTES_MAX, renderAnswerText } from './answer-text.ts'
import {
  type CallFailure,
  type CallFailureReason,
  type CallPhase,
  callFailureFrom,
  callTimedOut,
  connectionLost,
} from './call-failure.ts'
import { createGuardedAgent, type Lookup, systemLookup } from './guarded-agent.ts'

/** How long a call may take, from the name of its host to the end of the answer's body. */
export const WEBHOOK_TIMEOUT_MS = 15_000
/** How much longer it may take with the wait for a connection, where the host has too many. */
const QUEUE_MS_MAX = 5_000
/** How much of an answer's body is read; where there is more, the connection is closed. */
const ANSWER_BYTES_MAX = 64 * 1024

/** One POST. */
export type WebhookRequest = {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** How a POST ended. There is no third way, and no exception. */
export type WebhookAnswer =
  | {
      readonly kind: 'answered'
      /** As it came: 301 as well, for no redirect is followed. */
      readonly status: number
      /** The beginning of the body, at most 2 KiB, without what would be dangerous to show. */
      readonly body: string
      readonly durationMs: number
    }
  | {
      readonly kind: 'failed'
      readonly reason: CallFailureReason
      /** One sentence for people; it repeats nothing that was sent or received. */
      readonly detail: string
      readonly durationMs: number
    }

/** Sends one guarded POST, and never throws. A receiver may get it twice. */
export type PostWebhook = (request: WebhookRequest) => Promise<WebhookAnswer>

/** Sends webhooks over connections that it keeps. */
export type WebhookPoster = {
  readonly post: PostWebhook
  /** Closes all connections. Calls that are under way, and later ones, fail by `connect`. */
  readonly close: () => void
}

/** Headers about the connection, which a caller has no say in. */
const OWN_HEADERS: readonly string[] = [
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
const CLOSED: CallFailure = { reason: 'connect', detail: 'The sender was stopped.' }

type Agents = Readonly<Record<WebhookProtocol, Agent>>
type Answered = { readonly status: number; readonly body: string }
type Outcome = Answered | CallFailure
/** `isStale`: the connection had been used before, and was closed before a byte of the answer came. */
type Exchange = { readonly outcome: Outcome; readonly isStale: boolean }

/**
 * Makes what sends webhooks, over connections that stay open for a while.
 *
 * `lookup` and `timeoutMs` are the machine's resolver and 15 s if they are not given, and a host has 512
 * connections at most.
 */
export function createWebhookPoster(deps: {
  readonly targets: WebhookTargets
  readonly clock: { readonly nowMs: () => number }
  readonly lookup?: Lookup
  readonly timeoutMs?: number
  /** With the wait for a connection; 5 s more if it is not given. */
  readonly totalMsMax?: number
  readonly socketsPerHostMax?: number
}): WebhookPoster {
  const { targets, clock, lookup = systemLookup, timeoutMs = WEBHOOK_TIMEOUT_MS } = deps
  const { socketsPerHostMax, totalMsMax = timeoutMs + QUEUE_MS_MAX } = deps
  const agentsThat = (keepsAlive: boolean): Agents => {
    const options = { targets, lookup, keepsAlive, socketsPerHostMax }
    return {
      'https:': createGuardedAgent('https:', options),
      'http:': createGuardedAgent('http:', options),
    }
  }
  const keptAgents = agentsThat(true)
  const freshAgents = agentsThat(false)
  const callsUnderWay = new Set<Call>()
  let isClosed = false

  async function outcomeOf(request: WebhookRequest): Promise<Outcome> {
    if (isClosed) return CLOSED
    const read = readWebhookUrl(request.url, targets)
    if ('mustBe' in read) {
      return { reason: 'refused_address', detail: `The URL must ${read.mustBe}.` }
    }
    const stopAfter = (ms: number) => setTimeout(() => call.stop(callTimedOut(call.phase, ms)), ms)
    const timers = [stopAfter(totalMsMax)]
    // Once: a second connection for the same call has what the first one has left.
    const call = createCall(() => timers.length === 1 && timers.push(stopAfter(timeoutMs)))
    callsUnderWay.add(call)
    try {
      const first = await exchange(call, read.url, request, keptAgents)
      // The server had closed the connection as we took it up: it has seen nothing of the call.
      if (!first.isStale) return first.outcome
      return (await exchange(call, read.url, request, freshAgents)).outcome
    } finally {
      for (const timer of timers) clearTimeout(timer)
      callsUnderWay.delete(call)
    }
  }

  return {
    post: async (request) => {
      const startedAtMs = clock.nowMs()
      const outcome = await outcomeOf(request)
      // A clock may be set back meanwhile.
      const durationMs = Math.max(0, clock.nowMs() - startedAtMs)
      return 'status' in outcome
        ? { kind: 'answered', ...outcome, durationMs }
        : { kind: 'failed', ...outcome, durationMs }
    },
    close: () => {
      isClosed = true
      for (const call of callsUnderWay) call.stop(CLOSED)
      for (const agents of [keptAgents, freshAgents]) {
        agents['https:'].destroy()
        agents['http:'].destroy()
      }
    },
  }
}

/** A call under way, which ends early when its time is over or the sender is stopped. */
type Call = {
  phase: CallPhase
  /** Why it was stopped. */
  stopped: CallFailure | undefined
  /** What stopping does to the exchange that is under way. */
  onStop: (failure: CallFailure) => void
  readonly stop: (failure: CallFailure) => void
  /** Is told when its turn has come: it has a connection, or one is being made. */
  readonly onTurn: () => void
}

function createCall(onTurn: () => void): Call {
  const call: Call = {
    onTurn,
    phase: 'connect',
    stopped: undefined,
    onStop: () => {},
    stop: (failure) => {
      call.stopped = failure
      call.onStop(failure)
    },
  }
  return call
}

/** Sends the request over one connection, and reads as much of the answer as is wanted. */
function exchange(
  call: Call,
  url: URL,
  message: WebhookRequest,
  agents: Agents,
): Promise<Exchange> {
  return new Promise((resolve) => {
    if (call.stopped !== undefined) return resolve({ outcome: call.stopped, isStale: false })
    call.phase = 'connect'
    let request: ClientRequest
    try {
      request = openRequest(url, message, agents)
    } catch {
      // A header with a line break, say, which Node refuses to write.
      const detail = 'The request cannot be written as HTTP.'
      return resolve({ outcome: { reason: 'protocol', detail }, isStale: false })
    }
    let isSettled = false
    let isWhole = false
    // The first to settle wins; what a connection that is being closed still says does not count.
    const settle = (outcome: Outcome, isStale = false) => {
      if (isSettled) return
      isSettled = true
      // After a whole answer the connection is the agent's again.
      if (!isWhole) request.destroy()
      resolve({ outcome, isStale })
    }
    let bytesReadBefore = 0
    const fail = (failure: CallFailure) => {
      const isUnanswered = request.socket?.bytesRead === bytesReadBefore
      settle(failure, request.reusedSocket && isUnanswered && failure.reason === 'reset')
    }
    call.onStop = (failure) => settle(failure)

    request.once('socket', (socket) => {
      call.onTurn()
      bytesReadBefore = socket.bytesRead
      if (!socket.connecting) {
        call.phase = 'answer'
        return
      }
      const isTls = url.protocol === 'https:'
      socket.once('connect', () => {
        call.phase = isTls ? 'handshake' : 'answer'
      })
      socket.once('secureConnect', () => {
        call.phase = 'answer'
      })
    })
    request.on('error', (error) => fail(callFailureFrom(error, call.phase)))
    request.on('upgrade', (_response, socket) => {
      // It is not the request's any more.
      socket.destroy()
      settle({ reason: 'protocol', detail: 'The answer changes to another protocol.' })
    })
    request.once('response', (response) => {
      call.phase = 'body'
      const status = response.statusCode ?? 0
      const chunks: Buffer[] = []
      let bytes = 0
      const answer = () => settle({ status, body: renderAnswerText(Buffer.concat(chunks)) })
      response.on('data', (chunk: Buffer) => {
        if (bytes < ANSWER_TEXT_BYTES_MAX) chunks.push(chunk)
        bytes += chunk.length
        if (bytes > ANSWER_BYTES_MAX) answer()
      })
      response.once('end', () => {
        isWhole = true
        answer()
      })
      response.on('error', (error) => fail(callFailureFrom(error, 'body')))
      response.once('close', () => fail(connectionLost('body')))
    })
    request.once('close', () => {
      if (call.phase !== 'body') fail(connectionLost(call.phase))
    })
    request.end(message.body)
  })
}

function openRequest(url: URL, message: WebhookRequest, agents: Agents): ClientRequest {
  const protocol = protocolOf(url)
  const host = bareHost(url)
  const given = Object.entries(message.headers).map(([name, value]) => [name.toLowerCase(), value])
  const options = {
    agent: agents[protocol],
    method: 'POST',
    host,
    port: url.port,
    path: url.pathname + url.search,
    // An IP address has no name to be asked for, and the dot at a name's end is no part of it.
    ...(isIP(host) === 0 ? { servername: host.replace(/\.$/, '') } : {}),
    headers: {
      'content-type': 'application/json',
      ...Object.fromEntries(given.filter(([name = '']) => !OWN_HEADERS.includes(name))),
      'accept-encoding': 'identity',
      'content-length': Buffer.byteLength(message.body),
      'user-agent': 'Paydesk-Webhooks/1',
    },
  }
  return protocol === 'https:' ? requestHttps(options) : requestHttp(options)
}
