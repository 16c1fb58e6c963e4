import type { ReportPage } from '../processors/reports.ts'
import type { FeedName, Store } from './store.ts'

/** The time between two reads of a list in which nothing is new, in milliseconds. */
export const FEED_POLL_MS = 30_000
/** The wait after a page that cannot be read or recorded, in milliseconds. */
export const FEED_RETRY_MS = 60_000
/** The wait until another server continues the work of one that has died, in milliseconds. */
const LEASE_MS = 10 * 60_000

type FeedDeps = {
  readonly clock: { readonly nowMs: () => number }
  readonly store: Pick<Store, 'processorFeeds'>
}

type Feed<Report> = {
  readonly name: FeedName
  readonly list: (after: string | undefined) => Promise<ReportPage<Report>>
  /** Records a report; a repeated one changes nothing. False: it cannot be recorded yet. */
  readonly record: (report: Report) => Promise<boolean>
}

/**
 * Reads and records one page of a list. The position moves only past a completely recorded page, so
 * no report is lost; the valid reports of an incomplete page are already recorded. Returns the
 * number of reports; undefined: nothing is due, nothing is new, or the page has to be read again
 * later.
 */
export async function readFeed<Report>(
  { clock, store: { processorFeeds } }: FeedDeps,
  { list, name, record }: Feed<Report>,
): Promise<number | undefined> {
  const claim = await processorFeeds.claim(name, clock.nowMs(), LEASE_MS)
  if (claim === undefined) return undefined
  const { position } = claim
  const end = (next: string | undefined, waitMs: number) =>
    processorFeeds.put(name, { position: next, nextReadAtMs: clock.nowMs() + waitMs })
  let isRecorded = false
  let page: ReportPage<Report>
  try {
    page = await list(position)
    isRecorded = page.kind === 'page'
    for (const report of page.kind === 'page' ? page.items : []) {
      if (!(await record(report))) isRecorded = false
    }
  } catch (error) {
    await end(position, FEED_RETRY_MS)
    throw error
  }
  if (page.kind === 'unknown' || !isRecorded) {
    await end(position, FEED_RETRY_MS)
    return undefined
  }
  const isEmpty = page.items.length === 0
  await end(isEmpty ? position : page.next, isEmpty ? FEED_POLL_MS : 0)
  return isEmpty ? undefined : page.items.length
}
