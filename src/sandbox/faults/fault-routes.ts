import { ok } from '../../api/answer.ts'
import { renderOne } from '../../api/render-envelope.ts'
import { controlRoute, DONE_ANSWER, invalid, missing, pathLike } from '../control/control-route.ts'
import { DoneAnswer } from '../control/schemas.ts'
import { faultFields, readFault } from './fault-fields.ts'
import { FaultAnswer, FaultBody, FaultsAnswer } from './schemas.ts'

const tag = 'Faults'
/** The largest number of faults of a tenant. */
const FAULT_COUNT_MAX = 100

const addFault = controlRoute({
  method: 'POST',
  url: '/faults',
  operationId: 'addFault',
  tag,
  summary: 'Inject a failure',
  description:
    'Adds a fault. If several faults match, only the oldest applies. If its count, period or probability excludes it, the next fault can apply.',
  body: FaultBody,
  answers: { 201: FaultAnswer },
  handle: async ({ body, tenant: { clock, faults } }) => {
    const rule = readFault(body, clock.nowMs())
    if (faults.list().length >= FAULT_COUNT_MAX) {
      throw invalid(undefined, `There are ${FAULT_COUNT_MAX} faults, the maximum. Delete one.`)
    }
    return { status: 201, body: renderOne('fault', faultFields(faults.add(rule))) }
  },
})

const listFaults = controlRoute({
  method: 'GET',
  url: '/faults',
  operationId: 'listFaults',
  tag,
  summary: 'List the faults',
  description: 'Returns the faults, oldest first, with the number of times that each has applied.',
  answers: { 200: FaultsAnswer },
  handle: async ({ tenant }) => ok(renderOne('faults', tenant.faults.list().map(faultFields))),
})

const deleteFault = controlRoute({
  method: 'DELETE',
  url: '/faults/{id}',
  operationId: 'deleteFault',
  path: pathLike({ id: 'fault-1' }),
  tag,
  summary: 'Delete a fault',
  description: 'Deletes a fault, which then no longer applies.',
  answers: { 200: DoneAnswer },
  handle: async ({ path, tenant }) => {
    if (tenant.faults.remove(path.id)) return DONE_ANSWER
    throw missing('id', 'There is no fault with this id. See: GET /_sandbox/faults')
  },
})

const clearFaults = controlRoute({
  method: 'DELETE',
  url: '/faults',
  operationId: 'clearFaults',
  tag,
  summary: 'Delete all faults',
  description: 'Ends all injected failures.',
  answers: { 200: DoneAnswer },
  handle: async ({ tenant }) => {
    tenant.faults.clear()
    return DONE_ANSWER
  },
})

/** The routes for injected failures. */
export const FAULT_ROUTES = [addFault, listFaults, deleteFault, clearFaults]
