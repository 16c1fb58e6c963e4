import type { Account } from '../../domain/account.ts'
import { DAY_OR_TIME_SHAPE, readDayOrTime, showAccountTime } from '../../domain/account-day.ts'
import { type CsvCell, csvOf } from '../../domain/csv.ts'
import type { AccountId } from '../../domain/id.ts'
import {
  EXPORT_TABLES,
  type ExportedStore,
  type ExportName,
} from '../../operations/export-tables.ts'
import type { ListTimes, Store } from '../../operations/store.ts'
import { shownValue } from '../../server/settings/shown-value.ts'
import { CommandRefused } from '../command-refused.ts'
import { EXIT_CODES } from '../exit-codes.ts'
import type { ExportSink } from './export-sink.ts'

/** The form of an export: CSV with a header, or one JSON object on each line. */
export type ExportFormat = 'csv' | 'jsonl'

/** The rows to export. */
export type ExportRequest = {
  readonly name: ExportName
  readonly format: ExportFormat
  /** A time, or a day in the time zone of the account. Included. Undefined: from the first row. */
  readonly from: string | undefined
  /** A time, or a day in the time zone of the account. Excluded. Undefined: until now. */
  readonly to: string | undefined
  /** Undefined: all accounts. */
  readonly accountIds: readonly AccountId[] | undefined
}

/** The number of exported rows and accounts, and of bytes. */
export type ExportSummary = {
  readonly rowCount: number
  readonly byteCount: number
  readonly accountCount: number
}

/** Called after each step with the number of all rows so far. */
type OnStep = (rowCount: number) => void

/**
 * Exports rows account by account, the rows of an account in the order of their creation. Memory use does not depend
 * on the number of rows, and no transaction stays open. Throws CommandRefused for a wrong request, and the signal's
 * reason after an abort.
 */
export async function runExport(
  {
    listCommand,
    nowMs,
    onAccepted,
    signal,
    store,
  }: {
    readonly store: ExportedStore & Pick<Store, 'accounts'>
    /** The command that lists the accounts of this database. */
    readonly listCommand: string
    readonly nowMs: number
    /** Called when the request is checked, before the first row is read. */
    readonly onAccepted: () => Promise<void>
    readonly signal: AbortSignal
  },
  request: ExportRequest,
  sink: Pick<ExportSink, 'write'>,
  onStep: OnStep = () => {},
): Promise<ExportSummary> {
  const accounts = await findAccounts(store, request.accountIds, listCommand)
  // All accounts are checked before the first row is written.
  const periods = accounts.map((account) => ({ account, times: timesOf(account, request, nowMs) }))
  await onAccepted()
  const table = EXPORT_TABLES[request.name]
  const format = FORMATS[request.format](table.columns)
  let rowCount = 0
  let byteCount = 0
  const write = async (text: string) => {
    await sink.write(text)
    byteCount += Buffer.byteLength(text)
  }
  await write(format.header)
  for (const { account, times } of periods) {
    for await (const rows of table.read(store, account, times)) {
      signal.throwIfAborted()
      await write(format.textOf(rows))
      rowCount += rows.length
      onStep(rowCount)
    }
  }
  signal.throwIfAborted()
  return { rowCount, byteCount, accountCount: accounts.length }
}

async function findAccounts(
  store: Pick<Store, 'accounts'>,
  ids: readonly AccountId[] | undefined,
  listCommand: string,
): Promise<readonly Account[]> {
  const all = await store.accounts.list()
  if (ids === undefined) return all
  const missing = ids.find((id) => !all.some((account) => account.id === id))
  if (missing !== undefined) {
    throw new CommandRefused(`There is no account ${missing}. To list the accounts: ${listCommand}`)
  }
  return all.filter(({ id }) => ids.includes(id))
}

/** Days are those of the account's time zone. */
function timesOf(
  { edition }: Pick<Account, 'edition'>,
  { from, to }: Pick<ExportRequest, 'from' | 'to'>,
  nowMs: number,
): ListTimes {
  const startOf = (flag: string, text: string) => {
    const span = readDayOrTime(text, edition)
    if (span === undefined) {
      throw new CommandRefused(
        `${flag} must be ${DAY_OR_TIME_SHAPE}, but it is ${shownValue(text)}.`,
        EXIT_CODES.usage.code,
      )
    }
    return span.startMs
  }
  const createdFromMs = from === undefined ? undefined : startOf('--from', from)
  const createdToMs = to === undefined ? nowMs : startOf('--to', to)
  if (createdFromMs !== undefined && createdFromMs >= createdToMs) {
    throw new CommandRefused(
      to === undefined
        ? `--from must be before now: ${showAccountTime(edition, nowMs)}.`
        : '--to must be after --from: the period ends before --to. For one day use --from 2026-11-22 --to 2026-11-23.',
      EXIT_CODES.usage.code,
    )
  }
  return { createdToMs, ...(createdFromMs !== undefined && { createdFromMs }) }
}

type Format = {
  readonly header: string
  readonly textOf: (rows: readonly (readonly CsvCell[])[]) => string
}

const FORMATS: Readonly<Record<ExportFormat, (columns: readonly string[]) => Format>> = {
  csv: (columns) => ({ header: csvOf([columns]), textOf: csvOf }),
  jsonl: (columns) => ({
    header: '',
    textOf: (rows) =>
      rows
        .map((cells) => {
          const members = columns.map((name, index) => [name, jsonValue(cells[index])])
          return `${JSON.stringify(Object.fromEntries(members))}\n`
        })
        .join(''),
  }),
}

/** Returns a cell as JSON: amounts are texts, because JSON's readers round numbers. */
function jsonValue(cell: CsvCell): string | number | null {
  if (cell === undefined) return null
  return typeof cell === 'object' ? cell.decimal : cell
}
