import { ok } from '../api/answer.ts'
import { ApiError } from '../api/errors.ts'
import { openPage } from '../api/list-cursor.ts'
import { FIRST_CURSOR } from '../api/page-schemas.ts'
import type { JsonObject } from '../api/read-json.ts'
import { renderOne } from '../api/render-envelope.ts'
import { refuseUnknownFields } from '../api/unknown-fields.ts'
import { type CsvCell, csvOf } from '../domain/csv.ts'
import { EXPORT_NAMES, EXPORT_TABLES, type ExportName } from '../operations/export-tables.ts'
import { recordConsoleExport } from '../operations/record-export.ts'
import { EXAMINED_ROW_COUNT_MAX } from '../operations/store.ts'
import { type AccountCall, accountRoute } from './console-route.ts'
import { EXPORT_LISTS, type ExportPart } from './export-lists.ts'
import { ExportAnswer, ExportQuery } from './export-schemas.ts'
import { isContactField, maskContact, maskSearchText } from './mask-contacts.ts'

const tag = 'Exports'

/** The number of rows in one part. A larger part holds up other requests for longer, and makes an export hardly faster. */
export const EXPORT_PART_ROW_COUNT = 500
/** The maximum number of rows of an export. The page holds all of them until the file is complete. */
const EXPORT_ROW_COUNT_MAX = 1_000_000
/** The maximum number of parts a minute by one operator, of all exports. */
const PARTS_PER_MINUTE = 300

/** The mark by which spreadsheet programs recognize UTF-8. */
const BYTE_ORDER_MARK = '\uFEFF'

/** A call for a part of an export. */
type ExportCall = AccountCall<string, JsonObject> & { readonly path: { readonly table: string } }

const facts = {
  method: 'POST',
  tag,
  ratePerMinute: PARTS_PER_MINUTE,
  isRateOfOperator: true,
  query: ExportQuery,
  answers: { 200: ExportAnswer },
} as const

const exportRows = accountRoute({
  ...facts,
  url: '/exports/{table}',
  operationId: 'exportRows',
  summary: 'Export rows with masked contacts',
  description: 'Returns a part of an export as CSV. The audit log records the start and the end.',
  handle: (call: ExportCall) => exportPart(call, '/exports/{table}', false),
})

const exportRowsWithContacts = accountRoute({
  ...facts,
  url: '/exports/{table}/with_contacts',
  operationId: 'exportRowsWithContacts',
  summary: 'Export rows with contacts',
  description: 'Returns a part of an export as CSV. The audit log records the start and the end.',
  handle: (call: ExportCall) => exportPart(call, '/exports/{table}/with_contacts', true),
})

/** The routes of exports. */
export const EXPORT_ROUTES = [exportRows, exportRowsWithContacts]

/**
 * Answers with one part of an export. Everything about its progress is in the sealed cursor, so that no server keeps
 * anything of an export, and a slow reader holds nothing of the database.
 */
async function exportPart(call: ExportCall, url: string, hasContacts: boolean) {
  const { account, actor, operator, path, tenant } = call
  const table = tableFrom(path.table)
  const { account_id: _, cursor = FIRST_CURSOR, ...filters } = call.query
  const list = EXPORT_LISTS[table]
  refuseUnknownFilters(list.query, filters)
  if (typeof cursor !== 'string') throw new ApiError('invalid_parameter', 'cursor')
  const nowMs = tenant.clock.nowMs()
  const read = list.open(filters, { edition: account.edition, nowMs })
  // A cursor is valid for its operator only, so that the audit log has the start of each export.
  const identity = { account: { id: `${account.id} ${operator.id}` }, url, params: { table } }
  const page = openPage(
    { number: 1, perPage: EXPORT_PART_ROW_COUNT, cursor },
    { ...identity, query: filters },
    tenant,
  )
  const { start = 'first' } = page
  const part = await read(tenant.store, account, { ...page, start, totalMax: EXPORT_ROW_COUNT_MAX })
  const isFirst = start === 'first'
  if (isFirst && part.isTotalCut) throw refusalOf(part)
  const rowCount = (page.page - 1) * EXPORT_PART_ROW_COUNT + part.rows.length
  const record = (state: 'started' | 'complete', count: number) =>
    recordConsoleExport(
      { store: tenant.store, clock: tenant.clock, actor: actor() },
      {
        table,
        accountId: account.id,
        filters: shownFilters(filters),
        hasContacts,
        state,
        rowCount: count,
      },
    )
  if (isFirst) await record('started', part.total)
  if (!part.hasMore) await record('complete', rowCount)
  const { columns } = EXPORT_TABLES[table]
  const rows = hasContacts ? part.rows : maskedRows(part.rows, columns)
  return ok(
    renderOne('export', {
      csv: `${isFirst ? `${BYTE_ORDER_MARK}${csvOf([columns])}` : ''}${csvOf(rows)}`,
      row_count: rowCount,
      total: part.total,
      next_cursor: page.cursorAfter?.(part),
    }),
  )
}

function tableFrom(text: string): ExportName {
  const table = EXPORT_NAMES.find((one) => one === text)
  if (table !== undefined) return table
  throw new ApiError(
    'invalid_parameter',
    'table',
    `table must be one of ${EXPORT_NAMES.join(', ')}.`,
  )
}

/** The parameters of the API's lists that an export replaces by its cursor. */
const PAGE_NAMES = ['page', 'per_page', 'cursor']

/** Refuses filters that the list does not have: otherwise the export would have more rows than the operator sees. */
function refuseUnknownFilters(
  { properties }: { readonly properties: object },
  filters: JsonObject,
) {
  const knownFields = Object.entries(properties).filter(([name]) => !PAGE_NAMES.includes(name))
  refuseUnknownFields({ properties: Object.fromEntries(knownFields) }, filters)
}

/** Returns the reason why the rows of a list cannot be exported. */
function refusalOf({ total }: ExportPart): ApiError {
  return total >= EXPORT_ROW_COUNT_MAX
    ? new ApiError(
        'invalid_parameter',
        'from_date',
        `More than ${EXPORT_ROW_COUNT_MAX} rows match. Choose a shorter period, or use the command paydesk export.`,
      )
    : new ApiError(
        'invalid_parameter',
        'from_date',
        `The export would be incomplete, because a search with these filters covers at most ${EXAMINED_ROW_COUNT_MAX} rows. Choose a shorter period, or remove a filter.`,
      )
}

/** Returns filters as the audit log keeps them: it must not keep the contacts of a customer who is erased. */
function shownFilters(filters: JsonObject): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(filters).map(([name, value]) => [
      name,
      name === 'search_text' ? maskSearchText(String(value)) : String(value),
    ]),
  )
}

function maskedRows(
  rows: ExportPart['rows'],
  columns: readonly string[],
): readonly (readonly CsvCell[])[] {
  const contactIndexes = columns.flatMap((name, index) => (isContactField(name) ? [index] : []))
  return rows.map((cells) => {
    const copy = [...cells]
    for (const index of contactIndexes) {
      const cell = copy[index]
      if (typeof cell === 'string') copy[index] = maskContact(columns[index] ?? '', cell)
    }
    return copy
  })
}
