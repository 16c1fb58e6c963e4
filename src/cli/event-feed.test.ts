import { expect, test } from 'vitest'
import { type EventRow, openEventFeed, type ReadEventPage } from './event-feed.ts'

/** Makes a list of events like the API's: newest first, in pages. */
function listOf(events: EventRow[]) {
  const readPages: number[] = []
  const readPage: ReadEventPage = async (page, per_page) => {
    readPages.push(page)
    const sortedEvents = events.toSorted((a, b) => b.event_time - a.event_time)
    const end = page * per_page
    const total = events.length
    const context = { page, per_page, total, total_pages: Math.ceil(total / per_page) }
    return {
      events: sortedEvents.slice(end - per_page, end),
      page_context: { ...context, has_more_page: end < total },
    }
  }
  return { readPage, readPages }
}

const eventAt = (event_id: number, event_time = event_id): EventRow => ({
  event_id,
  event_time,
  event_type: 'payment.succeeded',
  payments_session_id: '1',
})
const many = (count: number, from: number) =>
  Array.from({ length: count }, (_, index) => eventAt(from + index))

async function takeAll(feed: Awaited<ReturnType<typeof openEventFeed>>): Promise<number[]> {
  const { rows } = await feed.next()
  for (const row of rows) feed.take(row)
  return rows.map(({ event_id }) => event_id)
}

test('the feed skips earlier events and returns each later event once, oldest first', async () => {
  const events = many(450, 1_000)
  const feed = await openEventFeed(listOf(events).readPage)
  expect(await takeAll(feed)).toEqual([])
  events.push(eventAt(2_000), eventAt(2_001))
  expect(await takeAll(feed)).toEqual([2_000, 2_001])
  expect(await takeAll(feed)).toEqual([])
})

test('an event is returned again until it is acknowledged', async () => {
  const events = many(3, 1)
  const feed = await openEventFeed(listOf(events).readPage)
  events.push(eventAt(10), eventAt(11))
  const { rows } = await feed.next()
  expect(rows).toHaveLength(2)
  feed.take(rows[0] as EventRow)
  expect(await takeAll(feed)).toEqual([11])
})

test('one poll returns more than a page of events without a gap', async () => {
  const events = many(10, 1)
  const feed = await openEventFeed(listOf(events).readPage)
  events.push(...many(700, 1_000))
  expect(await takeAll(feed)).toEqual(many(700, 1_000).map(({ event_id }) => event_id))
})

test('an event far down the list is found after a move of the clock', async () => {
  const events = many(450, 1_000_000)
  const feed = await openEventFeed(listOf(events).readPage)
  events.push(eventAt(7, 500))
  expect(await takeAll(feed)).toEqual([7])
  events.push(eventAt(8, 400), eventAt(2_000_000))
  expect(await takeAll(feed)).toEqual([8, 2_000_000])
})

test('the feed starts again after the server has lost its events', async () => {
  const events = many(300, 1_000_000)
  const feed = await openEventFeed(listOf(events).readPage)
  events.splice(0, events.length)
  expect(await takeAll(feed)).toEqual([])
  events.push(eventAt(1))
  expect(await takeAll(feed)).toEqual([1])
})

test('a poll without new events reads one page, however long the list is', async () => {
  const events = many(3_000, 1)
  const list = listOf(events)
  const feed = await openEventFeed(list.readPage)
  list.readPages.length = 0
  await takeAll(feed)
  await takeAll(feed)
  expect(list.readPages).toEqual([1, 1])
})

test('earlier events never count as new, even after the oldest events are deleted', async () => {
  const events = many(12_000, 1)
  const feed = await openEventFeed(listOf(events).readPage)
  expect(await takeAll(feed)).toEqual([])
  events.splice(0, 100)
  expect(await takeAll(feed)).toEqual([])
  events.push(eventAt(20_000))
  expect(await takeAll(feed)).toEqual([20_000])
})
