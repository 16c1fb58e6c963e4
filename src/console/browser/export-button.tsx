import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { AccountExportName } from '../export-lists.ts'
import type { ServerExportName } from '../server-export-lists.ts'
import { collectExport, type ExportPart } from './collect-export.ts'
import { withoutEmpty } from './connection.ts'
import { consoleCalls } from './console-calls.ts'
import { useConsole } from './context.ts'
import { Checkbox, Dialog, Field, Form } from './parts.tsx'
import { saveFile } from './save-file.ts'
import { showMethod, words } from './show.ts'
import { countText, type PlainKey, showCount, text } from './text.ts'

type ExportName = AccountExportName | ServerExportName

/** An export to a file: its table, and the filters of its list by their names in the query. */
type ExportProps = {
  readonly table: ExportName
  readonly filters: Readonly<Record<string, string>>
}

type ExportFacts = {
  readonly title: PlainKey
  /** True: the rows have contacts, so the operator chooses whether they are masked. */
  readonly hasContacts?: true
  /** True: the list has no period. */
  readonly hasNoPeriod?: true
}

const EXPORTS: Readonly<Record<ExportName, ExportFacts>> = {
  payments: { title: 'Export payments', hasContacts: true },
  refunds: { title: 'Export refunds' },
  sessions: { title: 'Export sessions' },
  payment_links: { title: 'Export payment links', hasContacts: true },
  customers: { title: 'Export customers', hasContacts: true },
  mandates: { title: 'Export mandates', hasContacts: true, hasNoPeriod: true },
  refund_approvals: { title: 'Export refund requests' },
  disputes: { title: 'Export disputes' },
  payouts: { title: 'Export payouts' },
  payout_transactions: { title: 'Export transactions', hasNoPeriod: true },
  virtual_accounts: { title: 'Export virtual accounts', hasNoPeriod: true },
  connected_accounts: { title: 'Export connected accounts', hasContacts: true },
  transfers: { title: 'Export transfers' },
  transfer_reversals: { title: 'Export reversals' },
  events: { title: 'Export events' },
  ledger: { title: 'Export ledger postings' },
  audit_log: { title: 'Export the audit log' },
  operators: { title: 'Export operators', hasNoPeriod: true },
}

/** The permission for the list is also the permission for its export. */
const SERVER_CALLS = {
  audit_log: 'exportAuditLog',
  operators: 'exportOperators',
} as const satisfies Readonly<Record<ServerExportName, string>>

const isOfServer = (table: ExportName): table is ServerExportName => table in SERVER_CALLS

/** The button that exports the rows of a list as CSV. A role without the permission does not see it. */
export function ExportButton(props: ExportProps): JSX.Element | null {
  const { may } = useConsole()
  const [isOpen, setOpen] = useState(false)
  if (!isOfServer(props.table) && !may('export')) return null
  return (
    <span>
      <button type="button" onClick={() => setOpen(true)}>
        {text(EXPORTS[props.table].title)}
      </button>
      {isOpen && <ExportDialog {...props} onClose={() => setOpen(false)} />}
    </span>
  )
}

