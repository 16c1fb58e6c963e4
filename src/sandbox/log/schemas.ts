/** Queries and answers of the routes for the request log. */

import { envelope } from '../../api/schemas.ts'
import { Type } from '../../api/type.ts'
import { FAULT_ID } from '../faults/schemas.ts'
import { LOG_KINDS } from './logged-request.ts'
import { LOG_COUNT_MAX } from './request-log.ts'

const headers = Type.Record(Type.String(), Type.String())
const Exchange = Type.Object(
  {
    id: Type.String(),
    kind: Type.Enum([...LOG_KINDS]),
    time: Type.String({ description: 'By the sandbox’s clock.' }),
    time_ms: Type.Integer(),
    duration_ms: Type.Integer({ description: 'Real time.' }),
    repeat_count: Type.Optional(
      Type.Integer({
        description:
          'The number of later queries to the processor that got the same answer, `pending` or `unknown`.',
      }),
    ),
    last_time_ms: Type.Optional(Type.Integer({ description: 'The time of the last repetition.' })),
    method: Type.String({ description: 'The HTTP method, or the processor’s call.' }),
    path: Type.String({ description: 'The path with its query, or the webhook’s URL.' }),
    request: Type.Object({ headers, body: Type.String() }),
    response: Type.Optional(
      Type.Object({
        status: Type.Union([Type.Integer(), Type.String()], {
          description: 'The HTTP status, or the processor’s outcome.',
        }),
        headers,
        body: Type.String(),
      }),
    ),
    failure: Type.Optional(Type.String()),
    warnings: Type.Optional(
      Type.Array(Type.String(), {
        description:
          'Mistakes of the request that its answer does not mention: unknown fields and parameters, and an unknown path.',
        examples: [['amout: unknown field, did you mean amount?']],
      }),
    ),
    payments_session_id: Type.Optional(Type.String()),
    payment_id: Type.Optional(Type.String()),
    event_id: Type.Optional(Type.String()),
    fault_id: Type.Optional(FAULT_ID),
    curl: Type.Optional(
      Type.String({
        description:
          'A command that sends the request again. A webhook keeps its body and signature.',
      }),
    ),
  },
  {
    description:
      'Card numbers, security codes and secrets are removed. Bodies longer than 16 KiB are cut.',
  },
)
/** One exchange. */
export const RequestAnswer = envelope('request', Exchange)
/** The list of exchanges, newest first. */
export const RequestsAnswer = envelope('requests', Type.Array(Exchange))

/** The list of programs that read events, newest first. */
export const ListenersAnswer = envelope(
  'listeners',
  Type.Array(
    Type.Object({
      is_running: Type.Boolean({
        description: 'False: the program has made no call for some seconds.',
      }),
      forward_to: Type.Optional(
        Type.String({ description: 'The receiver. Absent: the program only shows events.' }),
      ),
      event_ids: Type.Array(Type.String(), { description: 'The events that it has read.' }),
    }),
  ),
)

const id = (description: string) =>
  Type.Optional(
    Type.String({ pattern: '^\\d{1,16}$', description, 'x-expected': 'an id of 1 to 16 digits' }),
  )
const time = (description: string) =>
  Type.Optional(
    Type.String({
      maxLength: 40,
      description: `${description} of the sandbox’s clock.`,
      examples: ['2026-11-22T09:30:00Z'],
      'x-expected': 'a time with a zone, such as 2026-11-22T09:30:00Z',
    }),
  )
/** The query of the list of exchanges. */
export const RequestListQuery = Type.Object({
  kind: Type.Optional(Type.Enum([...LOG_KINDS])),
  payments_session_id: id('Only calls about a session and its payments.'),
  payment_id: id('Only calls about a payment.'),
  event_id: id('Only calls about an event.'),
  status: Type.Optional(
    Type.String({
      pattern: '^(?:[1-5]\\d\\d|[1-5]xx)(?:,(?:[1-5]\\d\\d|[1-5]xx))*$',
      description:
        'Only calls with one of these statuses, or with a status of one of these classes. Separated by commas.',
      examples: ['4xx,5xx'],
      'x-expected': 'statuses separated by commas, such as 404 or 4xx,5xx',
    }),
  ),
  path: Type.Optional(
    Type.String({
      maxLength: 200,
      description:
        'Only calls whose method and path contain this text. Upper and lower case are equal.',
      examples: ['POST /api/v1/paymentsessions'],
      'x-expected': 'a text of at most 200 characters',
    }),
  ),
  from: time('Only calls since this time'),
  to: time('Only calls before this time'),
  since: id('Only entries with an id above this one.'),
  limit: Type.Optional(
    Type.String({
      pattern: '^(?:[1-9]\\d{0,2}|1000)$',
      description: 'The maximum number of rows. Default: 100.',
      'x-expected': `a whole number from 1 to ${LOG_COUNT_MAX}`,
    }),
  ),
})
