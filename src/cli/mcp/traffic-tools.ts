import { Type } from 'typebox'
import { FaultBody } from '../../sandbox/faults/schemas.ts'
import {
  idField,
  oneOf,
  pick,
  ROW_COUNT_MAX,
  type Tool,
  tool,
  wireList,
  wireObject,
} from './tool.ts'

/** What can be seen of what came and went, and made to go wrong. */
export const TRAFFIC_TOOLS: readonly Tool[] = [
  tool({
    name: 'list_requests',
    title: 'List what came and went',
    description:
      'Lists the latest requests to the sandbox, the webhooks that it sent, and the calls of its processor, newest first, without headers and bodies: get_request has them. Secrets are left out.',
    effect: 'reads',
    where: 'controlled',
    input: {
      kind: Type.Optional(oneOf(['api', 'webhook', 'processor'], 'Only these.')),
      payments_session_id: Type.Optional(idField('Only those about this payment session.')),
      payment_id: Type.Optional(idField('Only those about this payment.')),
      event_id: Type.Optional(idField('Only those about this event.')),
      status: Type.Optional(
        Type.String({
          pattern: '^[1-5](?:xx|\\d\\d)$',
          description: 'Only those answered with this status, such as 404, or 4xx for a class.',
        }),
      ),
      limit: Type.Optional(
        Type.Integer({ minimum: 1, maximum: ROW_COUNT_MAX, default: 20, description: 'How many.' }),
      ),
    },
    output: { requests: wireList('What came and went.') },
    run: async ({ control }, { limit = 20, ...asked }) => {
      const query = new URLSearchParams({ ...asked, limit: String(limit) })
      const { requests } = await control('GET', `/requests?${query}`)
      return { requests: (requests as readonly LoggedRequest[]).map(summaryOf) }
    },
  }),
  tool({
    name: 'get_request',
    title: 'Show one request',
    description: 'Gives one exchange with headers, bodies, and a curl command that sends it again.',
    effect: 'reads',
    where: 'controlled',
    input: { request_id: idField('Its `id` in list_requests.') },
    output: { request: wireObject('The exchange; `curl` sends it again.') },
    run: async ({ control }, { request_id: id }) =>
      pick(await control('GET', `/requests/${id}`), 'request'),
  }),
  tool({
    name: 'add_fault',
    title: 'Make something go wrong',
    description:
      'From now on makes requests to the API, calls of the processor, or webhooks go wrong: answered late or with a status, cut off, lost, sent twice, out of order, or changed on their way. Of several rules that match, the oldest applies. clear_faults when you have seen enough.',
    effect: 'adds',
    where: 'controlled',
    input: FaultBody.properties,
    output: { fault: wireObject('The rule, with its id.') },
    run: async ({ control }, asked) => pick(await control('POST', '/faults', asked), 'fault'),
  }),
  tool({
    name: 'list_faults',
    title: 'List what is made to go wrong',
    description: 'Lists the rules that add_fault has made, with how often each has applied.',
    effect: 'reads',
    where: 'controlled',
    input: {},
    output: { faults: wireList('The rules, oldest first.') },
    run: async ({ control }) => pick(await control('GET', '/faults'), 'faults'),
  }),
  tool({
    name: 'clear_faults',
    title: 'Let nothing go wrong any more',
    description: 'Deletes all rules that add_fault has made.',
    effect: 'destroys',
    isIdempotent: true,
    where: 'controlled',
    input: {},
    output: { faults: wireList('The rules that are left: none.') },
    run: async ({ control }) => {
      await control('DELETE', '/faults')
      return pick(await control('GET', '/faults'), 'faults')
    },
  }),
]

type LoggedRequest = {
  readonly request?: unknown
  readonly response?: { readonly status: number | string }
  readonly curl?: unknown
}

/** A row of a list: what it was, and how it was answered. */
function summaryOf({ curl: _, request: __, response, ...row }: LoggedRequest): object {
  return { ...row, ...(response !== undefined && { status: response.status }) }
}
