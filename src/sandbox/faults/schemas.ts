/** Bodies and answers of the routes for faults. */
import { Type } from 'typebox'
import { envelope } from '../../api/schemas.ts'
import { DECLINE_CODES } from '../../domain/payment-attempt.ts'
import { REFUND_FAILURE_REASONS } from '../../domain/refund.ts'
import { WEBHOOK_EVENT_TYPES } from '../../domain/webhook-event.ts'
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
  text(`${description} ISO 8601 with a zone.`, 'a time with a zone, such as 2026-11-22T09:30:00Z')

/** A rule, as it is asked for. Its fields are checked in this order. */
export const FaultBody = Type.Object({
  target: Type.Enum([...FAULT_TARGETS], {
    description: 'Requests to the API and to pages, calls of the processor, or webhooks.',
  }),
  match: Type.Optional(
    Type.Object(
      {
        route: text(
          'For routes: a path with or without a method. `*` stands for one part of it, `/**` at its end for the rest. Paths of the API begin after `/api/v1`; `/oauth/v2/token` and `/hostedcheckout/*/pay` work too.',
          'a path such as /paymentsessions or POST /payments/*/refunds',
        ),
        call: Type.Optional(
          Type.Enum([...PROCESSOR_CALLS], { description: 'For the processor: one of its calls.' }),
        ),
        event_type: Type.Optional(
          Type.Enum([...WEBHOOK_EVENT_TYPES], { description: 'For webhooks: a type of event.' }),
        ),
      },
      { description: 'What the rule is about. Without it all of the target.' },
    ),
  ),
  probability: Type.Optional(
    Type.Number({
      minimum: 0,
      maximum: 1,
      default: 1,
      description: 'How often it applies. With a seed the same ones fail in every run.',
      'x-expected': 'a number from 0 to 1',
    }),
  ),
  count: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 1_000_000,
      description: 'How often it applies at most. Without it as often as it matches.',
    }),
  ),
  window: Type.Optional(
    Type.Object(
      { from: time('Its beginning.'), to: time('Its end, which is not in it.') },
      { description: 'When it applies, by the sandbox’s clock.' },
    ),
  ),
  for: text(
    'Instead of a window: how long from now on, by the sandbox’s clock.',
    'a length of time such as 10m or 2d',
  ),
  effect: Type.Object(
    {
      latency: text(
        'How long it takes first, in real time; at most 30s. Alone or with another effect.',
        'a length of time such as 500ms or 2s, at most 30s',
      ),
      status: Type.Optional(
        Type.Integer({
          minimum: 400,
          maximum: 599,
          description: 'The answer’s status. Nothing is carried out; a webhook is not sent.',
        }),
      ),
      retry_after: Type.Optional(
        Type.Integer({
          minimum: 0,
          maximum: 86_400,
          description: 'With a status: seconds in the header `Retry-After`..',
        }),
      ),
      outcome: Type.Optional(
        Type.Enum(['unknown', 'declined', 'failed'], {
          description:
            'What the processor is said to have answered; it is not called. A charge is unknown or declined, a refund unknown or failed.',
        }),
      ),
      decline_code: Type.Optional(Type.Enum([...DECLINE_CODES])),
      failure_reason: Type.Optional(
        Type.Enum([...REFUND_FAILURE_REASONS], { description: 'Of a refund that fails.' }),
      ),
      reset: yes('The connection is cut, and nothing is carried out or sent.'),
      drop: yes('The webhook is lost on its way, and tried again.'),
      lost_answer: yes('It is carried out or sent, and the answer never comes.'),
      duplicate: yes('It is sent, or the processor called, twice.'),
      reorder: yes('It is held back until the next one for the same endpoint was sent, or 2 s.'),
      corrupt: yes('One byte of the body is another than the one that was signed.'),
    },
    { description: 'What goes wrong: one of these, and a latency beside it.' },
  ),
})

const { for: _for, probability: _probability, ...asked } = FaultBody.properties
const Fault = Type.Object({
  id: Type.String({ examples: ['fault-1'] }),
  ...asked,
  probability: Type.Number(),
  applied_count: Type.Integer({ description: 'How often it has applied.' }),
})
/** One fault. */
export const FaultAnswer = envelope('fault', Fault)
/** The list of faults, oldest first. */
export const FaultsAnswer = envelope('faults', Type.Array(Fault))
