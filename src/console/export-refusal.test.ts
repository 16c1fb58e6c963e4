import { expect, test } from 'vitest'
import { MandateListQuery } from '../api/mandates/schemas.ts'
import { PaymentListQuery } from '../api/payments/schemas.ts'
import { refusalOf } from './export-routes.ts'

test.each([
  [
    'a list with a period',
    { table: 'payments', query: PaymentListQuery, filters: { search_text: 'x' }, total: 2_000 },
    'from_date',
    /covers at most \d+ rows\. Remove a filter, or choose a shorter period\.$/,
  ],
  [
    'a list without a period',
    { table: 'mandates', query: MandateListQuery, filters: { search_text: 'x' }, total: 2_000 },
    'search_text',
    /covers at most \d+ rows\. Remove a filter\.$/,
  ],
  [
    'a long list that the command exports too',
    { table: 'payments', query: PaymentListQuery, filters: {}, total: 1_000_000 },
    'from_date',
    /^More than 1000000 rows match\. Use the command paydesk export, or choose a shorter period\.$/,
  ],
  [
    'a long list without filters',
    { table: 'mandates', query: MandateListQuery, filters: {}, total: 1_000_000 },
    'table',
    /^More than 1000000 rows match\. Add a filter that matches fewer rows\.$/,
  ],
] as const)(
  'the refusal of an export names a field and possible steps: %s',
  (_, list, field, message) => {
    const { filters, query, table, total } = list
    const refusal = refusalOf({ total }, { filters, query, table })
    expect(refusal.field).toBe(field)
    expect(refusal.message).toMatch(message)
  },
)
