import { Type } from 'typebox'
import { parsedAs } from './parsed.ts'

/** The bounds of a list's pages, and the default size. */
export const PAGES = { pageMax: 1_000_000, perPageMax: 200, perPageDefault: 25 } as const
/** The most rows before a page, because the database reads all of them. */
export const OFFSET_MAX = 100_000

const wholeNumber = (max: number) =>
  parsedAs<number>()(
    Type.String({ pattern: '^[1-9]\\d{0,6}$', 'x-expected': `a whole number from 1 to ${max}` }),
  )

/** The query parameters for a page of a list. */
export const pageQuery = {
  page: Type.Optional(wholeNumber(PAGES.pageMax)),
  per_page: Type.Optional(wholeNumber(PAGES.perPageMax)),
}

/** The facts about the page in an answer. */
export const PageContext = Type.Object({
  page: Type.Integer(),
  per_page: Type.Integer(),
  total: Type.Integer(),
  total_pages: Type.Integer(),
  has_more_page: Type.Boolean(),
})
