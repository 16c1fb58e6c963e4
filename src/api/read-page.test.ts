import { expect, test } from 'vitest'
import { renderPage } from './read-page.ts'

const PAGE = { page: 2, perPage: 25 }

test.each([
  [
    { total: 51, hasMore: true, isTotalCut: false },
    { page: 2, per_page: 25, total: 51, total_pages: 3, has_more_page: true },
  ],
  [
    { total: 50, hasMore: false, isTotalCut: false },
    { page: 2, per_page: 25, total: 50, total_pages: 2, has_more_page: false },
  ],
  [
    { total: 100_000, hasMore: true, isTotalCut: true },
    {
      page: 2,
      per_page: 25,
      total: 100_000,
      total_pages: 4_000,
      has_more_page: true,
      total_is_lower_bound: true,
    },
  ],
])(
  'a page of %o shows its total, and marks only a truncated total as a lower bound',
  (extent, fields) => {
    expect(renderPage(PAGE, extent)).toEqual(fields)
  },
)
