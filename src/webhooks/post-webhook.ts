import type { Agent } from 'node:http'
import { clearTimeout, setTimeout } from 'node:timers'
import {
  protocolOf,
  readWebhookUrl,
  type WebhookProtocol,
  type WebhookTargets,
} from './address-guard.ts'
import { ANSWER_TEXT_BYTES_MAX, renderAnswerText } from './answer-text.ts'
import { type CallFailure, type CallFailureReason, callTimedOut } from './call-failure.ts'
import { type Call, createCall, exchange, type PostRequest } from './exchange.ts'
import { createGuardedAgent, type Lookup, systemLookup } from './guarded-agent.ts'

/** The time limit of a call, from the lookup of its host to the end of the answer's body, in milliseconds. */
export const WEBHOOK_TIMEOUT_MS = 15_000
/** The extra time for a connection if the host already has the maximum number of connections, in milliseconds. */
const QUEUE_MS_MAX = 5_000
/** The maximum number of bytes of an answer's body that are read; then the connection is closed. */
const ANSWER_BYTES_MAX = 64 * 1024

/** The maximum number of accepted URLs that are remembered. */
const ACCEPTED_URL_COUNT_MAX = 1_000

/** One POST. */
export type WebhookRequest = {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** The result of a POST: an answer or a failure, never an exception. */
export type WebhookAnswer =
  | {
      readonly kind: 'answered'
      /** The received status. Redirects are not followed, so it may be 301. */
      readonly status: number
      /** The beginning of the body, at most 2 KiB, without dangerous characters. */
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

/** Sends webhooks over reused connections. */
export type WebhookPoster = {
  readonly post: PostWebhook
  /** Closes all connections. Running and later calls fail with `connect`. */
  readonly close: () => void
}

const CLOSED_FAILURE: CallFailure = {
  reason: 'connect',
  detail: 'Paydesk was stopped before the answer came.',
}

type Agents = Readonly<Record<WebhookProtocol, Agent>>
type Outcome = { readonly status: number; readonly body: string } | CallFailure

/**
 * Makes the sender of webhooks, which reuses connections.
 *
 * `lookup` defaults to the machine's resolver, `timeoutMs` to 15 s, `socketsPerHostMax` to 512.
 */
export function createWebhookPoster(deps: {
  readonly targets: WebhookTargets
  readonly clock: { readonly nowMs: () => number }
  readonly lookup?: Lookup
  readonly timeoutMs?: number
  /** Includes the wait for a connection; by default 5 s more than `timeoutMs`. */
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
  const readUrl = createUrlReader(targets)
  const callsUnderWay = new Set<Call>()
  let isClosed = false

  async function outcomeOf(request: WebhookRequest): Promise<Outcome> {
    if (isClosed) return CLOSED_FAILURE
    const reading = readUrl(request.url)
    if ('mustBe' in reading) {
      return { reason: 'refused_address', detail: `The URL must ${reading.mustBe}.` }
    }
    const stopAfter = (ms: number) => setTimeout(() => call.stop(callTimedOut(call.phase, ms)), ms)
    const timers = [stopAfter(totalMsMax)]
    // Starts the time limit only once: a second connection for the same call has the rest of the time.
    const call = createCall(() => timers.length === 1 && timers.push(stopAfter(timeoutMs)))
    callsUnderWay.add(call)
    try {
      const { url } = reading
      const first = await exchange(call, messageFor(request, url, keptAgents))
      // The reused connection was closed before a byte of the answer: the server had probably ended it as idle.
      const { outcome } = first.isStale
        ? await exchange(call, messageFor(request, url, freshAgents))
        : first
      if ('reason' in outcome) return outcome
      return { status: outcome.status, body: renderAnswerText(outcome.body) }
    } finally {
      for (const timer of timers) clearTimeout(timer)
      callsUnderWay.delete(call)
    }
  }

  return {
    post: async (request) => {
      const startedAtMs = clock.nowMs()
      const outcome = await outcomeOf(request)
      // The clock can be set back in the meantime.
      const durationMs = Math.max(0, clock.nowMs() - startedAtMs)
      return 'status' in outcome
        ? { kind: 'answered', ...outcome, durationMs }
        : { kind: 'failed', ...outcome, durationMs }
    },
    close: () => {
      isClosed = true
      for (const call of callsUnderWay) call.stop(CLOSED_FAILURE)
      for (const agents of [keptAgents, freshAgents]) {
        agents['https:'].destroy()
        agents['http:'].destroy()
      }
    },
  }
}

/** Makes a reader of URLs that remembers the last accepted ones: endpoints get many webhooks. */
function createUrlReader(
  targets: WebhookTargets,
): (text: string) => ReturnType<typeof readWebhookUrl> {
  const acceptedUrls = new Map<string, { readonly url: URL }>()
  return (text) => {
    const cachedUrl = acceptedUrls.get(text)
    if (cachedUrl !== undefined) return cachedUrl
    const reading = readWebhookUrl(text, targets)
    if ('url' in reading) {
      if (acceptedUrls.size >= ACCEPTED_URL_COUNT_MAX) acceptedUrls.clear()
      acceptedUrls.set(text, reading)
    }
    return reading
  }
}

function messageFor({ body, headers }: WebhookRequest, url: URL, agents: Agents): PostRequest {
  const entries = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])
  return {
    url,
    headers: {
      'content-type': 'application/json',
      ...Object.fromEntries(entries),
      'user-agent': 'Paydesk-Webhooks/1',
    },
    body,
    agent: agents[protocolOf(url)],
    keptBytesMax: ANSWER_TEXT_BYTES_MAX,
    readBytesMax: ANSWER_BYTES_MAX,
  }
}
