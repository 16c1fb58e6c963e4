import { type ApiClient, type EventRow, PER_PAGE_MAX } from './api-client.ts'

/** What happens on an account from now on. */
export type EventFeed = {
  /**
   * Gives what has happened and was not taken yet, oldest first. `isCut`: there was so much that the
   * oldest of it may be missing. Throws as the client does; nothing is lost then.
   */
  readonly next: () => Promise<{ readonly rows: readonly EventRow[]; readonly isCut: boolean }>
  /** Says that an event is dealt with: it is not given again. */
  readonly take: (row: EventRow) => void
}

/** How many pages of the list are looked through at most. */
const PAGE_COUNT_MAX = 50
/** How many events are remembered at most. */
const TAKEN_COUNT_MAX = 50_000

/**
 * Opens a feed of the events after now.
 *
 * It goes by ids, and by how many events there are: a new one need not stand at the top of the list.
 * Its transaction may have ended after that of a later one, and a sandbox's clock may have been moved
 * on before its start, or be behind what is in its database.
 */
export async function openEventFeed({
  listEvents,
}: Pick<ApiClient, 'listEvents'>): Promise<EventFeed> {
  /** The ids of the events that are no news, with their times, in the order in which they were taken. */
  const taken = new Map<number, number>()
  /** How many events there are of which nothing new is known. */
  let knownCount = 0
  /** Of events up to here not all ids are remembered, so they are never news. */
  let forgottenMs = -1

  function remember({ event_id, event_time }: EventRow): void {
    taken.set(event_id, event_time)
    const [oldest] = taken
    if (taken.size <= TAKEN_COUNT_MAX || oldest === undefined) return
    taken.delete(oldest[0])
    forgottenMs = Math.max(forgottenMs, oldest[1])
  }

  /** Goes down the list until `isEnough`, or as far as one goes. */
  async function look(isEnough: (newCount: number, totalCount: number) => boolean) {
    const found = new Map<number, EventRow>()
    for (let page = 1; ; page += 1) {
      const { hasMore, rows, total } = await listEvents({}, { page, per_page: PER_PAGE_MAX })
      for (const row of rows) {
        if (!taken.has(row.event_id) && row.event_time > forgottenMs) found.set(row.event_id, row)
      }
      const isCut = hasMore && page === PAGE_COUNT_MAX
      if (!hasMore || isCut || isEnough(found.size, total)) {
        return { isCut, total, rows: [...found.values()].toReversed() }
      }
    }
  }

  const before = await look(() => false)
  for (const row of before.rows) remember(row)
  knownCount = before.total
  const [oldest] = before.rows
  if (before.isCut && oldest !== undefined) forgottenMs = oldest.event_time

  return {
    take: (row) => {
      remember(row)
      knownCount += 1
    },
    next: async () => {
      const { isCut, rows, total } = await look(
        (newCount, total) => newCount === total - knownCount,
      )
      // There may be fewer than before: of a server that keeps them in memory, after its start.
      knownCount = total - rows.length
      return { isCut: isCut && rows.length > 0, rows }
    },
  }
}
