import type { AccountId } from '../domain/id.ts'
import type { Store } from './store.ts'
import { type AuditDeps, writeAuditEntry } from './write-audit-entry.ts'

/** The rows of an export, and the place to which they go. */
export type RecordedExport = {
  /** The name of the table, such as `payments`. */
  readonly table: string
  /** Undefined: all accounts. */
  readonly accountIds: readonly AccountId[] | undefined
  /** The start of the period as the user wrote it. Undefined: from the first row. */
  readonly from: string | undefined
  /** The end of the period as the user wrote it. Undefined: the time of the export. */
  readonly to: string | undefined
  readonly format: string
  /** The path of the file. Undefined: the standard output. */
  readonly file: string | undefined
}

/**
 * Records an export in the audit log. Call it before the first row leaves the database, so that an export that is
 * interrupted is recorded too.
 */
export function recordExport(
  deps: AuditDeps & { readonly store: Pick<Store, 'transaction'> },
  { accountIds, file, format, from, table, to }: RecordedExport,
): Promise<void> {
  return deps.store.transaction((tx) =>
    writeAuditEntry(tx, deps, {
      action: 'database.export',
      objectId: table,
      after: {
        accounts: accountIds ?? 'all',
        from: from ?? 'the first row',
        to: to ?? new Date(deps.clock.nowMs()).toISOString(),
        format,
        output: file ?? 'standard output',
      },
    }),
  )
}

/** An export of the console. */
export type RecordedConsoleExport = {
  readonly table: string
  /** Undefined: the rows belong to the whole server. */
  readonly accountId: AccountId | undefined
  /** The filters of the list, by their names in the query. */
  readonly filters: Readonly<Record<string, string>>
  /** `none`: the rows have no contacts of customers. */
  readonly contacts: 'masked' | 'none' | 'open'
  readonly state: 'started' | 'complete'
  /** The number of the matching rows at the start, and of the exported rows at the end. */
  readonly rowCount: number
}

/**
 * Records the start or the end of an export. Call it before the first row leaves the database, and again before the last
 * rows do.
 */
export function recordConsoleExport(
  deps: AuditDeps & { readonly store: Pick<Store, 'transaction'> },
  { accountId, contacts, filters, rowCount, state, table }: RecordedConsoleExport,
): Promise<void> {
  return deps.store.transaction((tx) =>
    writeAuditEntry(tx, deps, {
      action: 'operator.export',
      objectId: table,
      after: {
        account_id: accountId ?? 'all',
        filters,
        contacts,
        state,
        row_count: rowCount,
      },
    }),
  )
}
