import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { SAVED_SEARCH_NAME_LENGTH_MAX } from '../../domain/saved-search.ts'
import { consoleCalls, consoleReading } from './console-calls.ts'
import { useConsole } from './context.ts'
import { useResource } from './live.ts'
import { ActionButton, Dialog, Field, Form } from './parts.tsx'
import { viewPath } from './router.tsx'
import { text } from './text.ts'

type Search = { readonly saved_search_id: string; readonly name: string; readonly query: string }

/** The operator's saved searches of a list. */
export function SavedSearches({ viewName }: { readonly viewName: string }): JSX.Element | null {
  const { accountId } = useConsole()
  const { answer } = useResource(
    consoleReading('listSavedSearches', { query: { account_id: accountId } }),
  )
  const [dialog, setDialog] = useState<'save' | 'change'>()
  const searches = (answer?.saved_searches ?? []).filter(({ view }) => view === viewName)
  const query = filtersOf(location.search)
  const close = () => setDialog(undefined)
  if (searches.length === 0 && query === '') return null
  return (
    <div class="saved-searches">
      {searches.length > 0 && (
        <nav aria-label={text('Saved searches')}>
          <ul>
            {searches.map((search) => (
              <li key={search.saved_search_id}>
                <a
                  href={`${viewPath(viewName)}?${search.query}`}
                  aria-current={search.query === query ? 'page' : undefined}
                >
                  {search.name}
                </a>
              </li>
            ))}
          </ul>
        </nav>
      )}
      {query !== '' && searches.every((one) => one.query !== query) && (
        <button type="button" class="small" onClick={() => setDialog('save')}>
          {text('Save this search')}
        </button>
      )}
      {searches.length > 0 && (
        <button type="button" class="small" onClick={() => setDialog('change')}>
          {text('Change saved searches')}
        </button>
      )}
      {dialog === 'save' && <SaveDialog viewName={viewName} query={query} onClose={close} />}
      {dialog === 'change' && <ChangeDialog searches={searches} onClose={close} />}
    </div>
  )
}

/** Returns the filters of an address, without the number of the page, in a fixed order. */
function filtersOf(search: string): string {
  const query = new URLSearchParams(search)
  query.delete('page')
  query.sort()
  return query.toString()
}

const nameInput = { maxlength: SAVED_SEARCH_NAME_LENGTH_MAX }

function SaveDialog({
  onClose,
  query,
  viewName,
}: {
  readonly viewName: string
  readonly query: string
  readonly onClose: () => void
}): JSX.Element {
  const { accountId, say } = useConsole()
  const [name, setName] = useState('')
  const save = async () => {
    await consoleCalls.call('createSavedSearch', {
      query: { account_id: accountId },
      body: { name: name.trim(), view: viewName, query },
    })
    say(text('The search was saved.'))
    onClose()
  }
  return (
    <Dialog title={text('Save this search')} onClose={onClose}>
      <Form label={text('Save')} onSend={save}>
        <Field
          label={text('Name')}
          hint={text(
            'Only you see this search. You have it for every account and in every browser.',
          )}
          value={name}
          onValue={setName}
          input={nameInput}
        />
      </Form>
    </Dialog>
  )
}

function ChangeDialog({
  onClose,
  searches,
}: {
  readonly searches: readonly Search[]
  readonly onClose: () => void
}): JSX.Element {
  return (
    <Dialog title={text('Saved searches')} onClose={onClose}>
      {searches.map((search) => (
        <SearchForm key={search.saved_search_id} search={search} />
      ))}
    </Dialog>
  )
}

function SearchForm({ search: { name, saved_search_id: id } }: { readonly search: Search }) {
  const { accountId } = useConsole()
  const [newName, setNewName] = useState(name)
  const input = { path: { saved_search_id: id }, query: { account_id: accountId } }
  return (
    <div>
      <Form
        label={text('Rename {name}', { name })}
        onSend={() =>
          consoleCalls.call('renameSavedSearch', { ...input, body: { name: newName.trim() } })
        }
      >
        <Field label={text('Name')} value={newName} onValue={setNewName} input={nameInput} />
      </Form>
      <p>
        <ActionButton
          class="small danger"
          successText={text('The search was deleted.')}
          onAction={() => consoleCalls.run('deleteSavedSearch', input)}
        >
          {text('Delete {name}', { name })}
        </ActionButton>
      </p>
    </div>
  )
}
