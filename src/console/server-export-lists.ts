import type { TObject } from 'typebox'
import type { JsonObject } from '../api/read-json.ts'
import type { ExportColumns } from '../operations/export-tables.ts'
import type { Store } from '../operations/store.ts'
import { parseAuditFilter } from './audit-routes.ts'
import { type ExportPart, type PartPage, partOf } from './export-list.ts'
import { AuditExportQuery, OperatorExportQuery } from './export-schemas.ts'
import { AUDIT_COLUMNS, OPERATOR_COLUMNS } from './list-columns.ts'

type ServerExportList = Pick<ExportColumns<never>, 'columns'> & {
  /** The known filters. */
  readonly query: TObject
  /** Reads the filters, and returns the function that reads a part. Throws ApiError. */
  readonly open: (query: JsonObject) => (store: Store, page: PartPage) => Promise<ExportPart>
}

/** Has no effect, because all times of the whole server's columns are in UTC. */
const EDITION = 'US'

/** The exports of the whole server. Their rows have the order of the lists. */
export const SERVER_EXPORT_LISTS = {
  audit_log: {
    columns: AUDIT_COLUMNS.columns,
    query: AuditExportQuery,
    open: (query) => {
      const filter = parseAuditFilter(query)
      return async ({ auditLog }, { perPage, start, totalMax }) => {
        const place = start === 'first' ? undefined : start
        const after = place && { beforeNumber: Number(place.after[0]) }
        return partOf(await auditLog.list({ ...filter, ...after }, perPage + 1), {
          perPage,
          totalMax,
          count: place?.total ?? (await auditLog.count(filter, totalMax + 1)),
          cellsOf: (entry) => AUDIT_COLUMNS.cellsOf(entry, EDITION),
          positionOf: ({ number }) => [number],
        })
      }
    },
  },
  operators: {
    columns: OPERATOR_COLUMNS.columns,
    query: OperatorExportQuery,
    open:
      () =>
      async ({ operators }, { perPage, start, totalMax }) => {
        const rows = await operators.list()
        const after = start === 'first' ? '' : String(start.after[0])
        // The order of the database can differ from that of the comparison.
        const rest = rows
          .filter(({ email }) => email > after)
          .toSorted((one, other) => (one.email < other.email ? -1 : 1))
        return partOf(rest, {
          perPage,
          totalMax,
          count: start === 'first' ? rows.length : start.total,
          cellsOf: (operator) => OPERATOR_COLUMNS.cellsOf(operator, EDITION),
          positionOf: ({ email }) => [email],
        })
      },
  },
} as const satisfies Readonly<Record<string, ServerExportList>>

/** The name of an export of the whole server. */
export type ServerExportName = keyof typeof SERVER_EXPORT_LISTS
