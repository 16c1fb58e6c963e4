import { setTimeout as wait } from 'node:timers/promises'
import type { Control, Exchange, ExchangeQuery } from '../client/control.ts'
import { errorOf } from '../client/errors.ts'
import { ApiConnectionError, PaydeskError } from '../client/index.ts'

type FollowDeps = {
  readonly control: Pick<Control, 'requests'>
  /** The sandbox's address without a slash at its end. */
  readonly url: string
  readonly query: Omit<ExchangeQuery, 'since' | 'limit'>
  readonly signal: AbortSignal
  /** Called when the log can be read. `rows`: the rows so far, newest first, at most 1,000. */
  readonly onReady: (rows: readonly Exchange[]) => void
  /** Gets each row once, when it has its answer. */
  readonly onRow: (row: Exchange) => void
  /** Called when the server stops answering, and when it answers again. */
  readonly onConnection: (isConnected: boolean) => void
}

/** The time between two tries to connect. */
const RETRY_MS = 1_000
/** The maximum number of rows of one read: all that a sandbox keeps. */
const ROW_COUNT_MAX = 1_000
/** The maximum number of ids that are remembered, so that a row that changes later is not taken again. */
const TAKEN_COUNT_MAX = 5_000

/**
 * Follows a sandbox's request log until the signal aborts. After a restart of the server, the rows that were added in
 * the meantime follow too. Throws a `PaydeskError` if the first connection fails, or if the server later refuses a
 * read.
 */
export async function followRequests(deps: FollowDeps): Promise<void> {
  const { control, onConnection, onReady, query, signal } = deps
  const takenIds = new Set<string>()
  let isFirst = true
  let isLost = false
  while (!signal.aborted) {
    try {
      const stream = await openStream(deps)
      const rows = await control.requests.list({ ...query, limit: ROW_COUNT_MAX })
      if (isLost) onConnection(true)
      isLost = false
      if (isFirst) {
        for (const { id } of rows) takenIds.add(id)
        onReady(rows)
      } else takeRows(deps, rows, restartedLog(rows, takenIds))
      isFirst = false
      await readStream(deps, stream, takenIds)
    } catch (error) {
      if (signal.aborted) return
      if (isFirst || !isTemporary(error)) throw error
    }
    if (signal.aborted) return
    if (!isLost) onConnection(false)
    isLost = true
    await wait(RETRY_MS, undefined, { signal }).catch(() => {})
  }
}

/** Forgets the ids if the log begins again: after a restart the server numbers its rows from 1. */
function restartedLog(rows: readonly Exchange[], takenIds: Set<string>): Set<string> {
  const newestId = Math.max(0, ...rows.map(({ id }) => Number(id)))
  const highestId = Math.max(0, ...[...takenIds].map(Number))
  if (newestId < highestId) takenIds.clear()
  return takenIds
}

function takeRows(
  { onRow }: Pick<FollowDeps, 'onRow'>,
  rows: readonly Exchange[],
  takenIds: Set<string>,
): void {
  for (const row of rows.toSorted((one, other) => Number(one.id) - Number(other.id))) {
    const isAnswered = row.response !== undefined || row.failure !== undefined
    if (!isAnswered || takenIds.has(row.id)) continue
    takenIds.add(row.id)
    const [oldest] = takenIds
    if (takenIds.size > TAKEN_COUNT_MAX && oldest !== undefined) takenIds.delete(oldest)
    onRow(row)
  }
}

/** Each chunk of messages leads to one read of the log. */
async function readStream(
  deps: FollowDeps,
  stream: ReadableStream<Uint8Array>,
  takenIds: Set<string>,
): Promise<void> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    const ids = lines.flatMap((line) => {
      const [, id] = /^id: (\d+)$/.exec(line) ?? []
      return id === undefined || takenIds.has(id) ? [] : [Number(id)]
    })
    if (ids.length === 0) continue
    const since = String(Math.min(...ids) - 1)
    const query = { ...deps.query, since, limit: ROW_COUNT_MAX }
    takeRows(deps, await deps.control.requests.list(query), takenIds)
  }
}

async function openStream({
  signal,
  url,
}: Pick<FollowDeps, 'signal' | 'url'>): Promise<ReadableStream<Uint8Array>> {
  let response: Response
  try {
    response = await fetch(`${url}/_sandbox/requests/stream`, { signal })
  } catch (cause) {
    throw new ApiConnectionError(`${url} does not answer`, { code: 'connection_failed', cause })
  }
  if (response.status === 204) {
    throw new PaydeskError('Too many programs follow the log at the same time.', {
      code: 'too_many_listeners',
    })
  }
  if (response.status !== 200 || response.body === null) {
    const body = await response.json().catch(() => undefined)
    throw errorOf({ status: response.status, headers: response.headers, body })
  }
  return response.body
}

function isTemporary(error: unknown): boolean {
  if (!(error instanceof PaydeskError)) return error instanceof TypeError
  return error instanceof ApiConnectionError || (error.status !== undefined && error.status >= 500)
}
