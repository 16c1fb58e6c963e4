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

/** Returns the page of a request, with the defaults. Throws ApiError for a page too far into the list. */
export function readPage(fields: { readonly page?: number; readonly per_page?: number }): Page {
  const page = { page: fields.page ?? 1, perPage: fields.per_page ?? PAGES.perPageDefault }
  if ((page.page - 1) * page.perPage > OFFSET_MAX) {
    throw new ApiError(
      'invalid_parameter',
      'page',
      `page must lie within the first ${OFFSET_MAX} rows: narrow the list by from_date and to_date.`,
    )
  }
  return page
}

/** Returns the facts about the page for an answer. */
export function renderPage({ page, perPage }: Page, { hasMore, isTotalCut, total }: ListExtent) {
  return {
    page,
    per_page: perPage,
    total,
    total_pages: Math.ceil(total / perPage),
    has_more_page: hasMore,
    ...(isTotalCut && { total_is_lower_bound: true }),
  }
}
