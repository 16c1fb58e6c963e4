import { ApiConnectionError, ApiError, ConflictError } from '../../client/errors.ts'

/** The maximum number of remembered requests without an answer. */
const REQUEST_COUNT_MAX = 100

/** Sends a request with a key. Equal requests have the same key until one of them has an answer. */
type WithRequestKey = <Answer>(
  /** The method, the address and the body. */
  request: string,
  send: (key: string) => Promise<Answer>,
) => Promise<Answer>

/**
 * Makes the function that gives requests their idempotency keys. The server may have carried out a request whose answer
 * was lost. If the operator sends it again, the server recognizes the key and returns the first answer.
 */
export function createRequestKeys(draw: () => string): WithRequestKey {
  const keys = new Map<string, string>()
  return async (request, send) => {
    const key = keys.get(request) ?? draw()
    keys.set(request, key)
    const [oldestRequest] = keys.keys()
    if (keys.size > REQUEST_COUNT_MAX && oldestRequest !== undefined) keys.delete(oldestRequest)
    try {
      const answer = await send(key)
      keys.delete(request)
      return answer
    } catch (error) {
      if (!isUnanswered(error)) keys.delete(request)
      throw error
    }
  }
}

/** Returns true if the server may have carried out the request, or may still do it. */
function isUnanswered(error: unknown): boolean {
  return (
    error instanceof ApiConnectionError ||
    error instanceof ApiError ||
    // The first request with the key is still running. No key is used with another body here.
    (error instanceof ConflictError && error.code === 'idempotency_conflict')
  )
}
