import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { ExportName } from '../../operations/export-tables.ts'
import { collectExport, type ExportPart } from './collect-export.ts'
import { withoutEmpty } from './connection.ts'
import { consoleCalls } from './console-calls.ts'
import { useConsole } from './context.ts'
import { Checkbox, Dialog, Field, Form } from './parts.tsx'
import { saveFile } from './save-file.ts'
import { words } from './show.ts'
import { countText, type PlainKey, showCount, text } from './text.ts'

/** An export to a file: its table, and the filters of its list by their names in the query. */
type ExportProps = {
  readonly table: ExportName
  readonly filters: Readonly<Record<string, string>>
  /** True: the rows have contacts, so the operator chooses whether they are masked. */
  readonly hasContacts?: boolean
}

const TITLES: Readonly<Record<ExportName, PlainKey>> = {
  payments: 'Export payments',
  refunds: 'Export refunds',
  transfers: 'Export transfers',
  payouts: 'Export payouts',
  ledger: 'Export ledger postings',
}

/** The button that exports the rows of a list as CSV. A role without the permission does not see it. */
export function ExportButton(props: ExportProps): JSX.Element | null {
  const { may } = useConsole()
  const [isOpen, setOpen] = useState(false)
  if (!may('export')) return null
  return (
    <span>
      <button type="button" onClick={() => setOpen(true)}>
        {text(TITLES[props.table])}
      </button>
      {isOpen && <ExportDialog {...props} onClose={() => setOpen(false)} />}
    </span>
  )
}

function ExportDialog({
  filters,
  hasContacts = false,
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
  const { account_id: _, page: _page, ...others } = filters
  const query = withoutEmpty({ ...others, from_date: from, to_date: to })
  const operation = isOpening ? 'exportRowsWithContacts' : 'exportRows'
  const run = async () => {
    setRunning(true)
    setPart(undefined)
    const { signal } = stop.current
    try {
      const { file, rowCount } = await collectExport({
        signal,
        onPart: setPart,
        wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
        readPart: (cursor) =>
          consoleCalls.call(operation, {
            path: { table },
            query: { account_id: accountId, ...query, ...(cursor !== undefined && { cursor }) },
          }),
      })
      saveFile(`${table}-${new Date().toISOString().slice(0, 10)}.csv`, file)
      say(countText(rowCount, 'Exported {count} row.', 'Exported {count} rows.'))
      onClose()
    } catch (error) {
      if (!signal.aborted) throw error
    } finally {
      setRunning(false)
    }
  }
  return (
    <Dialog title={text(TITLES[table])} onClose={onClose}>
      <Form label={text('Export as CSV')} onSend={run}>
        <p>{descriptionOf(others)}</p>
        <div class="fields">
          <Field label={text('From')} value={from} onValue={setFrom} input={{ type: 'date' }} />
          <Field label={text('To')} value={to} onValue={setTo} input={{ type: 'date' }} />
        </div>
        {hasContacts && may('export_contacts') && (
          <Checkbox
            label={text(
              'With e-mail addresses and phone numbers. The audit log records the export.',
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

/** Describes the exported rows by the filters of the list besides its period. */
function descriptionOf({
  from_date: _from,
  to_date: _to,
  ...filters
}: Readonly<Record<string, string>>): string {
  const values = Object.values(filters).filter((value) => value !== '')
  return values.length === 0
    ? text('All rows of the account in the period.')
    : text('The rows of the list with these filters: {filters}.', {
        filters: values.map(words).join(', '),
      })
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
