import type { JSX } from 'preact'
import { AUDIT_ACTIONS } from '../../domain/audit-log.ts'
import { consoleReading } from './console-calls.ts'
import { ExportButton } from './export-button.tsx'
import { List } from './list.tsx'
import { useResource } from './live.ts'
import { Empty, Field, ResourceView, Time, ViewHead } from './parts.tsx'
import { ShowAll, setQueryOf, usePlace } from './router.tsx'
import { text } from './text.ts'

/** The audit log of the server, newest entries first. */
export function AuditLogView(): JSX.Element {
  const { query } = usePlace()
  const filter = {
    action: query.get('action') ?? '',
    object_id: query.get('object') ?? '',
    before: query.get('before') ?? '',
  }
  const log = useResource(consoleReading('listAuditEntries', { query: filter }))
  const setBefore = setQueryOf('before')
  const setFilter = (name: string) => (value: string) => {
    setBefore('')
    setQueryOf(name)(value)
  }
  return (
    <div>
      <ViewHead
        title={text('Audit log')}
        actions={
          <ExportButton
            table="audit_log"
            filters={{ action: filter.action, object_id: filter.object_id }}
          />
        }
      >
        {text(
          'Changes, exports, opened contacts and sign-ins, each with its actor. Entries never change.',
        )}
      </ViewHead>
      <div class="fields filters">
        <Field
          label={text('Action')}
          value={filter.action}
          options={[['', text('All')], ...AUDIT_ACTIONS.map((one) => [one, one] as const)]}
          onValue={setFilter('action')}
        />
        <Field
          label={text('Object')}
          value={filter.object_id}
          onValue={setFilter('object')}
          hint={text('An id, or an exported table such as payments')}
        />
      </div>
      <ResourceView resource={log}>
        {({ audit_log: { entries, has_older: hasOlder } }) => (
          <div>
            {entries.length === 0 ? (
              <Empty title={text('No matching entries.')}>
                <ShowAll view="audit-log" label={text('Show all entries')} />
              </Empty>
            ) : (
              <List
                label={text('Entries')}
                columns={[
                  { title: text('Time'), class: 'when' },
                  { title: text('Action'), class: 'main' },
                  { title: text('Object') },
                  { title: text('Actor') },
                  { title: text('Change#noun'), class: 'own-line' },
                ]}
                rows={entries.map((entry) => ({
                  key: String(entry.number),
                  cells: [
                    <Time atMs={Date.parse(entry.time)} />,
                    <Action name={entry.action} />,
                    <span class="mono id">{entry.object_id}</span>,
                    <Actor name={entry.actor.name} />,
                    <span lang="en" dir="ltr">
                      {changeOf(entry)}
                    </span>,
                  ],
                }))}
              />
            )}
            <nav class="pages" aria-label={text('Pages')}>
              {filter.before !== '' && (
                <button type="button" class="small" onClick={() => setBefore('')}>
                  {text('Newest')}
                </button>
              )}
              {hasOlder && (
                <button
                  type="button"
                  class="small"
                  onClick={() => setBefore(String(entries.at(-1)?.number ?? ''))}
                >
                  {text('Older')}
                </button>
              )}
            </nav>
          </div>
        )}
      </ResourceView>
    </div>
  )
}

/** A line can break after the object in the name. */
function Action({ name }: { readonly name: string }): JSX.Element {
  const [object, verb] = name.split('.')
  return (
    <code class="whole">
      {object}.<wbr />
      {verb}
    </code>
  )
}

/** For an operator, only the e-mail address is shown, without the id before it. */
function Actor({ name }: { readonly name: string }): JSX.Element {
  return (
    <span class="actor" title={name}>
      {name.replace(/^op_[0-9a-f]+ /, '')}
    </span>
  )
}

function changeOf({
  after,
  before,
}: {
  readonly before: Readonly<Record<string, unknown>>
  readonly after: Readonly<Record<string, unknown>>
}): string {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  return names
    .map((name) => {
      const [old, present] = [before[name], after[name]].map(textOf)
      return old === undefined ? `${name}: ${present}` : `${name}: ${old} → ${present ?? 'none'}`
    })
    .join('; ')
}

function textOf(value: unknown): string | undefined {
  if (value === undefined) return undefined
  if (value === null) return 'none'
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(textOf).join(', ')
  return typeof value === 'string' ? value : JSON.stringify(value)
}
