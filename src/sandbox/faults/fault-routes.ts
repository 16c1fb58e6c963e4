import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { readBody, sendJson } from '../../api/answer.ts'
import { failures } from '../../api/describe-route.ts'
import { ApiError } from '../../api/errors.ts'
import { renderOne } from '../../api/render-envelope.ts'
import { envelope } from '../../api/schemas.ts'
import type { Worlds } from '../tenants/tenant.ts'
import { FaultBody, faultFields, readFault } from './fault-fields.ts'

const FaultOut = Type.Object(
  {
    id: Type.String({ examples: ['fault-1'] }),
    applied_count: Type.Integer({ description: 'How often it has applied.' }),
  },
  { additionalProperties: true, description: 'The rule as it was asked for.' },
)
const Done = Type.Object({ code: Type.Literal(0), message: Type.Literal('success') })
const DONE = JSON.stringify({ code: 0, message: 'success' })

/** How many rules one sandbox has at most. */
const FAULT_COUNT_MAX = 100

/** Registers the routes by which things are made to go wrong. */
export function registerFaultRoutes(
  app: FastifyInstance,
  { current }: Pick<Worlds, 'current'>,
): void {
  const described = (operationId: string, summary: string, description: string) => ({
    tags: ['Faults'],
    operationId,
    summary,
    description,
  })

  app.post(
    '/faults',
    {
      schema: {
        ...described(
          'addFault',
          'Make something go wrong',
          'Adds a rule. Of several that match, the oldest applies, and no other.',
        ),
        body: FaultBody,
        response: { 201: envelope('fault', FaultOut), ...failures(400) },
      },
    },
    (request, reply) => {
      const { clock, faults } = current()
      const rule = readFault(readBody(request).value, clock.nowMs())
      if (faults.list().length >= FAULT_COUNT_MAX) {
        throw new ApiError(
          'invalid_parameter',
          undefined,
          `There are ${FAULT_COUNT_MAX} faults, as many as there can be. Delete one.`,
        )
      }
      return sendJson(reply, 201, renderOne('fault', faultFields(faults.add(rule))))
    },
  )

  app.get(
    '/faults',
    {
      schema: {
        ...described(
          'listFaults',
          'List the faults',
          'The oldest first, with how often each applied.',
        ),
        response: { 200: envelope('faults', Type.Array(FaultOut)) },
      },
    },
    (_request, reply) =>
      sendJson(reply, 200, renderOne('faults', current().faults.list().map(faultFields))),
  )

  app.delete(
    '/faults/:id',
    {
      schema: {
        ...described('deleteFault', 'Delete a fault', 'It applies no more.'),
        params: Type.Object({ id: Type.String() }),
        response: { 200: Done, ...failures(404) },
      },
    },
    (request, reply) => {
      if (!current().faults.remove((request.params as { id: string }).id)) {
        throw new ApiError(
          'resource_does_not_exist',
          'id',
          'There is no fault with this id. See: GET /_sandbox/faults',
        )
      }
      return sendJson(reply, 200, DONE)
    },
  )

  app.delete(
    '/faults',
    {
      schema: {
        ...described('clearFaults', 'Delete all faults', 'Nothing goes wrong any more.'),
        response: { 200: Done },
      },
    },
    (_request, reply) => {
      current().faults.clear()
      return sendJson(reply, 200, DONE)
    },
  )
}
