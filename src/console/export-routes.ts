import type { TObject } from 'typebox'
import { ok } from '../api/answer.ts'
import { ApiError } from '../api/errors.ts'
import { type ListRequest, openPage, wrongCursor } from '../api/list-cursor.ts'
import { FIRST_CURSOR } from '../api/page-schemas.ts'
import type { JsonObject } from '../api/read-json.ts'
import { renderOne } from '../api/render-envelope.ts'
import { refuseUnknownFields } from '../api/unknown-fields.ts'
import { type CsvCell, csvOf } from '../domain/csv.ts'
import { EXPORT_TABLES } from '../operations/export-tables.ts'
import { type RecordedConsoleExport, recordConsoleExport } from '../operations/record-export.ts'
import { EXAMINED_ROW_COUNT_MAX } from '../operations/store.ts'
import { type AccountCall, accountRoute, type ServerContext, serverRoute } from './console-route.ts'
import type { ExportPart, PartPage } from './export-list.ts'
import { ACCOUNT_EXPORT_NAMES, type AccountExportName, EXPORT_LISTS } from './export-lists.ts'
import {
  AuditExportQuery,
  ExportAnswer,
  ExportQuery,
  OperatorExportQuery,
} from './export-schemas.ts'
import { isContactField, maskContact, maskSearchText } from './mask-contacts.ts'
import { SERVER_EXPORT_LISTS, type ServerExportName } from './server-export-lists.ts'

const tag = 'Exports'

/** The number of rows in one part. A larger part holds up other requests for longer, and makes an export hardly faster. */
export const EXPORT_PART_ROW_COUNT = 500
/** The page holds all rows until the file is complete. */
const EXPORT_ROW_COUNT_MAX = 1_000_000
/** The maximum number of parts a minute by one operator, of all exports. */
const PARTS_PER_MINUTE = 300

/** The mark by which spreadsheet programs recognize UTF-8. */
const BYTE_ORDER_MARK = '\uFEFF'

type ExportCall = AccountCall<string, JsonObject> & { readonly path: { readonly table: string } }

type ServerExportCall = ServerContext & { readonly query: JsonObject }

const facts = {
  method: 'POST',
  tag,
  ratePerMinute: PARTS_PER_MINUTE,
  isRateOfOperator: true,
  answers: { 200: ExportAnswer },
  description: 'Returns a part of an export as CSV. The audit log records the start and the end.',
} as const

const exportRows = accountRoute({
  ...facts,
  url: '/exports/{table}',
  operationId: 'exportRows',
  summary: 'Export rows with masked contacts',
  query: ExportQuery,
  handle: (call: ExportCall) => exportAccountPart(call, '/exports/{table}', 'masked'),
})

const exportRowsWithContacts = accountRoute({
  ...facts,
  url: '/exports/{table}/with_contacts',
  operationId: 'exportRowsWithContacts',
  summary: 'Export rows with contacts',
  query: ExportQuery,
  handle: (call: ExportCall) => exportAccountPart(call, '/exports/{table}/with_contacts', 'open'),
})

const exportAuditLog = serverRoute({
  ...facts,
  url: '/audit_log/export',
  operationId: 'exportAuditLog',
  summary: 'Export the audit log',
  query: AuditExportQuery,
  handle: (call: ServerExportCall) => exportServerPart(call, '/audit_log/export', 'audit_log'),
})

const exportOperators = serverRoute({
  ...facts,
  url: '/operators/export',
  operationId: 'exportOperators',
  summary: 'Export the operators',
  query: OperatorExportQuery,
  handle: (call: ServerExportCall) => exportServerPart(call, '/operators/export', 'operators'),
})

/** The routes of exports of an account. */
export const EXPORT_ACCOUNT_ROUTES = [exportRows, exportRowsWithContacts]

/** The routes of exports of the whole server. */
export const EXPORT_SERVER_ROUTES = [exportAuditLog, exportOperators]

function exportAccountPart(call: ExportCall, url: string, contacts: 'masked' | 'open') {
  const { account, operator, path, query, tenant } = call
  const table = tableFrom(path.table)
  const { account_id: _, cursor, ...filters } = query
  const list = EXPORT_LISTS[table]
  refuseUnknownFilters(list.query, filters)
  const read = list.open(filters, { edition: account.edition, nowMs: tenant.clock.nowMs() })
  return exportPart(call, {
    table,
    contacts,
    cursor,
    filters,
    accountId: account.id,
    query: list.query,
    columns: list.columns,
    place: { account: { id: `${account.id} ${operator.id}` }, url, params: { table } },
    readPart: (page) => read(tenant.store, account, page),
  })
}

