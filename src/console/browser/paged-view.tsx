import { type ComponentChildren, Fragment, type JSX } from 'preact'
import type { PaydeskError } from './connection.ts'
import { ResourceView } from './parts.tsx'
import { setQuery } from './router.tsx'
import { type CountKey, countText, text } from './text.ts'

type PageContext = {
  readonly page: number
  readonly total: number
  readonly has_more_page: boolean
  readonly total_is_lower_bound?: true
}

/** The texts for the number of rows of a list: for one row, and for any other number, such as `{count} payments`. */
type RowCount = readonly [one: CountKey, other: CountKey]

/** A page of a list with links to the other pages. The query of the address has the number of the page. */
export function PagedView<Answer extends { readonly page_context: PageContext }, Row>({
  children,
  count,
  empty,
  resource,
  rowsOf,
}: {
  readonly resource: {
    readonly answer: Answer | undefined
    readonly error: PaydeskError | undefined
    readonly isLoading: boolean
    readonly reload: () => void
  }
  readonly rowsOf: (answer: Answer) => readonly Row[]
  readonly count: RowCount
  /** The next step while the list has no rows. Undefined: an empty list is shown. */
  readonly empty?: ComponentChildren
  readonly children: (rows: readonly Row[]) => ComponentChildren
}): JSX.Element {
  return (
    <ResourceView
      resource={resource}
      children={(answer) => {
        const rows = rowsOf(answer)
        if (rows.length === 0 && empty !== undefined) return empty
        return [
          <Fragment key="rows">{children(rows)}</Fragment>,
          <Pages key="pages" context={answer.page_context} count={count} />,
        ]
      }}
    />
  )
}

function Pages({
  context,
  count: [one, other],
}: {
  readonly context: PageContext
  readonly count: RowCount
}): JSX.Element {
  const { has_more_page: hasMore, page, total, total_is_lower_bound: isLowerBound } = context
  const showPage = (number: number) => setQuery('page', String(number))
  return (
    <nav class="pages" aria-label={text('Pages')}>
      <span>
        {isLowerBound
          ? text('More than {rows}', { rows: countText(total, one, other) })
          : countText(total, one, other)}
      </span>
      {(page > 1 || hasMore) && [
        <button
          type="button"
          class="small"
          key="newer"
          disabled={page <= 1}
          onClick={() => showPage(page - 1)}
        >
          {text('Newer')}
        </button>,
        <span key="page">{text('Page {page}', { page })}</span>,
        <button
          type="button"
          class="small"
          key="older"
          disabled={!hasMore}
          onClick={() => showPage(page + 1)}
        >
          {text('Older')}
        </button>,
      ]}
    </nav>
  )
}
