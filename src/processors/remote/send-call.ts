import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { clearTimeout, setTimeout } from 'node:timers'
import { signStandard } from '../../domain/webhook-signature.ts'
import { type CallFailure, callTimedOut } from '../../webhooks/call-failure.ts'
import { createCall, exchange, type PostAnswer } from '../../webhooks/exchange.ts'
import { ANSWER_BYTES_MAX, CALL_PATHS, type CallName, TIMEOUT_MS } from './protocol.ts'

/** The address and the keys of a processor server. */
export type ProcessorServer = {
  /** Without a slash at its end: `https://processor.example/paydesk`. */
  readonly url: string
  /** Every key signs each call. A key is `whsec_` and its bytes in base64. */
  readonly keys: readonly string[]
}

/** A call to send. The checks of signatures send calls with wrong signatures. */
export type SignedCall = {
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly timeoutMs: number
}

/** The JSON of an answer with status 200, or the reason why there is none. */
type CallAnswer = { readonly value: unknown } | { readonly failure: string }

/** Sends calls to one processor server, over reused connections. */
export type CallSender = {
  /** Signs a call and sends it once. It never throws and never repeats a call. */
  readonly send: (name: CallName, fields: object) => Promise<CallAnswer>
  /** Signs a call. `atMs`: the time of its signature, in milliseconds since 1970. */
  readonly sign: (name: CallName, fields: object, atMs: number) => SignedCall
  /** Sends a call without signing it. */
  readonly post: (call: SignedCall) => Promise<PostAnswer | CallFailure>
  readonly close: () => void
}

/** The clock and the random source of the signatures. */
export type SenderDeps = {
  /** The machine's clock, because the server compares the timestamp with its clock. */
  readonly clock: { readonly nowMs: () => number }
  readonly drawBytes: (count: number) => Uint8Array
  /** Returns the headers that make a call a part of the current trace. Undefined: there are no traces. */
  readonly traceHeaders?: () => Readonly<Record<string, string>>
  /** The time limit of each call. Undefined: `TIMEOUT_MS`. */
  readonly timeoutMs?: Readonly<Record<CallName, number>>
}

/** Idle connections close after this time: before most servers close them. */
const IDLE_MS_MAX = 4_000
const SOCKETS_MAX = 256

/** Makes a sender of calls. */
export function createCallSender(
  { keys, url }: ProcessorServer,
  { clock, drawBytes, timeoutMs = TIMEOUT_MS, traceHeaders }: SenderDeps,
): CallSender {
  const agent = createAgent(url)

  const sign: CallSender['sign'] = (name, fields, atMs) => {
    const body = JSON.stringify({ call: name, ...fields })
    const id = `call_${Buffer.from(drawBytes(16)).toString('hex')}`
    return {
      path: CALL_PATHS[name],
      headers: signStandard({ body, id, atMs, keys }),
      body,
      timeoutMs: timeoutMs[name],
    }
  }

  const post: CallSender['post'] = async ({ body, headers, path, timeoutMs: limitMs }) => {
    const call = createCall()
    const timer = setTimeout(() => call.stop(callTimedOut(call.phase, limitMs)), limitMs)
    try {
      const { outcome } = await exchange(call, {
        url: new URL(`${url}${path}`),
        headers: {
          accept: 'application/json',
          'content-type': 'application/json',
          'user-agent': 'Paydesk-Processor/1',
          ...traceHeaders?.(),
          ...headers,
        },
        body,
        agent,
        keptBytesMax: ANSWER_BYTES_MAX,
        readBytesMax: ANSWER_BYTES_MAX,
      })
      return outcome
    } finally {
      clearTimeout(timer)
    }
  }

  return {
    sign,
    post,
    send: async (name, fields) => answerFrom(await post(sign(name, fields, clock.nowMs()))),
    close: () => agent.destroy(),
  }
}

function createAgent(url: string): HttpAgent {
  const options = { keepAlive: true, maxSockets: SOCKETS_MAX, timeout: IDLE_MS_MAX }
  return url.startsWith('https:')
    ? // Explicit, so that NODE_TLS_REJECT_UNAUTHORIZED does not switch it off.
      new HttpsAgent({ ...options, rejectUnauthorized: true })
    : new HttpAgent(options)
}

/** A failure repeats nothing that was sent or received. */
function answerFrom(outcome: PostAnswer | CallFailure): CallAnswer {
  if ('reason' in outcome) return { failure: outcome.detail.replace(/\.$/, '') }
  const { body, isCut, status } = outcome
  if (status !== 200) return { failure: `status ${status}${hintFor(status)}` }
  if (isCut) return { failure: `the answer has more than ${ANSWER_BYTES_MAX} bytes` }
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
    return { value }
  } catch {
    return { failure: 'the answer is not JSON' }
  }
}

function hintFor(status: number): string {
  if (status === 401 || status === 403) {
    return ': the server refused the signature; check PAYDESK_PROCESSOR_KEY and the clocks of both machines'
  }
  if (status >= 300 && status < 400) return ': redirects are not followed'
  return status === 404 ? ': the server has no such path' : ''
}