function ExportDialog({
  filters,
  onClose,
  table,
}: ExportProps & { readonly onClose: () => void }): JSX.Element {
  const { accountId, may, say } = useConsole()
  const [from, setFrom] = useState(filters.from_date ?? '')
  const [to, setTo] = useState(filters.to_date ?? '')
  const [isOpening, setOpening] = useState(false)
  const [part, setPart] = useState<ExportPart>()
  const [isRunning, setRunning] = useState(false)
  const stop = useRef(new AbortController())
  // A closed dialog has no way to cancel, so the export ends with it.
  useEffect(() => () => stop.current.abort(), [])
  const { hasContacts, hasNoPeriod, title } = EXPORTS[table]
  const [fromLabel, toLabel] = isOfServer(table)
    ? ([text('From, in UTC'), text('To, in UTC')] as const)
    : ([text('From'), text('To')] as const)
  const { account_id: _, page: _page, ...others } = filters
  const readPart = partReaderOf(table, {
    accountId,
    filters: others,
    hasContacts: isOpening,
    period: { from, to },
  })
  const run = async () => {
    setRunning(true)
    setPart(undefined)
    const { signal } = stop.current
    try {
      const { file, rowCount } = await collectExport({
        signal,
        onPart: setPart,
        wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
        readPart,
      })
      saveFile(`${table.replaceAll('_', '-')}-${new Date().toISOString().slice(0, 10)}.csv`, file)
      say(countText(rowCount, 'Exported {count} row.', 'Exported {count} rows.'))
      onClose()
    } catch (error) {
      if (!signal.aborted) throw error
    } finally {
      setRunning(false)
    }
  }
  return (
    <Dialog title={text(title)} onClose={onClose}>
      <Form label={text('Export as CSV')} onSend={run}>
        <p>{descriptionOf(table, others)}</p>
        {!hasNoPeriod && (
          <div class="fields">
            <Field label={fromLabel} value={from} onValue={setFrom} input={{ type: 'date' }} />
            <Field label={toLabel} value={to} onValue={setTo} input={{ type: 'date' }} />
          </div>
        )}
        {hasContacts && may('export_contacts') && (
          <Checkbox
            label={text(
              'With e-mail addresses, phone numbers and UPI IDs. The audit log records the export.',
            )}
            isOn={isOpening}
            onChange={setOpening}
          />
        )}
        {isRunning && <Progress part={part} />}
      </Form>
      {isRunning && (
        <button type="button" onClick={onClose}>
          {text('Cancel the export')}
        </button>
      )}
    </Dialog>
  )
}

const DAY_MS = 86_400_000

/** The first part has no cursor. */
function partReaderOf(
  table: ExportName,
  {
    accountId,
    filters,
    hasContacts,
    period: { from, to },
  }: {
    readonly accountId: string
    readonly filters: ExportProps['filters']
    readonly hasContacts: boolean
    readonly period: { readonly from: string; readonly to: string }
  },
): (cursor: string | undefined) => Promise<ExportPart> {
  if (isOfServer(table)) {
    const query = withoutEmpty({
      ...filters,
      from: from && `${from}T00:00:00Z`,
      to: to && new Date(Date.parse(to) + DAY_MS).toISOString(),
    })
    return (cursor) => consoleCalls.call(SERVER_CALLS[table], { query: { ...query, cursor } })
  }
  const operation = hasContacts ? 'exportRowsWithContacts' : 'exportRows'
  const query = withoutEmpty({ ...filters, from_date: from, to_date: to })
  return (cursor) =>
    consoleCalls.call(operation, {
      path: { table },
      query: { account_id: accountId, ...query, ...(cursor !== undefined && { cursor }) },
    })
}

function descriptionOf(
  table: ExportName,
  { from_date: _from, to_date: _to, ...filters }: ExportProps['filters'],
): string {
  if (table === 'payout_transactions') return text('All transactions of the payout.')
  const values = Object.entries(filters).filter(([, value]) => value !== '')
  if (values.length > 0) {
    return text('The rows of the list with these filters: {filters}.', {
      filters: values.map(([name, value]) => showFilter(name, value)).join(', '),
    })
  }
  const { hasNoPeriod } = EXPORTS[table]
  if (isOfServer(table)) {
    return text(hasNoPeriod ? 'All rows.' : 'All rows in the period.')
  }
  return text(hasNoPeriod ? 'All rows of the account.' : 'All rows of the account in the period.')
}

/** A text that the operator has typed stays as it is. */
function showFilter(name: string, value: string): string {
  if (name === 'payment_method_type') return showMethod(value)
  // Payments have statuses such as `Status.Failed`.
  return name === 'status' ? words(value.replace('Status.', '').toLowerCase()) : value
}

function Progress({ part }: { readonly part: ExportPart | undefined }): JSX.Element {
  const progress =
    part === undefined
      ? text('The export has started.')
      : text('{done} of about {rows}', {
          done: showCount(part.row_count),
          rows: countText(part.total, '{count} row', '{count} rows'),
        })
  return (
    <p>
      <progress
        aria-label={text('Progress of the export')}
        max={Math.max(part?.total ?? 1, 1)}
        value={part?.row_count ?? 0}
      />{' '}
      {progress}
    </p>
  )
}
