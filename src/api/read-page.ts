import type { ListExtent, Page } from '../operations/store.ts'
import { ApiError } from './errors.ts'
import { OFFSET_MAX, PAGES } from './page-schemas.ts'
import { Problem } from './read-fields.ts'

const upTo = (max: number) => (text: string) => {
  const number = Number(text)
  return number <= max ? number : new Problem(`must be a whole number from 1 to ${max}`)
}

/** The rules for a page's number and size, which return numbers. */
export const PAGE_RULES = { page: upTo(PAGES.pageMax), per_page: upTo(PAGES.perPageMax) }

/** The page of a request, whose cursor was not opened yet. */
export type RequestedPage = {
  readonly number: number
  readonly perPage: number
  readonly cursor?: string
}

/** Returns the page of a request, with the defaults. Throws ApiError for a page too far into the list. */
export function readPage(fields: {
  readonly page?: number
  readonly per_page?: number
  readonly cursor?: string
}): RequestedPage {
  const page = { number: fields.page ?? 1, perPage: fields.per_page ?? PAGES.perPageDefault }
  if (fields.cursor !== undefined) {
    if (fields.page === undefined) return { ...page, cursor: fields.cursor }
    throw new ApiError(
      'invalid_parameter',
      'cursor',
      'cursor and page exclude each other: send one of them.',
    )
  }
  if ((page.number - 1) * page.perPage > OFFSET_MAX) {
    throw new ApiError(
      'invalid_parameter',
      'page',
      `page must lie within the first ${OFFSET_MAX} rows: read the list by cursor, or narrow it by a filter.`,
    )
  }
  return page
}

/** The page of a request with its place in the list. */
export type OpenedPage = Page & {
  /** Makes the cursor of the page that follows this one. Undefined: the request has no cursor. */
  readonly cursorAfter?: (extent: ListExtent) => string | undefined
}

/** Returns the facts about the page for an answer. */
export function renderPage({ cursorAfter, page, perPage }: OpenedPage, extent: ListExtent) {
  const { hasMore, isTotalCut, total } = extent
  const nextCursor = cursorAfter?.(extent)
  return {
    page,
    per_page: perPage,
    total,
    total_pages: Math.ceil(total / perPage),
    has_more_page: hasMore,
    ...(nextCursor !== undefined && { next_cursor: nextCursor }),
    ...(isTotalCut && { total_is_lower_bound: true }),
  }
}
