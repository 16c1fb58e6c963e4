import { Type } from 'typebox'
import { parsedAs } from './parsed.ts'

/** Pages of a list: the bounds, and what holds when nothing is asked. */
export const PAGES = { pageMax: 1_000_000, perPageMax: 200, perPageDefault: 25 } as const
/** How far into a list a page may lie: the database walks over all that comes before it. */
export const OFFSET_MAX = 100_000

const wholeNumber = (max: number) =>
  parsedAs<number>()(
    Type.String({ pattern: '^[1-9]\\d{0,6}$', 'x-expected': `a whole number from 1 to ${max}` }),
  )

/** Which page of a list, as parameters of a query. */
export const pageQuery = {
  page: Type.Optional(wholeNumber(PAGES.pageMax)),
  per_page: Type.Optional(wholeNumber(PAGES.perPageMax)),
}

/** What an answer says of the page that it holds. */
export const PageContext = Type.Object({
  page: Type.Integer(),
  per_page: Type.Integer(),
  total: Type.Integer(),
  total_pages: Type.Integer(),
  has_more_page: Type.Boolean(),
})
