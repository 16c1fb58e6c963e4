import type { EventPage } from '../client/index.ts'

/** An event in a list. */
export type EventRow = EventPage['events'][number]

/** Reads a page of the list of events, newest first. Throws a `PaydeskError`. */
export type ReadEventPage = (page: number, rowCount: number) => Promise<EventPage>

/** The events of an account from now on. */
type EventFeed = {
  /**
   * Returns the events that were not handled yet, oldest first. `isCut`: there were so many that the oldest may be
   * missing. Throws the client's errors; the next call then returns the same events.
   */
  readonly next: () => Promise<{ readonly rows: readonly EventRow[]; readonly isCut: boolean }>
  /** Marks an event as handled: `next` does not return it again. */
  readonly take: (row: EventRow) => void
}

const PER_PAGE_MAX = 200
/** The maximum number of pages of one read. */
const PAGE_COUNT_MAX = 50
const TAKEN_COUNT_MAX = 50_000

/**
 * Opens a feed of the events after now.
 *
 * It compares ids and the number of events, because a new event can be below older ones in the list: its transaction
 * can end after that of a later event, and the times in a sandbox's database can be ahead of the sandbox's clock.
 */
export async function openEventFeed(readPage: ReadEventPage): Promise<EventFeed> {
  /** The ids of the handled events with their times, in the order of handling. */
  const handledTimes = new Map<number, number>()
  /** The number of events on the server that are not new. */
  let knownCount = 0
  /** Events up to this time are never new: their ids may have been dropped. */
  let forgottenMs = -1

  function remember({ event_id, event_time }: EventRow): void {
    handledTimes.set(event_id, event_time)
    const [oldest] = handledTimes
    if (handledTimes.size <= TAKEN_COUNT_MAX || oldest === undefined) return
    handledTimes.delete(oldest[0])
    forgottenMs = Math.max(forgottenMs, oldest[1])
  }

  /** Reads the list from the top until `isEnough` returns true, or to the last allowed page. */
  async function look(isEnough: (newCount: number, totalCount: number) => boolean) {
    const rows = new Map<number, EventRow>()
    for (let page = 1; ; page += 1) {
      const { events, page_context: context } = await readPage(page, PER_PAGE_MAX)
      const { has_more_page: hasMore, total } = context
      const fresh = events.filter(
        (row) => !handledTimes.has(row.event_id) && row.event_time > forgottenMs,
      )
      for (const row of fresh) rows.set(row.event_id, row)
      const isCut = hasMore && page === PAGE_COUNT_MAX
      // A total that is only a lower bound does not grow, so the read ends at a page without new events.
      const isDone =
        context.total_is_lower_bound === true ? fresh.length === 0 : isEnough(rows.size, total)
      if (!hasMore || isCut || isDone) {
        return { isCut, total, rows: [...rows.values()].toReversed() }
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
      // The number may have become smaller, because a server with its data in memory has restarted.
      knownCount = total - rows.length
      return { isCut: isCut && rows.length > 0, rows }
    },
  }
}