function exportServerPart(call: ServerExportCall, url: string, table: ServerExportName) {
  const { operator, query, tenant } = call
  const { cursor, ...filters } = query
  const list = SERVER_EXPORT_LISTS[table]
  refuseUnknownFilters(list.query, filters)
  const read = list.open(filters)
  return exportPart(call, {
    table,
    cursor,
    filters,
    contacts: 'none',
    accountId: undefined,
    query: list.query,
    columns: list.columns,
    place: { account: { id: operator.id }, url, params: {} },
    readPart: (page) => read(tenant.store, page),
  })
}

type OpenExport = Pick<RecordedConsoleExport, 'accountId' | 'contacts' | 'table'> & {
  /** The known filters. */
  readonly query: TObject
  readonly columns: readonly string[]
  readonly filters: JsonObject
  /** The field of the query. Undefined: the first part. */
  readonly cursor: JsonObject[string] | undefined
  /** A cursor is valid for its operator only, so that the audit log has the start of each export. */
  readonly place: Omit<ListRequest, 'query'>
  readonly readPart: (page: PartPage) => Promise<ExportPart>
}

/**
 * Everything about the progress of an export is in the sealed cursor, so that no server keeps anything of the export,
 * and a slow reader holds nothing of the database.
 */
async function exportPart(
  { actor, tenant }: Pick<ServerContext, 'actor' | 'tenant'>,
  { columns, cursor = FIRST_CURSOR, filters, place, query, readPart, ...facts }: OpenExport,
) {
  if (typeof cursor !== 'string') throw wrongCursor()
  const page = openPage(
    { number: 1, perPage: EXPORT_PART_ROW_COUNT, cursor },
    { ...place, query: filters },
    tenant,
  )
  const { start = 'first' } = page
  const part = await readPart({ ...page, start, totalMax: EXPORT_ROW_COUNT_MAX })
  const isFirst = start === 'first'
  if (isFirst && part.isTotalCut) throw refusalOf(part, { filters, query, table: facts.table })
  const rowCount = (page.page - 1) * EXPORT_PART_ROW_COUNT + part.rows.length
  const record = (state: 'started' | 'complete', count: number) =>
    recordConsoleExport(
      { store: tenant.store, clock: tenant.clock, actor: actor() },
      { ...facts, state, filters: shownFilters(filters), rowCount: count },
    )
  if (isFirst) await record('started', part.total)
  if (!part.hasMore) await record('complete', rowCount)
  const rows = facts.contacts === 'masked' ? maskedRows(part.rows, columns) : part.rows
  return ok(
    renderOne('export', {
      csv: `${isFirst ? `${BYTE_ORDER_MARK}${csvOf([columns])}` : ''}${csvOf(rows)}`,
      row_count: rowCount,
      total: part.total,
      next_cursor: page.cursorAfter?.(part),
    }),
  )
}

function tableFrom(text: string): AccountExportName {
  const table = ACCOUNT_EXPORT_NAMES.find((one) => one === text)
  if (table !== undefined) return table
  throw new ApiError(
    'invalid_parameter',
    'table',
    `table must be one of ${ACCOUNT_EXPORT_NAMES.join(', ')}.`,
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
export function refusalOf(
  { total }: Pick<ExportPart, 'total'>,
  { filters, query: { properties }, table }: Pick<OpenExport, 'filters' | 'query' | 'table'>,
): ApiError {
  const periodField = ['from_date', 'from'].find((name) => name in properties)
  const field = periodField ?? Object.keys(filters)[0] ?? 'table'
  const adviceWith = (advice: string) =>
    periodField === undefined ? `${advice}.` : `${advice}, or choose a shorter period.`
  if (total < EXPORT_ROW_COUNT_MAX) {
    return new ApiError(
      'invalid_parameter',
      field,
      `The export would be incomplete, because a search with these filters covers at most ${EXAMINED_ROW_COUNT_MAX} rows. ${adviceWith('Remove a filter')}`,
    )
  }
  const advice =
    table in EXPORT_TABLES
      ? 'Use the command paydesk export'
      : 'Add a filter that matches fewer rows'
  return new ApiError(
    'invalid_parameter',
    field,
    `More than ${EXPORT_ROW_COUNT_MAX} rows match. ${adviceWith(advice)}`,
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
