import { csvOf } from '../../../domain/csv.ts'
import type { Exchange } from './wire.ts'

const COLUMNS: readonly (readonly [
  title: string,
  cell: (row: Exchange) => string | number | undefined,
])[] = [
  ['id', ({ id }) => Number(id)],
  ['time', ({ time }) => time],
  ['kind', ({ kind }) => kind],
  ['method', ({ method }) => method],
  ['path', ({ path }) => path],
  ['status', ({ response }) => response?.status],
  ['duration_ms', (row) => row.duration_ms],
  ['repeat_count', (row) => row.repeat_count],
  ['payments_session_id', (row) => row.payments_session_id],
  ['payment_id', (row) => row.payment_id],
  ['event_id', (row) => row.event_id],
  ['fault_id', (row) => row.fault_id],
  ['failure', ({ failure }) => failure],
  ['warnings', ({ warnings }) => warnings?.join('; ')],
  ['request_body', ({ request }) => request.body],
  ['response_body', ({ response }) => response?.body],
]

/** Writes logged calls as CSV with a header line. */
export function requestsAsCsv(rows: readonly Exchange[]): string {
  return csvOf([
    COLUMNS.map(([title]) => title),
    ...rows.map((row) => COLUMNS.map(([, cell]) => cell(row))),
  ])
}

/** Writes logged calls as JSON, with headers. */
export function requestsAsJson(rows: readonly Exchange[]): string {
  return `${JSON.stringify(rows, undefined, 2)}\n`
}
