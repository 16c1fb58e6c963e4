import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { useConsole } from '../../../console/browser/context.ts'
import { List, Pages } from '../../../console/browser/list.tsx'
import { useResource } from '../../../console/browser/live.ts'
import {
  Dialog,
  Empty,
  Field,
  Form,
  optionOf,
  ResourceView,
  Status,
  Time,
  ViewHead,
} from '../../../console/browser/parts.tsx'
import {
  go,
  IdLink,
  ShowAll,
  setQuery,
  setQueryOf,
  viewPath,
} from '../../../console/browser/router.tsx'
import { showAmount } from '../../../console/browser/show.ts'
import { type AttemptFields, AttemptInputs, attemptBody, newAttempt } from './play-form.tsx'
import { useSandbox } from './sandbox-context.ts'
import { apiReading, control, readObject } from './server.ts'

const STATUSES = ['created', 'in_progress', 'succeeded', 'failed', 'expired', 'canceled'] as const
/** The search fields of sessions: an id opens the session, the others filter. */
const SEARCHES = [
  ['reference_number', 'Reference number'],
  ['invoice_number', 'Invoice number'],
  ['id', 'Session id'],
] as const

/** All sessions of the account. */
export function SessionsView(): JSX.Element {
  const { accountId } = useConsole()
  const query = new URLSearchParams(location.search)
  const status = query.get('status') ?? ''
  const searchField = query.get('by') ?? 'reference_number'
  const searchText = query.get('q') ?? ''
  const page = query.get('page') ?? '1'
  const [input, setInput] = useState(searchText)
  const sessions = useResource(
    apiReading('listPaymentSessions', {
      query: {
        account_id: accountId,
        status,
        page,
        ...(searchField !== 'id' && { [searchField]: searchText }),
      },
    }),
  )
  const search = (event: Event) => {
    event.preventDefault()
    if (searchField === 'id' && input !== '') go(viewPath('sessions', input.trim()))
    else {
      setQuery('page', '')
      setQuery('q', input.trim())
    }
  }
  const isFiltered = status !== '' || searchText !== ''
  return (
    <div>
      <ViewHead title="Sessions" actions={<NewSession />}>
        All payment sessions, each with its timeline.
      </ViewHead>
      <form class="filters" role="search" onSubmit={search}>
        <Field
          label="Status"
          value={status}
          onValue={setQueryOf('status')}
          options={[['', 'any'], ...STATUSES]}
        />
        <Field
          label="Search by"
          value={searchField}
          options={SEARCHES}
          onValue={setQueryOf('by')}
        />
        <Field label="Search for" value={input} onValue={setInput} input={{ type: 'search' }} />
        <button type="submit">Search</button>
      </form>
      {
        <ResourceView
          resource={sessions}
          children={({ page_context: context, payments_sessions: rows }) =>
            rows.length === 0 ? (
              <Empty title={isFiltered ? 'No matching sessions.' : 'No payment sessions yet.'}>
                {isFiltered ? (
                  <ShowAll view="sessions" name="sessions" />
                ) : (
                  [
                    'Create one with the button above, or by a request: ',
                    <a key="snippets" href={viewPath('credentials')}>
                      snippets
                    </a>,
                    '.',
                  ]
                )}
              </Empty>
            ) : (
              [
                <List
                  key="list"
                  label="Sessions"
                  columns={[
                    { title: 'Created', class: 'when', isSorted: true },
                    { title: 'Session', class: 'main' },
                    { title: 'Amount', class: 'amount' },
                    { title: 'Status' },
                    { title: 'Description', class: 'wide' },
                  ]}
                  rows={rows.map((one) => ({
                    key: one.payments_session_id,
                    cells: [
                      <Time atMs={one.created_time * 1000} />,
                      <IdLink of="sessions" id={one.payments_session_id} />,
                      showAmount(one),
                      <Status value={one.status} />,
                      one.description ?? one.invoice_number ?? one.reference_number ?? '',
                    ],
                  }))}
                />,
                <Pages
                  key="pages"
                  context={context}
                  noun="session"
                  onPage={(to) => setQuery('page', String(to))}
                />,
              ]
            )
          }
        />
      }
    </div>
  )
}

/** Creates a session, and plays attempts on it, if any. */
export function NewSession(): JSX.Element {
  const [isOpen, setOpen] = useState(false)
  return (
    <div>
      <button type="button" class="primary" onClick={() => setOpen(true)}>
        New session
      </button>
      {isOpen && <NewSessionDialog onClose={() => setOpen(false)} />}
    </div>
  )
}

function NewSessionDialog({ onClose }: { readonly onClose: () => void }): JSX.Element {
  const { accountId, say } = useConsole()
  const { facts } = useSandbox()
  const [amount, setAmount] = useState('1499.90')
  const [currency, setCurrency] = useState(accountId === facts.us_account_id ? 'USD' : 'INR')
  const [description, setDescription] = useState('Order 8841')
  const [more, setMore] = useState('')
  const [attempts, setAttempts] = useState<readonly AttemptFields[]>([])
  const [endsBy, setEndsBy] = useState('')
  const send = async () => {
    const extra = more.trim() === '' ? {} : readObject('more fields', more)
    const end = optionOf(['expire', 'cancel'] as const, endsBy)
    const body = {
      account_id: accountId,
      session: { amount, currency, ...(description !== '' && { description }), ...extra },
      attempts: attempts.map(attemptBody),
      ...(end !== undefined && { ends_by: end }),
    }
    const session = await control.call('triggerSession', { body })
    say('Session created.')
    onClose()
    go(viewPath('sessions', session.payments_session_id))
  }
  return (
    <Dialog title="New session" onClose={onClose}>
      <Form label="Create session" onSend={send}>
        <div class="fields">
          <Field
            label="Amount"
            value={amount}
            onValue={setAmount}
            input={{ inputmode: 'decimal' }}
          />
          <Field label="Currency" value={currency} onValue={setCurrency} input={{ maxLength: 3 }} />
          <Field label="Description" value={description} onValue={setDescription} />
        </div>
        {attempts.map((attempt, index) => (
          <fieldset key={index}>
            <legend>{`Attempt ${index + 1}`}</legend>
            <AttemptInputs
              attempt={attempt}
              onChange={(change) =>
                setAttempts((before) => before.map((one, at) => (at === index ? change : one)))
              }
            />
            <button
              type="button"
              class="small"
              onClick={() => setAttempts((before) => before.filter((_, at) => at !== index))}
            >
              Remove
              <span class="hidden">{` attempt ${index + 1}`}</span>
            </button>
          </fieldset>
        ))}
        {attempts.length < 5 && (
          <p>
            <button
              type="button"
              class="small"
              onClick={() =>
                setAttempts((before) => [
                  ...before.map((one) =>
                    one.outcome === 'succeeded' ? { ...one, outcome: 'failed' } : one,
                  ),
                  newAttempt(),
                ])
              }
            >
              {attempts.length === 0 ? 'Play an attempt to pay' : 'Play another attempt'}
            </button>
          </p>
        )}
        <details>
          <summary>More</summary>
          <Field
            label="Final state"
            value={endsBy}
            onValue={setEndsBy}
            options={[
              ['', 'it does not change'],
              ['expire', 'it expires'],
              ['cancel', 'it is canceled'],
            ]}
          />
          <Field
            label="More fields of the request, as JSON"
            value={more}
            onValue={setMore}
            rows={4}
            hint={'Such as {"reference_number": "ord_8841"}'}
          />
        </details>
      </Form>
    </Dialog>
  )
}
