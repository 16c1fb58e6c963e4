import type { Page } from '../operations/store.ts'
import { ApiError } from './errors.ts'
import { OFFSET_MAX, PAGES } from './page-schemas.ts'
import type { FieldRules } from './read-fields.ts'
import type { JsonObject, JsonValue } from './read-json.ts'

const upTo = (max: number) => (value: JsonValue) =>
  Number(value) <= max
    ? undefined
    : { code: 'invalid_parameter' as const, must: `must be a whole number from 1 to ${max}` }

/** The rules for a page's number and size that a schema cannot say. */
export const PAGE_RULES: FieldRules<unknown> = {
  page: upTo(PAGES.pageMax),
  per_page: upTo(PAGES.perPageMax),
}

/** Reads which page is asked for. Throws ApiError for one that lies too far into the list. */
export function readPage(fields: JsonObject): Page {
  const page = {
    page: Number(fields.page ?? 1),
    perPage: Number(fields.per_page ?? PAGES.perPageDefault),
  }
  if ((page.page - 1) * page.perPage > OFFSET_MAX) {
    throw new ApiError(
      'invalid_parameter',
      'page',
      `page must not lie behind the first ${OFFSET_MAX} rows: narrow the list by from_date and to_date.`,
    )
  }
  return page
}

/** Writes what an answer says of its page. */
export function renderPage({ page, perPage }: Page, total: number) {
  const pageCount = Math.ceil(total / perPage)
  return {
    page,
    per_page: perPage,
    total,
    total_pages: pageCount,
    has_more_page: page < pageCount,
  }
}
