import type { Clock } from '../../domain/clock.ts'
import type { Edition, Exchange } from './exchange.ts'
import { type ExchangeResult, resultOfAnswer, resultWithoutAnswer } from './exchange-result.ts'
import { fillRequest, fillText, missingValues, type SavedValues } from './fill-request.ts'
import { type Answer, valueAt } from './judge.ts'
import { createMask } from './mask.ts'
import { type SendResult, sendRequest, type Target, waitFor, waitOf } from './send-request.ts'

/** The results of a run. */
export type RunResult = {
  readonly exchanges: readonly ExchangeResult[]
  /** The objects that the run made and that still exist. */
  readonly leftBehind: readonly string[]
  /** A sentence. Undefined: the run reached its end. */
  readonly stopReason: string | undefined
  readonly startedAtMs: number
  readonly endedAtMs: number
}

/** The inputs of a run. */
export type RunDeps = {
  readonly target: Target
  readonly edition: Edition
  readonly exchanges: readonly Exchange[]
  /** Values that the person gave, such as `payment_id`. */
  readonly givenValues: SavedValues
  readonly clock: Clock
  readonly signal: AbortSignal
  /** The time limit of the whole run without its cleanup. */
  readonly timeLimitMs: number
  /** The pause between two requests. */
  readonly pauseMs: number
  readonly requestTimeoutMs?: number
  /** True: requests that need minutes are sent too. */
  readonly mayBeSlow?: boolean
  /** Waits between two requests, or after the answer 429. A test has its own. */
  readonly wait?: typeof waitFor
  /** Called for each exchange. If the run ends early, it is not called for the rest. */
  readonly onResult: (result: ExchangeResult, number: number, count: number) => void
}

/** The number of requests in a row without an answer after which a run stops. */
const FAILURE_COUNT_MAX = 3
/** The number of times that a request is repeated after the answer 429. A request with this answer had no effect. */
const REPEAT_COUNT_MAX = 3

/** Sends the requests one after the other, judges the answers, and removes the objects that they made. Never throws. */
export async function runChecks(deps: RunDeps): Promise<RunResult> {
  const { clock, edition, exchanges, onResult, signal } = deps
  const exchangesToPlay = exchanges.filter(({ editions }) => editions?.includes(edition) ?? true)
  const startedAtMs = clock.nowMs()
  const run = createRun(deps)
  const results: ExchangeResult[] = []
  let failureCount = 0
  let stopReason: string | undefined
  for (const exchange of exchangesToPlay) {
    if (signal.aborted) stopReason ??= 'The run was interrupted.'
    else if (clock.nowMs() - startedAtMs > deps.timeLimitMs)
      stopReason ??= 'The time limit was reached.'
    else if (failureCount >= FAILURE_COUNT_MAX) {
      stopReason ??= `${FAILURE_COUNT_MAX} requests in a row had no answer.`
    }
    const result =
      stopReason === undefined ? await run.play(exchange) : run.skip(exchange, stopReason)
    if (result.checks.some((one) => one.result === 'no_answer')) failureCount += 1
    else if (result.response !== undefined) failureCount = 0
    results.push(result)
    if (stopReason === undefined) onResult(result, results.length, exchangesToPlay.length)
  }
  const leftBehind = await run.cleanUp()
  return { exchanges: results, leftBehind, stopReason, startedAtMs, endedAtMs: clock.nowMs() }
}

