import type { JSX } from 'preact'
import { useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { useConsole } from '../../../console/browser/context.ts'
import { useResource } from '../../../console/browser/live.ts'
import { Dialog, Status, Time } from '../../../console/browser/parts.tsx'
import { go, viewPath } from '../../../console/browser/router.tsx'
import { showAmountText, words } from '../../../console/browser/show.ts'
import { controlReading } from './server.ts'
import type { SearchResult } from './wire.ts'

/** The wait for more typed letters, in milliseconds. */
const TYPING_MS = 150

function hrefOf({ id, kind, payment_id: paymentId = '' }: SearchResult): string {
  switch (kind) {
    case 'refund':
      return viewPath('payments', paymentId)
    case 'payment_link':
      return viewPath('links', id)
    case 'virtual_account':
      return viewPath('virtual-accounts', id)
    case 'endpoint':
      return viewPath('webhooks', id)
    default:
      return viewPath(`${kind}s`, id)
  }
}

/** Opens the search: with its button, or with Ctrl+K. */
export function Search(): JSX.Element {
  const [isOpen, setOpen] = useState(false)
  // Runs before the paint, so that a key that is pressed at once is not lost.
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey)) return
      event.preventDefault()
      // Another open dialog stays open, because the reader may have filled it in.
      if (document.querySelector('dialog[open]') === null) setOpen(true)
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [])
  return (
    <span>
      <button type="button" class="small search" onClick={() => setOpen(true)}>
        Search
        <kbd>Ctrl K</kbd>
      </button>
      {isOpen && <SearchDialog onClose={() => setOpen(false)} />}
    </span>
  )
}

function SearchDialog({ onClose }: { readonly onClose: () => void }): JSX.Element {
  const { setAccountId } = useConsole()
  const id = useId()
  const [query, setQuery] = useState('')
  const [text, setText] = useState('')
  const [place, setPlace] = useState(0)
  const input = useRef<HTMLInputElement>(null)
  useLayoutEffect(() => input.current?.focus(), [])
  useEffect(() => {
    const typing = setTimeout(() => setText(query.trim()), TYPING_MS)
    return () => clearTimeout(typing)
  }, [query])
  const search = useResource(
    text === '' ? undefined : controlReading('search', { query: { text } }),
  )
  const results = (text === '' ? undefined : search.answer?.found) ?? []
  const chosenIndex = Math.min(place, results.length - 1)
  const isDone = search.answer !== undefined && query.trim() === text && text !== ''
  const open = (one: SearchResult | undefined) => {
    if (one === undefined) return
    if (one.account_id !== undefined) setAccountId(one.account_id)
    onClose()
    go(hrefOf(one))
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step !== undefined && results.length > 0) {
      event.preventDefault()
      setPlace((chosenIndex + step + results.length) % results.length)
    }
    // Opens a result of the current text only, not of an earlier text.
    if (event.key === 'Enter' && isDone) open(results[chosenIndex])
  }
  return (
    <Dialog title="Search" onClose={onClose}>
      <div class="field">
        <label for={id}>Search for</label>
        <input
          id={id}
          ref={input}
          type="text"
          autocomplete="off"
          spellcheck={false}
          role="combobox"
          aria-expanded={results.length > 0 ? 'true' : 'false'}
          aria-controls={`${id}-found`}
          aria-activedescendant={results.length > 0 ? `${id}-${chosenIndex}` : undefined}
          aria-describedby={`${id}-hint`}
          value={query}
          onInput={(event: Event) => {
            setQuery((event.currentTarget as HTMLInputElement).value)
            setPlace(0)
          }}
          onKeyDown={onKeyDown}
        />
        <p class="hint" id={`${id}-hint`}>
          An id, address, account number, reference, invoice, e-mail, phone, amount or description
        </p>
      </div>
      <div class="found" id={`${id}-found`} role="listbox" aria-label="Results">
        {results.map((one, index) => (
          // The focus stays in the field, whose arrow keys move the choice.
          // biome-ignore lint/a11y/useKeyWithClickEvents: see above
          // biome-ignore lint/a11y/useFocusableInteractive: see above
          <div
            key={`${one.kind} ${one.id}`}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === chosenIndex ? 'true' : 'false'}
            onClick={() => open(one)}
          >
            <span class="kind">{words(one.kind)}</span>
            <span class="clip">
              <strong>{showAmountText(one.title)}</strong>
              {one.detail !== undefined && ` · ${one.detail}`}
            </span>
            <Time atMs={one.time_ms} />
            {one.status !== undefined && <Status value={one.status} />}
          </div>
        ))}
      </div>
      <p class="soft" role="status">
        {isDone && results.length === 0 ? 'Nothing found.' : ''}
      </p>
    </Dialog>
  )
}
