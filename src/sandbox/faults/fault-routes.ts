import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { readBody, sendJson } from '../../api/answer.ts'
import { failures } from '../../api/describe-route.ts'
import { ApiError } from '../../api/errors.ts'
import { renderOne } from '../../api/render-envelope.ts'
import { Done } from '../control/schemas.ts'
import { sandboxTenant } from '../tenants/tenant.ts'
import { faultFields, readFault } from './fault-fields.ts'
import { FaultAnswer, FaultBody, FaultsAnswer } from './schemas.ts'

const DONE = JSON.stringify({ code: 0, message: 'success' })

/** How many rules one sandbox has at most. */
const FAULT_COUNT_MAX = 100

/** Registers the routes by which things are made to go wrong. */
export function registerFaultRoutes(app: FastifyInstance): void {
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
        response: { 201: FaultAnswer, ...failures(400) },
      },
    },
    (request, reply) => {
      const { clock, faults } = sandboxTenant(request.tenant)
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
        response: { 200: FaultsAnswer },
      },
    },
    (request, reply) =>
      sendJson(
        reply,
        200,
        renderOne('faults', sandboxTenant(request.tenant).faults.list().map(faultFields)),
      ),
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
      if (!sandboxTenant(request.tenant).faults.remove((request.params as { id: string }).id)) {
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
    (request, reply) => {
      sandboxTenant(request.tenant).faults.clear()
      return sendJson(reply, 200, DONE)
    },
  )
}
