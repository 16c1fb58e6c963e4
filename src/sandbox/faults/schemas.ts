/** Bodies and answers of the routes for faults. */

import { envelope } from '../../api/schemas.ts'
import { Type } from '../../api/type.ts'
import { DECLINE_CODES } from '../../domain/payment-attempt.ts'
import { REFUND_FAILURE_REASONS } from '../../domain/refund.ts'
import { SUBSCRIBABLE_EVENT_TYPES } from '../../domain/webhook-event.ts'
import { FAULT_TARGETS, PROCESSOR_CALLS } from './faults.ts'

/** A fault's id. */
export const FAULT_ID = Type.String({
  description: 'The fault that applied.',
  examples: ['fault-1'],
})

const text = (description: string, expected: string) =>
  Type.Optional(Type.String({ maxLength: 300, description, 'x-expected': expected }))
const yes = (description: string) =>
  Type.Optional(Type.Boolean({ const: true, description, 'x-expected': 'true' }))
const time = (description: string) =>
  text(description, 'a time with a zone, such as 2026-11-22T09:30:00Z')

/** The body that adds a fault. Its fields are checked in this order. */
export const FaultBody = Type.Object(
  {
    target: Type.Enum([...FAULT_TARGETS], {
      description: 'Requests to the API and pages, calls to the processor, or webhooks.',
    }),
    match: Type.Optional(
      Type.Object(
        {
          route: text(
            'For routes: a path with or without a method. `*` matches one segment, `/**` at the end matches the rest. Paths of the API need no `/api/v1` before them. Other paths, such as `/oauth/v2/token` and `/hostedcheckout/*/pay`, work too.',
            'a path such as /paymentsessions or POST /payments/*/refunds',
          ),
          call: Type.Optional(
            Type.Enum([...PROCESSOR_CALLS], {
              description: 'For the processor: the name of a call.',
            }),
          ),
          event_type: Type.Optional(
            Type.Enum([...SUBSCRIBABLE_EVENT_TYPES], {
              description: 'For webhooks: an event type.',
            }),
          ),
        },
        { description: 'The requests, calls or webhooks that the fault applies to. Default: all.' },
      ),
    ),
    probability: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1,
        default: 1,
        description:
          'The share of matches that the fault applies to. With a seed, the fault applies to the same matches in every run.',
        'x-expected': 'a number from 0 to 1',
      }),
    ),
    count: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1_000_000,
        description: 'The maximum number of times that the fault applies. Default: no limit.',
      }),
    ),
    window: Type.Optional(
      Type.Object(
        { from: time('The start, included.'), to: time('The end, excluded.') },
        { description: 'The period in which the fault applies, by the sandbox’s clock.' },
      ),
    ),
    for: text(
      'Instead of a window: the duration from now, by the sandbox’s clock.',
      'a length of time such as 10m or 2d',
    ),
    effect: Type.Object(
      {
        latency: text(
          'A delay in real time, alone or with another effect.',
          'a length of time such as 500ms or 2s, at most 30s',
        ),
        status: Type.Optional(
          Type.Integer({
            minimum: 400,
            maximum: 599,
            description:
              'The status of the answer. The request is not handled; a webhook is not sent.',
          }),
        ),
        retry_after: Type.Optional(
          Type.Integer({
            minimum: 0,
            maximum: 86_400,
            description:
              'Only for the target `route`, with a status: the seconds in the header `Retry-After`.',
          }),
        ),
        outcome: Type.Optional(
          Type.Enum(['unknown', 'declined', 'failed'], {
            description:
              'The outcome to assume; the processor is not called. `unknown` or `declined` for a charge or a save, `unknown` or `failed` for a refund, `unknown` for `forget`.',
          }),
        ),
        decline_code: Type.Optional(
          Type.Enum([...DECLINE_CODES], { description: 'Only with the outcome `declined`.' }),
        ),
        failure_reason: Type.Optional(
          Type.Enum([...REFUND_FAILURE_REASONS], {
            description: 'The reason for a failed refund, only with the outcome `failed`.',
          }),
        ),
        reset: yes('Cuts the connection before the request is handled or the webhook is sent.'),
        drop: yes('Loses the webhook in transit. It is sent again.'),
        lost_answer: yes(
          'Handles the request, calls the processor or sends the webhook, and then loses the answer.',
        ),
        duplicate: yes('Sends the webhook, or calls the processor, twice.'),
        reorder: yes(
          'Holds the webhook until the next one for the same endpoint has been sent, at most 2 s.',
        ),
        corrupt: yes('Changes one byte of the body after signing.'),
      },
      { description: 'The failure: one of these fields. `latency` can be added.' },
    ),
  },
  {
    examples: [
      {
        target: 'route',
        match: { route: 'POST /paymentsessions' },
        count: 1,
        effect: { status: 503, retry_after: 2 },
      },
    ],
  },
)

const { for: _for, probability: _probability, ...requestFields } = FaultBody.properties
const Fault = Type.Object({
  id: Type.String({ examples: ['fault-1'] }),
  ...requestFields,
  probability: Type.Number(),
  applied_count: Type.Integer({ description: 'The number of times that the fault has applied.' }),
})
/** One fault. */
export const FaultAnswer = envelope('fault', Fault)
/** The list of faults, oldest first. */
export const FaultsAnswer = envelope('faults', Type.Array(Fault))
