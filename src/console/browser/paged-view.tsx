import { type ComponentChildren, Fragment, type JSX } from 'preact'
import type { PaydeskError } from './connection.ts'
import { ResourceView } from './parts.tsx'
import { setQuery } from './router.tsx'
import { countOf } from './show.ts'

/** The place of a page in its list. */
type PageContext = {
  readonly page: number
  readonly total: number
  readonly has_more_page: boolean
  readonly total_is_lower_bound?: true
}

/** A page of a list with links to the other pages. The query of the address has the number of the page. */
export function PagedView<Answer extends { readonly page_context: PageContext }, Row>({
  children,
  empty,
  noun,
  plural,
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
  /** One row, for the count. */
  readonly noun: string
  readonly plural?: string
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
          <Pages key="pages" context={answer.page_context} noun={noun} plural={plural} />,
        ]
      }}
    />
  )
}

function Pages({
  context,
  noun,
  plural,
}: {
  readonly context: PageContext
  readonly noun: string
  readonly plural: string | undefined
}): JSX.Element {
  const { has_more_page: hasMore, page, total, total_is_lower_bound: isLowerBound } = context
  const showPage = (number: number) => setQuery('page', String(number))
  return (
    <nav class="pages" aria-label="Pages">
      <span>{`${isLowerBound ? 'More than ' : ''}${countOf(total, noun, plural)}`}</span>
      {(page > 1 || hasMore) && [
        <button
          type="button"
          class="small"
          key="newer"
          disabled={page <= 1}
          onClick={() => showPage(page - 1)}
        >
          Newer
        </button>,
        <span key="page">{`Page ${page}`}</span>,
        <button
          type="button"
          class="small"
          key="older"
          disabled={!hasMore}
          onClick={() => showPage(page + 1)}
        >
          Older
        </button>,
      ]}
    </nav>
  )
}
