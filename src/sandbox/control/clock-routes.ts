import type { FastifyInstance, FastifyRequest } from 'fastify'
import { readBody, readOptionalBody, sendJson } from '../../api/answer.ts'
import { failures } from '../../api/describe-route.ts'
import { ApiError } from '../../api/errors.ts'
import { compileFields } from '../../api/read-fields.ts'
import { renderOne } from '../../api/render-envelope.ts'
import { sandboxTenant } from '../tenants/tenant.ts'
import { DURATION_MS_MAX, parseDuration } from './duration.ts'
import { ClockAdvanceBody, ClockAnswer, ClockRunBody, ClockSetBody } from './schemas.ts'

const readSet = compileFields(ClockSetBody)
const readAdvance = compileFields(ClockAdvanceBody)
const readRun = compileFields(ClockRunBody)

/** Registers the routes by which a sandbox's clock is read and moved. */
export function registerClockRoutes(app: FastifyInstance): void {
  const shown = ({ tenant }: FastifyRequest, stopCount?: number) => {
    const { nowMs, rate } = sandboxTenant(tenant).clock.state()
    return renderOne('clock', {
      time: new Date(nowMs).toISOString(),
      time_ms: nowMs,
      is_frozen: rate === 0,
      rate,
      stop_count: stopCount,
    })
  }
  const described = (operationId: string, summary: string, description: string) => ({
    tags: ['Clock'],
    operationId,
    summary,
    description,
    response: { 200: ClockAnswer, ...failures(400) },
  })

  app.get(
    '/clock',
    {
      schema: described('readClock', 'Read the clock', 'Gives the time that the sandbox goes by.'),
    },
    (request, reply) => sendJson(reply, 200, shown(request)),
  )

  app.post(
    '/clock/set',
    {
      schema: {
        ...described('setClock', 'Set the clock', ADVANCE_TEXT),
        body: ClockSetBody,
      },
    },
    async (request, reply) => {
      const { time } = readSet(readBody(request).value, undefined) as { time: string }
      const timeMs = WITH_ZONE.test(time) ? Date.parse(time) : Number.NaN
      if (Number.isNaN(timeMs)) {
        throw invalid('time', 'time must be a time with a zone, such as 2026-11-22T09:30:00Z.')
      }
      const { clock, mover } = sandboxTenant(request.tenant)
      const nowMs = clock.nowMs()
      if (timeMs < nowMs) {
        const now = new Date(nowMs).toISOString()
        throw invalid('time', `time must not be before ${now}, which the clock shows.`)
      }
      if (timeMs - nowMs > DURATION_MS_MAX) throw invalid('time', 'time must be within a year.')
      return sendJson(reply, 200, shown(request, await mover.moveTo(timeMs)))
    },
  )

  app.post(
    '/clock/advance',
    {
      schema: {
        ...described('advanceClock', 'Advance the clock', ADVANCE_TEXT),
        body: ClockAdvanceBody,
      },
    },
    async (request, reply) => {
      const { by } = readAdvance(readBody(request).value, undefined) as { by: unknown }
      const byMs = parseDuration(String(by))
      if (byMs === undefined) {
        throw invalid('by', 'by must be a length of time such as 2d, 1h30m or 90s, at most a year.')
      }
      const { clock, mover } = sandboxTenant(request.tenant)
      return sendJson(reply, 200, shown(request, await mover.moveTo(clock.nowMs() + byMs)))
    },
  )

  app.post(
    '/clock/freeze',
    {
      schema: described(
        'freezeClock',
        'Freeze the clock',
        'The time stands still until the clock is set, advanced or run again.',
      ),
    },
    (request, reply) => {
      sandboxTenant(request.tenant).clock.setRate(0)
      return sendJson(reply, 200, shown(request))
    },
  )

  app.post(
    '/clock/run',
    {
      schema: {
        ...described('runClock', 'Run the clock', 'Lets the time pass, at a rate.'),
        body: ClockRunBody,
      },
    },
    (request, reply) => {
      const { value } = readOptionalBody(request)
      const { rate = 1 } = readRun(value, undefined) as { rate?: number }
      sandboxTenant(request.tenant).clock.setRate(rate)
      return sendJson(reply, 200, shown(request))
    },
  )
}

const ADVANCE_TEXT =
  'Everything follows: expiry, pending outcomes, refunds, retries of webhooks, tokens, idempotency keys, open pages. What falls due in between happens at its own time, in its own order, before this answers.'
const WITH_ZONE = /(?:Z|[+-]\d\d:?\d\d)$/

function invalid(field: string, message: string): ApiError {
  return new ApiError('invalid_parameter', field, message)
}
