import { createHash } from 'node:crypto'
import type { Random } from '../domain/random.ts'
import { type Keys, openSealedWithAny, SEAL_NONCE_BYTES, seal } from '../domain/secret.ts'
import type { ListContinuation, ListExtent } from '../operations/store.ts'
import { ApiError } from './errors.ts'
import { FIRST_CURSOR } from './page-schemas.ts'
import type { JsonObject } from './read-json.ts'
import type { OpenedPage, RequestedPage } from './read-page.ts'

/** The request for a page: its account, its path and its filter identify the list. */
export type ListRequest = {
  readonly account: { readonly id: string }
  /** The pattern of the route's URL. `params` has the values of its parameters. */
  readonly url: string
  readonly params: Readonly<Record<string, string>>
  readonly query: JsonObject
}

/** The content of a cursor. It is sealed, because positions contain ids of stored rows. */
type CursorContent = ListContinuation & {
  readonly list: string
  /** The number of the page, from 2. */
  readonly page: number
}

/** The parameters that are not part of a list's filter. */
const PAGE_PARAMETERS = new Set(['account_id', 'cursor', 'page', 'per_page'])

/**
 * Opens the cursor of a page, if it has one. Throws ApiError for a text that is no cursor, or
 * the cursor of another account, list or filter.
 */
export function openPage(
  requestedPage: RequestedPage,
  request: ListRequest,
  {
    keys,
    random,
  }: { readonly keys: Pick<Keys, 'derivedKeys' | 'sealing'>; readonly random: Random },
): OpenedPage {
  const { cursor, number: requestedNumber, perPage } = requestedPage
  if (cursor === undefined) return { page: requestedNumber, perPage }
  const list = listOf(request)
  const content = cursor === FIRST_CURSOR ? undefined : openCursor(cursor, keys)
  if (cursor !== FIRST_CURSOR && content?.list !== list) throw wrongCursor()
  const number = content?.page ?? 1
  return {
    page: number,
    perPage,
    start: content ?? 'first',
    cursorAfter: ({ isTotalCut, lastPosition, total }: ListExtent) => {
      if (lastPosition === undefined) return undefined
      const next: CursorContent = { list, page: number + 1, after: lastPosition, total, isTotalCut }
      return seal(JSON.stringify(next), keys.sealing, random.bytes(SEAL_NONCE_BYTES))
    },
  }
}

/** Makes the error for a cursor that does not continue the list. */
export const wrongCursor = () =>
  new ApiError(
    'invalid_parameter',
    'cursor',
    `cursor must be ${FIRST_CURSOR}, or the next_cursor of a page of this list with the same filter.`,
  )

/** Undefined: the text is not a cursor that a key of this server has sealed. */
function openCursor(
  cursor: string,
  keys: Pick<Keys, 'derivedKeys' | 'sealing'>,
): CursorContent | undefined {
  try {
    return JSON.parse(openSealedWithAny(cursor, keys)) as CursorContent
  } catch {
    return undefined
  }
}

function listOf({ account, params, query, url }: ListRequest): string {
  const filter = Object.entries(query)
    .filter(([name]) => !PAGE_PARAMETERS.has(name))
    .sort(([a], [b]) => (a < b ? -1 : 1))
  const text = JSON.stringify([account.id, url, Object.entries(params), filter])
  return createHash('sha256').update(text).digest('base64url').slice(0, 22)
}
