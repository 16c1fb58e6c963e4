import { ApiConnectionError, ApiError, RateLimitError } from '../../client/errors.ts'

/** A part of an export. */
export type ExportPart = {
  readonly csv: string
  /** The rows of this part and all before it. */
  readonly row_count: number
  readonly total: number
  /** Undefined: this is the last part. */
  readonly next_cursor?: string
}

/** The waits before the further tries of one part. Then the export fails. */
const RETRY_WAITS_MS = [1_000, 4_000, 15_000]
/** The wait after a call above the rate limit, if the server names no wait. */
const RATE_WAIT_MS = 10_000

/**
 * Reads all parts of an export, one after the other. Resolves only when the server says that the export is complete, so
 * the file always has the whole export. A part that fails by an outage or the rate limit is read
 * again: a read changes nothing on the server. Throws a PaydeskError, and the signal's reason after an abort.
 */
export async function collectExport({
  onPart,
  readPart,
  signal,
  wait,
}: {
  readonly readPart: (cursor: string | undefined) => Promise<ExportPart>
  readonly onPart: (part: ExportPart) => void
  readonly signal: AbortSignal
  readonly wait: (ms: number) => Promise<void>
}): Promise<{ readonly file: Blob; readonly rowCount: number }> {
  const parts: Blob[] = []
  let cursor: string | undefined
  let failureCount = 0
  for (;;) {
    signal.throwIfAborted()
    try {
      const part = await readPart(cursor)
      signal.throwIfAborted()
      failureCount = 0
      // A browser can keep the text of blobs on the disk.
      parts.push(new Blob([part.csv]))
      onPart(part)
      cursor = part.next_cursor
      if (cursor === undefined) {
        return { file: new Blob(parts, { type: 'text/csv' }), rowCount: part.row_count }
      }
    } catch (error) {
      const waitMs = waitAfter(error, failureCount)
      if (waitMs === undefined) throw error
      failureCount += 1
      await wait(waitMs)
    }
  }
}

/** Undefined: no try is left, or another try would fail too. */
function waitAfter(error: unknown, failureCount: number): number | undefined {
  const retryMs = RETRY_WAITS_MS[failureCount]
  if (retryMs === undefined) return undefined
  if (error instanceof RateLimitError) {
    return error.retryAfterSeconds === undefined ? RATE_WAIT_MS : error.retryAfterSeconds * 1000
  }
  return error instanceof ApiConnectionError || error instanceof ApiError ? retryMs : undefined
}
