import { CONFIDENCES, REPORT_FORMAT } from './report.ts'

const text = (description?: string) => ({ type: 'string', ...(description && { description }) })
const textOrNull = (description: string) => ({ type: ['string', 'null'], description })
const count = { type: 'integer', minimum: 0 }

/** Makes the schema of an object. All properties except `optional` are required. A later version may add some. */
function object(properties: Readonly<Record<string, object>>, optional: readonly string[] = []) {
  const requiredNames = Object.keys(properties).filter((name) => !optional.includes(name))
  return { type: 'object', required: requiredNames, properties }
}

const CHECK = object({
  id: text('`exchange.check`. Unique in the report.'),
  confidence: { enum: CONFIDENCES, description: 'How certain the contract is about this fact.' },
  statement: text('The fact in words.'),
  result: { enum: ['conforms', 'differs', 'no_answer', 'skipped'] },
  expected: text(),
  received: textOrNull('Null: nothing was received.'),
})

const EXCHANGE = object({
  id: text(),
  section: text('The part of the contract.'),
  title: text(),
  request: object({ method: text(), path: text(), body: { description: 'The masked body.' } }, [
    'body',
  ]),
  response: {
    anyOf: [
      { type: 'null' },
      object({
        status: { type: 'integer' },
        content_type: text(),
        body: { description: 'The masked JSON, or a masked text if the body is not JSON.' },
      }),
    ],
    description: 'Null: the request was not sent, or had no answer.',
  },
  reason: textOrNull('A sentence that says why there is no answer.'),
  checks: { type: 'array', items: CHECK },
})

/** The JSON Schema of a report of `paydesk conformance`. */
export const REPORT_SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Report of paydesk conformance',
  ...object({
    format: { const: REPORT_FORMAT },
    paydesk_version: text(),
    started_time: text('ISO 8601, in UTC.'),
    ended_time: text('ISO 8601, in UTC.'),
    target: object({
      kind: { enum: ['zoho_sandbox', 'paydesk_sandbox'] },
      host: text(),
      edition: { enum: ['IN', 'US'] },
    }),
    is_complete: { type: 'boolean' },
    stopped_reason: textOrNull('A sentence. Null: the run reached its end.'),
    summary: object({
      conforms: count,
      differs: count,
      no_answer: count,
      skipped: count,
      ours: count,
    }),
    confidence: object(
      Object.fromEntries(
        CONFIDENCES.map((one) => [one, object({ conforms: count, differs: count })]),
      ),
    ),
    left_behind: {
      type: 'array',
      items: text(),
      description: 'The objects that the run made and could not remove.',
    },
    exchanges: { type: 'array', items: EXCHANGE },
  }),
}
