import { ok } from '../../api/answer.ts'
import type { HttpAnswer } from '../../api/http-route.ts'
import { renderOne } from '../../api/render-envelope.ts'
import { DURATION_MS_MAX, parseDuration } from '../../domain/duration.ts'
import { CLOCK_MS_MAX } from '../tenants/sandbox-clock.ts'
import type { SandboxTenant } from '../tenants/tenant.ts'
import { controlRoute, fieldsOf, invalid, readTime } from './control-route.ts'
import { ClockAdvanceBody, ClockAnswer, ClockRunBody, ClockSetBody } from './schemas.ts'
import { shownValue } from './shown-value.ts'

const readClockSetBody = fieldsOf(ClockSetBody)
const readClockAdvanceBody = fieldsOf(ClockAdvanceBody)
const readClockRunBody = fieldsOf(ClockRunBody)

const tag = 'Clock'
const answers = { 200: ClockAnswer }
const ADVANCE_TEXT =
  'The clock controls expiry, pending outcomes, refunds, webhook retries, tokens, idempotency keys and open pages. The answer comes after all work that falls due has been done in order, each item at its own time. The clock stops at most 1,000 times at the exact time of due work. After that it advances in at most 1,000 equal steps, and the due work is done after each step. The clock ends in 2090.'

const readClock = controlRoute({
  method: 'GET',
  url: '/clock',
  operationId: 'readClock',
  tag,
  summary: 'Read the clock',
  description: 'Returns the time of the sandbox’s clock and its rate.',
  answers,
  handle: async ({ tenant }) => clockAnswer(tenant),
})

const setClock = controlRoute({
  method: 'POST',
  url: '/clock/set',
  operationId: 'setClock',
  tag,
  summary: 'Set the clock',
  description: ADVANCE_TEXT,
  body: ClockSetBody,
  readBody: readClockSetBody,
  answers,
  handle: async ({ body: { time }, tenant }) => {
    const timeMs = readTime('time', time)
    const nowMs = tenant.clock.nowMs()
    const now = new Date(nowMs).toISOString()
    if (timeMs < nowMs) {
      throw invalid('time', `time must not be before ${now}, which the clock shows.`)
    }
    if (timeMs - nowMs > DURATION_MS_MAX) {
      throw invalid('time', `time must be at most a year after ${now}, which the clock shows.`)
    }
    refuseAfterEnd('time', timeMs)
    return clockAnswer(tenant, await tenant.mover.moveTo(timeMs))
  },
})

const advanceClock = controlRoute({
  method: 'POST',
  url: '/clock/advance',
  operationId: 'advanceClock',
  tag,
  summary: 'Advance the clock',
  description: ADVANCE_TEXT,
  body: ClockAdvanceBody,
  readBody: readClockAdvanceBody,
  answers,
  handle: async ({ body: { by }, tenant }) => {
    const byMs = parseDuration(String(by))
    if (byMs === undefined) {
      throw invalid(
        'by',
        `"by" must be a length of time such as 2d, 1h30m or 90s, at most a year, but it is ${shownValue(by)}.`,
      )
    }
    refuseAfterEnd('by', tenant.clock.nowMs() + byMs)
    return clockAnswer(tenant, await tenant.mover.moveBy(byMs))
  },
})

const freezeClock = controlRoute({
  method: 'POST',
  url: '/clock/freeze',
  operationId: 'freezeClock',
  tag,
  summary: 'Freeze the clock',
  description:
    'Stops the clock. It can still be set and advanced, and it runs again only after a call of `run`.',
  answers,
  handle: async ({ tenant }) => {
    tenant.clock.setRate(0)
    await tenant.clockKeeper.keep()
    return clockAnswer(tenant)
  },
})

const runClock = controlRoute({
  method: 'POST',
  url: '/clock/run',
  operationId: 'runClock',
  tag,
  summary: 'Run the clock',
  description: 'Runs the clock at a rate, in real time by default.',
  body: ClockRunBody,
  isBodyOptional: true,
  readBody: readClockRunBody,
  answers,
  handle: async ({ body: { rate = 1 }, tenant }) => {
    tenant.clock.setRate(rate)
    await tenant.clockKeeper.keep()
    return clockAnswer(tenant)
  },
})

/** The routes that read and move a sandbox's clock. */
export const CLOCK_ROUTES = [readClock, setClock, advanceClock, freezeClock, runClock]

function refuseAfterEnd(field: 'time' | 'by', timeMs: number): void {
  if (timeMs <= CLOCK_MS_MAX) return
  const end = new Date(CLOCK_MS_MAX).toISOString()
  throw invalid(field, `${field} must not move the clock beyond its end, ${end}.`)
}

function clockAnswer({ clock }: SandboxTenant, stopCount?: number): HttpAnswer {
  const { nowMs, rate } = clock.state()
  return ok(
    renderOne('clock', {
      time: new Date(nowMs).toISOString(),
      time_ms: nowMs,
      is_frozen: rate === 0,
      rate,
      stop_count: stopCount,
    }),
  )
}
