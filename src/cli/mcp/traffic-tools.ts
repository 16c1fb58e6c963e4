import { Type } from 'typebox'
import type { Exchange } from '../../client/control.ts'
import { FaultBody } from '../../sandbox/faults/schemas.ts'
import { idField, oneOf, ROW_COUNT_MAX, type Tool, tool, wireList, wireObject } from './tool.ts'

/** The tools for the request log and for injected failures. */
export const TRAFFIC_TOOLS: readonly Tool[] = [
  tool({
    name: 'list_requests',
    title: 'List requests',
    description:
      'Lists the latest API requests, webhooks and processor calls of the sandbox, newest first, without headers and bodies: get_request has them. Secrets are removed.',
    effect: 'reads',
    where: 'controlled',
    input: {
      kind: Type.Optional(oneOf(['api', 'webhook', 'processor'], 'Only this kind.')),
      payments_session_id: Type.Optional(idField('Only requests about this payment session.')),
      payment_id: Type.Optional(idField('Only requests about this payment.')),
      event_id: Type.Optional(idField('Only requests about this event.')),
      status: Type.Optional(
        Type.String({
          pattern: '^[1-5](?:xx|\\d\\d)$',
          description: 'Only requests with this status, such as 404, or 4xx for a class.',
        }),
      ),
      limit: Type.Optional(
        Type.Integer({
          minimum: 1,
          maximum: ROW_COUNT_MAX,
          default: 20,
          description: 'The maximum number of rows.',
        }),
      ),
    },
    output: { requests: wireList('The requests.') },
    run: async ({ control }, { limit = 20, ...query }) => {
      const rows = await control.requests.list({ ...query, limit })
      return { requests: rows.map(summaryOf) }
    },
  }),
  tool({
    name: 'get_request',
    title: 'Show a request',
    description: 'Returns a request and its answer with headers, bodies, and a curl command.',
    effect: 'reads',
    where: 'controlled',
    input: { request_id: idField('The `id` of the request in list_requests.') },
    output: { request: wireObject('The request and its answer; `curl` sends it again.') },
    run: async ({ control }, { request_id: id }) => ({
      request: await control.requests.retrieve(id),
    }),
  }),
  tool({
    name: 'add_fault',
    title: 'Inject a failure',
    description:
      'Makes API requests, processor calls or webhooks fail from now on: delayed, answered with a status, cut off, lost, duplicated, reordered or corrupted. If several faults match, only the oldest applies. If its count, period or probability excludes it, the next fault can apply. Call clear_faults when you are done.',
    effect: 'adds',
    where: 'controlled',
    input: FaultBody.properties,
    output: { fault: wireObject('The fault, with its id.') },
    run: async ({ control }, args) => ({ fault: await control.faults.add(args) }),
  }),
  tool({
    name: 'list_faults',
    title: 'List injected failures',
    description: 'Lists all faults of the sandbox, with how often each has applied.',
    effect: 'reads',
    where: 'controlled',
    input: {},
    output: { faults: wireList('The faults, oldest first.') },
    run: async ({ control }) => ({ faults: await control.faults.list() }),
  }),
  tool({
    name: 'clear_faults',
    title: 'Remove all injected failures',
    description: 'Deletes all faults of the sandbox, including those of its settings file.',
    effect: 'destroys',
    isIdempotent: true,
    where: 'controlled',
    input: {},
    output: { faults: wireList('The remaining faults: none.') },
    run: async ({ control }) => {
      await control.faults.clear()
      return { faults: await control.faults.list() }
    },
  }),
]

function summaryOf({ curl: _curl, request: _request, response, ...row }: Exchange): object {
  return { ...row, ...(response !== undefined && { status: response.status }) }
}
