import type {
  WebhookAnswer as Answer,
  PostWebhook,
  WebhookRequest as Request,
} from '../../webhooks/post-webhook.ts'
import { idsIn } from '../log/request-log.ts'
import { BODY_BYTES_MAX, scrubBody, scrubPath } from '../log/scrub.ts'
import { waitRealTime } from '../tenants/real-time.ts'
import type { FaultRule } from './faults.ts'
import type { WatchDeps } from './faulty-processor.ts'

/**
 * The longest time that a webhook waits to be overtaken by the next one, both in real time and by the sandbox's
 * clock.
 */
const HELD_MS_MAX = 2_000
const HELD_CLOCK_MS_MAX = 60_000

/** A webhook that waits to be overtaken, with the number of its POST. */
type WaitingWebhook = { readonly postNumber: number; readonly release: () => void }

/** Logs the webhooks of a sender, and adds no faults. */
export function logPost(inner: PostWebhook, deps: Omit<WatchDeps, 'faults'>): PostWebhook {
  return (request) => sendAndLog(deps, { request, inner, act: (send) => send(request) })
}

/** Adds a tenant's faults to a sender of webhooks, and logs what it sends. */
export function watchPost(
  inner: PostWebhook,
  deps: WatchDeps & { readonly clock: { readonly state: () => { readonly rate: number } } },
): PostWebhook {
  const { clock, faults, stopping } = deps
  let postCount = 0
  const waitingByUrl = new Map<string, WaitingWebhook>()

  /** Resolves when a later webhook for the endpoint has been sent, or after the longest wait. */
  async function hold(url: string, postNumber: number): Promise<void> {
    const { rate } = clock.state()
    const { promise, resolve } = Promise.withResolvers<void>()
    waitingByUrl.set(url, { postNumber, release: resolve })
    await Promise.race([
      promise,
      waitRealTime(
        rate > 0 ? Math.min(HELD_MS_MAX, HELD_CLOCK_MS_MAX / rate) : HELD_MS_MAX,
        stopping,
      ),
    ])
    if (waitingByUrl.get(url)?.postNumber === postNumber) waitingByUrl.delete(url)
  }

  async function sendBy(
    rule: FaultRule | undefined,
    request: Request,
    number: number,
    send: PostWebhook,
  ): Promise<Answer> {
    await waitRealTime(rule?.effect.latencyMs ?? 0, deps.stopping)
    switch (rule?.effect.kind) {
      case 'status':
        return { kind: 'answered', status: rule.effect.status ?? 500, body: '', durationMs: 0 }
      case 'reset':
        return failedAnswer('The connection was closed without an answer.')
      case 'drop':
        return failedAnswer(
          'There is no answer: a fault of the sandbox lost the webhook in transit.',
        )
      case 'lost_answer': {
        const { durationMs } = await send(request)
        return { ...failedAnswer('The connection was closed without an answer.'), durationMs }
      }
      case 'duplicate':
        await send(request)
        return send(request)
      case 'corrupt':
        return send({ ...request, body: withChangedByte(request.body, faults.below) })
      case 'reorder':
        await hold(request.url, number)
        return send(request)
      default:
        return send(request)
    }
  }

  return async (request) => {
    const { url } = request
    const startedAtMs = clock.nowMs()
    postCount += 1
    const number = postCount
    const isOneHeld = waitingByUrl.has(url)
    const rule = faults.decide({
      target: 'webhook',
      isOneHeld,
      eventType: EVENT_TYPE.exec(request.body)?.[1] ?? '',
    })
    const answer = await sendAndLog(deps, {
      request,
      inner,
      rule,
      act: (send) => sendBy(rule, request, number, send),
    })
    const waiting = waitingByUrl.get(url)
    if (waiting !== undefined && waiting.postNumber < number) waiting.release()
    if (rule === undefined) return answer
    return { ...answer, durationMs: Math.max(answer.durationMs, clock.nowMs() - startedAtMs) }
  }
}

const EVENT_TYPE = /"event_type":"([\w.]+)"/

/** Logs each webhook, including one that a fault does not let out. */
async function sendAndLog(
  { clock, log, startTimer }: Omit<WatchDeps, 'faults'>,
  {
    act,
    inner,
    request,
    rule,
  }: {
    readonly request: Request
    readonly inner: PostWebhook
    readonly rule?: FaultRule | undefined
    /** Sends the request by the given function: never, once or twice. */
    readonly act: (send: PostWebhook) => Promise<Answer>
  },
): Promise<Answer> {
  const fault = rule === undefined ? {} : { faultId: rule.id }
  const note = (sentRequest: Request, answer: Answer, durationMs: number, failure?: string) =>
    log.add({
      kind: 'webhook',
      atMs: clock.nowMs(),
      durationMs,
      method: 'POST',
      path: scrubPath(sentRequest.url),
      // Paydesk's headers contain no secrets, and a complete signature is needed to send the request again.
      requestHeaders: { 'content-type': 'application/json', ...sentRequest.headers },
      requestBody: scrubBody(sentRequest.body),
      ...(answer.kind === 'answered'
        ? {
            response: {
              status: answer.status,
              headers: {},
              body: scrubBody(answer.body.slice(0, BODY_BYTES_MAX)),
            },
          }
        : { failure: answer.detail }),
      ...(failure !== undefined && { failure }),
      ...fault,
      // A fault may change an id in the sent body, but the call still belongs to the signed event.
      ...(sentRequest.body !== request.body && idsIn([request.body])),
    })
  const elapsedMs = startTimer()
  let isSent = false
  const answer = await act(async (sentRequest) => {
    isSent = true
    const ofThisMs = startTimer()
    const result = await inner(sentRequest)
    const isLost = rule?.effect.kind === 'lost_answer'
    note(sentRequest, result, ofThisMs(), isLost ? 'The answer was lost in transit.' : undefined)
    return result
  })
  if (!isSent) {
    const because =
      answer.kind === 'answered'
        ? 'The webhook was not sent.'
        : `${answer.detail} The webhook was not sent.`
    note(request, answer, elapsedMs(), because)
  }
  return answer
}

function failedAnswer(detail: string): Extract<Answer, { kind: 'failed' }> {
  return { kind: 'failed', reason: 'reset', detail, durationMs: 0 }
}

/**
 * Changes one character of a body without changing the length in bytes. It prefers letters and digits, so that JSON
 * stays readable, then other ASCII characters. A body without ASCII gets one more byte, because the fault must change
 * the body.
 */
export function withChangedByte(body: string, below: (bound: number) => number): string {
  for (const pattern of [/[0-9A-Za-z]/g, /[\0-\x7f]/g]) {
    const places = [...body.matchAll(pattern)].map(({ index }) => index)
    const place = places[below(Math.max(1, places.length))]
    if (place === undefined) continue
    const other = String.fromCharCode(body.charCodeAt(place) ^ 1)
    return `${body.slice(0, place)}${other}${body.slice(place + 1)}`
  }
  return `${body}0`
}
