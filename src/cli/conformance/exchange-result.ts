import type { Check, Exchange, ExchangeRequest, Expectation } from './exchange.ts'
import { fillValue, type SavedValues } from './fill-request.ts'
import { type Answer, expectationText, judge } from './judge.ts'
import type { createMask } from './mask.ts'

/** The result of one check. `no_answer`: the request had no answer. `skipped`: it was not sent. */
export type CheckResult = {
  /** `exchange.check`. */
  readonly id: string
  readonly confidence: Check['confidence']
  readonly statement: string
  readonly result: 'conforms' | 'differs' | 'no_answer' | 'skipped'
  readonly expected: string
  /** Undefined: nothing was received. */
  readonly received: string | undefined
}

/** A masked request, its masked answer, and the results of its checks. */
export type ExchangeResult = {
  readonly exchange: Exchange
  readonly request: { readonly method: string; readonly path: string; readonly body?: unknown }
  /** Undefined: it was not sent, or had no answer. */
  readonly response:
    | { readonly status: number; readonly contentType: string; readonly body: unknown }
    | undefined
  /** A sentence that says why there is no answer. */
  readonly reason: string | undefined
  readonly checks: readonly CheckResult[]
}

type Mask = ReturnType<typeof createMask>

/** Judges the answer of a request, and describes it without secrets. */
export function resultOfAnswer(
  exchange: Exchange,
  request: ExchangeRequest,
  answer: Answer,
  { mask, values }: { readonly mask: Mask; readonly values: SavedValues },
): ExchangeResult {
  const isForeign = exchange.hasForeignObjects === true
  const maskedBody = answer.json === undefined ? undefined : mask.maskValue(answer.json, isForeign)
  // The answer itself is judged; its masked copy is shown.
  const judgeCheck = (one: Check): CheckResult => {
    const expect = fillExpectation(one.expect, values)
    const { conforms, expected, received } = judge(expect, answer)
    const isValue = 'equals' in expect || 'oneOf' in expect || 'matches' in expect
    const receivedText = isValue
      ? judge(expect, { ...answer, json: maskedBody }).received
      : received
    return {
      id: `${exchange.id}.${one.id}`,
      confidence: one.confidence,
      statement: one.statement,
      result: conforms ? 'conforms' : 'differs',
      expected: mask.maskText(expected),
      received: mask.maskText(receivedText),
    }
  }
  return {
    exchange,
    request: maskedRequest(request, mask),
    response: {
      status: answer.status,
      contentType: mask.maskText(answer.contentType),
      body: maskedBody ?? mask.maskText(answer.text),
    },
    reason: undefined,
    checks: exchange.checks.map(judgeCheck),
  }
}

/** Describes a request that was not sent, or had no answer. `reason`: a sentence. */
export function resultWithoutAnswer(
  exchange: Exchange,
  request: ExchangeRequest,
  {
    mask,
    reason,
    result,
  }: { readonly mask: Mask; readonly reason: string; readonly result: 'skipped' | 'no_answer' },
): ExchangeResult {
  const checks = exchange.checks.map(
    ({ confidence, expect, id, statement }): CheckResult => ({
      id: `${exchange.id}.${id}`,
      confidence,
      statement,
      result,
      expected: expectationText(expect),
      received: undefined,
    }),
  )
  const shownRequest = maskedRequest(request, mask)
  return {
    exchange,
    request: shownRequest,
    response: undefined,
    reason: mask.maskText(reason),
    checks,
  }
}

function maskedRequest({ body, method, path, query }: ExchangeRequest, mask: Mask) {
  const search = query === undefined ? '' : `?${new URLSearchParams({ ...query })}`
  return {
    method,
    path: mask.maskText(path.startsWith('//') ? path.slice(1) : `/api/v1${path}${search}`),
    ...(body !== undefined && { body: mask.maskValue(body) }),
  }
}

function fillExpectation(expect: Expectation, values: SavedValues): Expectation {
  return 'equals' in expect ? { ...expect, equals: fillValue(expect.equals, values) } : expect
}