function createRun(deps: RunDeps) {
  const { givenValues, pauseMs, requestTimeoutMs, signal, target, wait = waitFor } = deps
  const mask = createMask({ ...target, webhookUrl: givenValues.webhook_url })
  let savedValues: SavedValues = givenValues
  /** The objects that were made, with the values at that moment. */
  const leftovers: { readonly exchange: Exchange; readonly values: SavedValues }[] = []

  async function send(request: Exchange['request'], canWait: boolean): Promise<SendResult> {
    for (let repeat = 0; ; repeat += 1) {
      const result = await sendRequest(target, request, requestTimeoutMs)
      const waitMs = 'answer' in result ? waitOf(result.answer) : undefined
      if (waitMs === undefined || repeat >= REPEAT_COUNT_MAX || !canWait) return result
      await wait(waitMs, signal)
      if (signal.aborted) return result
    }
  }

  async function play(exchange: Exchange): Promise<ExchangeResult> {
    const missing = missingValues(exchange.request, savedValues)
    if (missing.length > 0)
      return skip(exchange, `The check needs ${missing.map(neededText).join(', ')}.`)
    const { waitSeconds = 0 } = exchange
    if (waitSeconds > 0 && deps.mayBeSlow !== true) {
      return skip(exchange, `The check needs ${waitSeconds} seconds: use --slow.`)
    }
    const waitMs = pauseMs + waitSeconds * 1000
    if (waitMs > 0) await wait(waitMs, signal)
    if (signal.aborted) return skip(exchange, 'The run was interrupted.')
    const request = fillRequest(exchange.request, savedValues)
    const result = await send(request, true)
    if ('failure' in result) {
      return resultWithoutAnswer(exchange, request, {
        mask,
        reason: result.failure,
        result: 'no_answer',
      })
    }
    const { answer } = result
    if (target.kind === 'paydesk' && exchange.isPlanned === true && isUnserved(answer)) {
      return skip(exchange, 'This version of Paydesk does not serve this call.')
    }
    if (answer.status < 300) keep(exchange, answer)
    return resultOfAnswer(exchange, request, answer, { mask, values: savedValues })
  }

  function keep(exchange: Exchange, answer: Answer): void {
    const values = Object.entries(exchange.saves ?? {}).flatMap(([name, path]) => {
      const value = valueAt(answer.json, path)
      // A hostile value such as `..` could make another path.
      const isPlain = typeof value === 'string' && /^[\w=+/-]{1,400}$/.test(value)
      return isPlain ? [[name, value]] : []
    })
    savedValues = { ...savedValues, ...Object.fromEntries(values) }
    if (exchange.cleanup !== undefined) leftovers.push({ exchange, values: savedValues })
  }

  /** Removes the objects of the run, newest first. Returns the names of those that remain. */
  async function cleanUp(): Promise<readonly string[]> {
    const rest: string[] = []
    for (const { exchange, values } of leftovers.toReversed()) {
      const { cleanup } = exchange
      if (cleanup === undefined) continue
      const isPossible = cleanup.isPaydeskOnly !== true || target.kind === 'paydesk'
      const { method, object, path } = cleanup
      const request = { method, path }
      const isKnown = missingValues(request, values).length === 0
      const result =
        isPossible && isKnown
          ? await send(fillRequest(request, values), !signal.aborted)
          : undefined
      const isDone = result !== undefined && 'answer' in result && isGone(result.answer)
      if (!isDone) rest.push(mask.maskText(fillText(object, values)))
    }
    return rest
  }

  function skip(exchange: Exchange, reason: string): ExchangeResult {
    return resultWithoutAnswer(exchange, exchange.request, { mask, reason, result: 'skipped' })
  }

  return { play, skip, cleanUp }
}

/** Returns true if Paydesk has no route for a call, or does not know the type of the session. */
function isUnserved({ json, status }: Answer): boolean {
  if (status === 404 || status === 405) return valueAt(json, 'code') === 'error'
  return status === 400 && valueAt(json, 'field') === 'type'
}

/** Returns true if the answer means that the object has been removed, or has ended automatically. */
function isGone({ status }: Answer): boolean {
  return status < 300 || status === 404 || status === 400
}

const GIVEN_FLAGS: Readonly<Record<string, string>> = {
  payment_id: 'a succeeded test payment (--payment or --pay)',
  terminal_id: 'a terminal of the account (--terminal)',
  webhook_url: 'a URL that answers 200 (--webhook-url)',
}

function neededText(name: string): string {
  return GIVEN_FLAGS[name] ?? `the ${name} of an earlier answer`
}
