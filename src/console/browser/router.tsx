import type { JSX } from 'preact'
import { useLayoutEffect, useState } from 'preact/hooks'

/** The path below which clients reach this server: `/pay`, or empty. */
const { basePath = '' } = document.documentElement.dataset

/** Returns the address of a page of this server outside the console, such as `/demo`. */
export function serverPath(path: string): string {
  return `${basePath}${path}`
}

/** The path of the console. */
export const CONSOLE_PATH = serverPath('/console')

/** The part of the address before the id of an account: `/console/a/60000000001/payments`. */
const ACCOUNT_PART = 'a'

/** Undefined: addresses have no account, as in a sandbox. */
let addressAccountId: string | undefined

/** Sets the account in all addresses of the page, so that a copied link opens the same object for another person. */
export function setAddressAccount(accountId: string | undefined): void {
  addressAccountId = accountId
}

/** A location in the console: its parts after `/console`, or after the account, and its query. */
export type Place = {
  /** Undefined: the address has no account. */
  readonly accountId: string | undefined
  readonly parts: readonly string[]
  readonly query: URLSearchParams
  /** The number of navigations so far that moved the reader to the top of a view. */
  readonly visit: number
}

type Listener = (place: Place) => void
const listeners = new Set<Listener>()
let visitCount = 0

function readPlace(): Place {
  const encodedParts = location.pathname.slice(CONSOLE_PATH.length).split('/').filter(Boolean)
  const parts = encodedParts.map(decode)
  const hasAccount = parts[0] === ACCOUNT_PART && parts.length > 1
  return {
    accountId: hasAccount ? parts[1] : undefined,
    parts: hasAccount ? parts.slice(2) : parts,
    query: new URLSearchParams(location.search),
    visit: visitCount,
  }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/** The path and the query of the current view. A jump within the page, such as by the skip link, does not change it. */
let routedHref = readHref()
function readHref(): string {
  return location.pathname + location.search
}

function notifyListeners(): void {
  routedHref = readHref()
  const place = readPlace()
  for (const listener of listeners) listener(place)
}

/** Goes to a location. `replace`: the Back button skips the previous one, and the focus stays. */
export function go(href: string, replace = false): void {
  if (replace) history.replaceState(null, '', href)
  else {
    history.pushState(null, '', href)
    visitCount += 1
  }
  notifyListeners()
}

/** Returns the address of a location at the account of the page. Its parts may have any characters. */
export function viewPath(...parts: readonly string[]): string {
  return viewPathAt(addressAccountId, ...parts)
}

/** Returns the address of a location at an account. Undefined: an address without an account. */
export function viewPathAt(accountId: string | undefined, ...parts: readonly string[]): string {
  const account = accountId === undefined ? [] : [ACCOUNT_PART, accountId]
  return [CONSOLE_PATH, ...[...account, ...parts].map(encodeURIComponent)].join('/')
}

/** Returns the current location, and handles clicks on the console's links without reloading the page. */
export function usePlace(): Place {
  const [place, setPlace] = useState(readPlace)
  // This effect runs before the browser shows the page, so that no navigation and no click is missed.
  useLayoutEffect(() => {
    const onBack = () => {
      if (readHref() === routedHref) return
      visitCount += 1
      notifyListeners()
    }
    const onClick = (event: MouseEvent) => {
      const link = (event.target as Element).closest?.('a')
      const isPlain = event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey)
      if (!link || !isPlain || event.defaultPrevented || link.target || link.download) return
      const { hash, origin, pathname } = new URL(link.href)
      const isOurs = pathname === CONSOLE_PATH || pathname.startsWith(`${CONSOLE_PATH}/`)
      if (origin !== location.origin || !isOurs || hash !== '') return
      event.preventDefault()
      go(link.href)
    }
    listeners.add(setPlace)
    addEventListener('popstate', onBack)
    document.addEventListener('click', onClick)
    return () => {
      listeners.delete(setPlace)
      removeEventListener('popstate', onBack)
      document.removeEventListener('click', onClick)
    }
  }, [])
  return place
}

/** Puts values of a view into the address, so that a link opens the same view. Empty values are removed. */
function setQueries(values: Readonly<Record<string, string>>): void {
  const query = new URLSearchParams(location.search)
  for (const [name, value] of Object.entries(values)) {
    if (value === '') query.delete(name)
    else query.set(name, value)
  }
  go(`${location.pathname}${query.size === 0 ? '' : `?${query}`}`, true)
}

/** Puts one value of a view into the address. */
export function setQuery(name: string, value: string): void {
  setQueries({ [name]: value })
}

/** Puts filters of a list into the address, and shows the list's first page. */
export function setFilters(values: Readonly<Record<string, string>>): void {
  setQueries({ page: '', ...values })
}

/** Returns a function that sets one filter of a list. */
export function setQueryOf(name: string): (value: string) => void {
  return (value) => setFilters({ [name]: value })
}

/** The views of one object, by the beginning of their paths. */
export type ObjectViewName =
  | 'sessions'
  | 'links'
  | 'payments'
  | 'customers'
  | 'mandates'
  | 'payouts'
  | 'disputes'
  | 'connected-accounts'
  | 'transfers'
  | 'messages'
  | 'virtual-accounts'
  | 'requests'
  | 'events'

/** A link to the view of an object, by the object's id. */
export function IdLink({
  id,
  of,
}: {
  readonly id: string
  readonly of: ObjectViewName
}): JSX.Element {
  return (
    <a href={viewPath(of, id)} class="mono id">
      {id}
    </a>
  )
}

/** The button that removes the filters of a list. */
export function ShowAll({
  label,
  view,
}: {
  readonly view: string
  readonly label: string
}): JSX.Element {
  return (
    <button type="button" class="small" onClick={() => go(viewPath(view))}>
      {label}
    </button>
  )
}
