import type { ComponentChildren, JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { countOwnChanges } from './live.ts'
import { countText } from './text.ts'

type ListRow = {
  readonly key: string
  readonly cells: readonly ComponentChildren[]
}

/** `class`: the style of the cells, which also decides their place on a phone. */
type Column = {
  readonly title: string
  readonly class?: string
  /** True: the rows are sorted by this column, with the highest value first. */
  readonly isSorted?: true
}

/**
 * A list that updates itself. While the pointer or the focus is in the list, new rows wait behind a button, so that
 * nothing moves under the pointer.
 */
export function List({
  columns,
  label,
  rows,
}: {
  readonly label: string
  readonly columns: readonly Column[]
  readonly rows: readonly ListRow[]
}): JSX.Element {
  const shownRows = useRef<readonly ListRow[]>(rows)
  const shownChangeCount = useRef(countOwnChanges())
  const isInUse = useRef(false)
  const [, drawAgain] = useState(0)

  const shownKeys = new Set(shownRows.current.map(({ key }) => key))
  const byKey = new Map(rows.map((row) => [row.key, row]))
  const newCount = rows.filter(({ key }) => !shownKeys.has(key)).length
  // The row that the reader has just made must not wait.
  const hasOwnRow = newCount > 0 && countOwnChanges() !== shownChangeCount.current
  if (hasOwnRow) shownChangeCount.current = countOwnChanges()
  const isOtherList = shownRows.current.every(({ key }) => !byKey.has(key))
  if (!isInUse.current || isOtherList || hasOwnRow || newCount === 0) shownRows.current = rows
  const visibleRows = shownRows.current.map((row) => byKey.get(row.key) ?? row)
  const waitingCount = shownRows.current === rows ? 0 : newCount

  const news = useNews(rows)

  const use = (isUsed: boolean) => {
    isInUse.current = isUsed
    if (!isUsed) drawAgain((count) => count + 1)
  }
  const showAll = () => {
    shownRows.current = rows
    drawAgain((count) => count + 1)
  }
  return (
    <div
      class="list"
      onPointerEnter={() => use(true)}
      onPointerLeave={() => use(false)}
      onFocusIn={() => use(true)}
      onFocusOut={() => use(false)}
    >
      <p class="hidden" role="status">
        {news}
      </p>
      <p class="waiting-rows">
        {waitingCount > 0 && (
          <button type="button" class="small" onClick={showAll}>
            {countText(waitingCount, 'Show {count} new row', 'Show {count} new rows')}
          </button>
        )}
      </p>
      <table aria-label={label}>
        <thead>
          <tr>
            {columns.map(({ class: kind, isSorted, title }) => (
              <th
                key={title}
                class={kind}
                scope="col"
                aria-sort={isSorted ? 'descending' : undefined}
              >
                {title}
                {isSorted && <span aria-hidden="true">{' ↓'}</span>}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {visibleRows.map(({ cells, key }) => (
            <tr key={key}>
              {cells.map((cell, index) => (
                <td key={columns[index]?.title} class={columns[index]?.class}>
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** The interval in which new rows are announced together to screen readers. */
const NEWS_MS = 5_000

function useNews(rows: readonly ListRow[]): string {
  const knownKeys = useRef(new Set(rows.map(({ key }) => key)))
  const [news, tell] = useState('')
  useEffect(() => {
    const count = rows.filter(({ key }) => !knownKeys.current.has(key)).length
    const isOtherList = rows.length > 0 && count === rows.length
    if (count === 0 || isOtherList) {
      if (isOtherList) knownKeys.current = new Set(rows.map(({ key }) => key))
      return undefined
    }
    const announcement = setTimeout(() => {
      knownKeys.current = new Set(rows.map(({ key }) => key))
      tell(countText(count, '{count} new row', '{count} new rows'))
    }, NEWS_MS)
    return () => clearTimeout(announcement)
  }, [rows.map(({ key }) => key).join()])
  return news
}
