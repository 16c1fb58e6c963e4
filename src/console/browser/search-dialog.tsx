import type { JSX } from 'preact'
import { useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { SearchResult } from '../../operations/search-results.ts'
import type { Reading } from './connection.ts'
import { useResource } from './live.ts'
import { Dialog, Status, Time } from './parts.tsx'
import { go, viewPathAt } from './router.tsx'
import { showAmountText, words } from './show.ts'
import { text } from './text.ts'

/** The wait for more typed letters. */
const TYPING_MS = 150

/** The keys that open the search, as keyboards show them in every language. */
const SHORTCUT = 'Ctrl K'

type Choice = Omit<SearchResult, 'kind' | 'time_ms'> & {
  /** The kind in words. */
  readonly kind: string
  readonly time_ms?: number
  readonly open: () => void
}

type SearchProps = {
  readonly readingOf: (text: string) => Reading<{ readonly found: readonly SearchResult[] }>
  /** A sentence for the reader about the texts that the search finds. */
  readonly hint: string
  readonly views: readonly { readonly title: string; readonly href: string }[]
  /** Called before an object is opened. */
  readonly onOpen?: (object: SearchResult) => void
  /** True: the addresses of the console have an account. */
  readonly hasAccountInAddress: boolean
}

const PATHS: Readonly<Record<string, string>> = {
  payment_link: 'links',
  virtual_account: 'virtual-accounts',
  endpoint: 'webhooks',
}

function hrefOf(
  { account_id: accountId, id, kind, payment_id: paymentId = '' }: SearchResult,
  hasAccount: boolean,
): string {
  const account = hasAccount ? accountId : undefined
  if (kind === 'refund') return viewPathAt(account, 'payments', paymentId)
  return viewPathAt(account, PATHS[kind] ?? `${kind}s`, id)
}

/** Opens the search: with its button, or with Ctrl+K. */
export function Search(props: SearchProps): JSX.Element {
  // The number of the open dialog. A dialog reports later that Escape has closed it, maybe when the next one is open.
  const [openNumber, setOpenNumber] = useState(0)
  const open = () => setOpenNumber((number) => number + 1)
  // This effect runs before the paint, so that a key that is pressed at once is not lost.
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey)) return
      event.preventDefault()
      // Another open dialog stays open, because the reader may have filled it in.
      if (document.querySelector('dialog[open]') === null) open()
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [])
  return (
    <span>
      <button type="button" class="small search" onClick={open}>
        {text('Search')}
        <kbd lang="en">{SHORTCUT}</kbd>
      </button>
      {openNumber > 0 && (
        <SearchDialog
          key={openNumber}
          {...props}
          onClose={() => setOpenNumber((number) => (number === openNumber ? 0 : number))}
        />
      )}
    </span>
  )
}

function SearchDialog({
  hasAccountInAddress,
  hint,
  onClose,
  onOpen,
  readingOf,
  views,
}: SearchProps & { readonly onClose: () => void }): JSX.Element {
  const id = useId()
  const [query, setQuery] = useState('')
  const [searchText, setSearchText] = useState('')
  const [place, setPlace] = useState(0)
  const input = useRef<HTMLInputElement>(null)
  useLayoutEffect(() => input.current?.focus(), [])
  useEffect(() => {
    const typing = setTimeout(() => setSearchText(query.trim()), TYPING_MS)
    return () => clearTimeout(typing)
  }, [query])
  const search = useResource(searchText === '' ? undefined : readingOf(searchText))
  const word = query.trim().toLowerCase()
  const openAt = (href: string) => {
    onClose()
    go(href)
  }
  const choices: readonly Choice[] = [
    ...views
      .filter(({ title }) => word !== '' && title.toLowerCase().includes(word))
      .map(({ href, title }) => ({
        kind: text('View#noun'),
        id: href,
        title,
        open: () => openAt(href),
      })),
    ...((searchText === '' ? undefined : search.answer?.found) ?? []).map((result) => ({
      ...result,
      kind: words(result.kind),
      open: () => {
        onOpen?.(result)
        openAt(hrefOf(result, hasAccountInAddress))
      },
    })),
  ]
  const chosenIndex = Math.min(place, choices.length - 1)
  const isDone = search.answer !== undefined && query.trim() === searchText && searchText !== ''
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step !== undefined && choices.length > 0) {
      event.preventDefault()
      setPlace((chosenIndex + step + choices.length) % choices.length)
    }
    // Opens a result of the current text only, not of an earlier text.
    const choice = choices[chosenIndex]
    if (event.key === 'Enter' && (isDone || choice?.time_ms === undefined)) choice?.open()
  }
  return (
    <Dialog title={text('Search')} onClose={onClose}>
      <div class="field">
        <label for={id}>{text('Search for')}</label>
        <input
          id={id}
          ref={input}
          type="text"
          autocomplete="off"
          spellcheck={false}
          role="combobox"
          aria-expanded={choices.length > 0 ? 'true' : 'false'}
          aria-controls={`${id}-found`}
          aria-activedescendant={choices.length > 0 ? `${id}-${chosenIndex}` : undefined}
          aria-describedby={`${id}-hint`}
          value={query}
          onInput={(event: Event) => {
            setQuery((event.currentTarget as HTMLInputElement).value)
            setPlace(0)
          }}
          onKeyDown={onKeyDown}
        />
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      </div>
      <div class="found" id={`${id}-found`} role="listbox" aria-label={text('Results')}>
        {choices.map((one, index) => (
          // The focus stays in the field, whose arrow keys move the choice.
          // biome-ignore lint/a11y/useKeyWithClickEvents: see above
          // biome-ignore lint/a11y/useFocusableInteractive: see above
          <div
            key={`${one.kind} ${one.id}`}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === chosenIndex ? 'true' : 'false'}
            onClick={one.open}
          >
            <span class="kind">{one.kind}</span>
            <span class="clip">
              <strong>{showAmountText(one.title)}</strong>
              {one.detail !== undefined && ` · ${one.detail}`}
            </span>
            {one.time_ms !== undefined && <Time atMs={one.time_ms} />}
            {one.status !== undefined && <Status value={one.status} />}
          </div>
        ))}
      </div>
      <p class="soft" role="status">
        {isDone && choices.length === 0 ? text('Nothing found.') : ''}
      </p>
    </Dialog>
  )
}
