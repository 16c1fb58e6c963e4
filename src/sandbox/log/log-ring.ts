import type { LoggedRequest } from './logged-request.ts'

/** The memory of a call besides its texts: its objects, names and numbers. */
const ENTRY_BYTES = 1_000

/** A row of a ring. */
export type LogRow = {
  /** Undefined: the row was dropped or removed. */
  readonly read: () => LoggedRequest | undefined
  /** Replaces the call, if its row is still there. */
  readonly write: (entry: LoggedRequest) => void
  readonly remove: () => void
}

/** The newest calls within a count and an amount of memory. */
export type LogRing = {
  readonly add: (entry: LoggedRequest) => LogRow
  /** In the order of their addition. */
  readonly entries: () => readonly LoggedRequest[]
  readonly clear: () => void
  /** Estimates the memory of the calls. */
  readonly byteCount: () => number
}

/** The oldest calls are dropped first. */
export function createLogRing({
  bytesMax,
  countMax,
}: {
  readonly countMax: number
  readonly bytesMax: number
}): LogRing {
  // A map keeps the order of addition.
  const rows = new Map<number, { entry: LoggedRequest; byteCount: number }>()
  let byteCount = 0
  const drop = (id: number) => {
    byteCount -= rows.get(id)?.byteCount ?? 0
    rows.delete(id)
  }
  const dropOldest = () => {
    const [oldestId] = rows.keys()
    if (oldestId !== undefined) drop(oldestId)
  }
  const dropBeyondLimits = () => {
    if (rows.size > countMax) dropOldest()
    while (byteCount > bytesMax && rows.size > 1) dropOldest()
  }
  return {
    add: (entry) => {
      const row = { entry, byteCount: bytesOf(entry) }
      const { id } = entry
      rows.set(id, row)
      byteCount += row.byteCount
      dropBeyondLimits()
      const isThere = () => rows.get(id) === row
      return {
        read: () => (isThere() ? row.entry : undefined),
        write: (next) => {
          if (!isThere()) return
          byteCount -= row.byteCount
          row.entry = next
          row.byteCount = bytesOf(next)
          byteCount += row.byteCount
          dropBeyondLimits()
        },
        remove: () => {
          if (isThere()) drop(id)
        },
      }
    },
    entries: () => Array.from(rows.values(), ({ entry }) => entry),
    clear: () => {
      rows.clear()
      byteCount = 0
    },
    byteCount: () => byteCount,
  }
}

function bytesOf({ path, requestBody, requestHeaders, response }: LoggedRequest): number {
  const requestBytes = ENTRY_BYTES + path.length + requestBody.length + lengthOf(requestHeaders)
  if (response === undefined) return requestBytes
  return requestBytes + response.body.length + lengthOf(response.headers)
}

function lengthOf(headers: Readonly<Record<string, string>>): number {
  let length = 0
  for (const name in headers) length += name.length + (headers[name]?.length ?? 0)
  return length
}
