import { EXAMINED_ROW_COUNT_MAX, LIST_TOTAL_MAX } from '../operations/store.ts'
import { parsedAs } from './parsed.ts'
import { Type } from './type.ts'

/** The bounds of a list's pages, and the default size. */
export const PAGES = { pageMax: 1_000_000, perPageMax: 200, perPageDefault: 25 } as const
/** The maximum number of rows before a page. The limit exists because the database reads the keys of all these rows. */
export const OFFSET_MAX = 100_000

const wholeNumber = (max: number) =>
  parsedAs<number>()(
    Type.String({ pattern: '^[1-9]\\d{0,6}$', 'x-expected': `a whole number from 1 to ${max}` }),
  )

/** The value of `cursor` for the first page of a list. */
export const FIRST_CURSOR = 'start'

/** The query parameters for a page of a list. */
export const pageQuery = {
  page: Type.Optional(wholeNumber(PAGES.pageMax)),
  per_page: Type.Optional(wholeNumber(PAGES.perPageMax)),
  cursor: Type.Optional(
    Type.String({
      pattern: '^[A-Za-z0-9._-]{1,500}$',
      description:
        `Paydesk extension, instead of \`page\`: \`${FIRST_CURSOR}\` for the first page, then the \`next_cursor\` of each answer.
        Every page takes the same time, and new rows do not move rows to other pages.`.replaceAll(
          /\s+/g,
          ' ',
        ),
      'x-expected': `${FIRST_CURSOR} or the next_cursor of an answer`,
    }),
  ),
}

/** The facts about the page in an answer. */
export const PageContext = Type.Object({
  page: Type.Integer(),
  per_page: Type.Integer(),
  total: Type.Integer({
    description: `The number of matching rows on all pages, at most ${LIST_TOTAL_MAX}.`,
  }),
  total_pages: Type.Integer(),
  has_more_page: Type.Boolean(),
  next_cursor: Type.Optional(
    Type.String({
      description:
        'Paydesk extension: the cursor of the next page, if the request had a cursor and there is a next page.',
    }),
  ),
  total_is_lower_bound: Type.Optional(
    Type.Literal(true, {
      description:
        `Paydesk extension: there can be more matching rows than \`total\`. A list counts at most ${LIST_TOTAL_MAX} rows.
        If no index has all filters of a request, such as a reference number with an invoice number, or search_text with
        a status or method, the list takes the newest ${EXAMINED_ROW_COUNT_MAX} rows that match one filter, and checks only these rows for the
        others. A period that ends earlier finds older rows.`.replaceAll(/\s+/g, ' '),
    }),
  ),
})
