/** The console's calls: the sandbox's control API, and the API through it. */

import { createControlSend } from '../../../client/control.ts'
import { ApiConnectionError, PaydeskError } from '../../../client/errors.ts'
import { serverPath } from './router.tsx'

export { ApiConnectionError, PaydeskError } from '../../../client/errors.ts'

/** The address of the stream of the request log. */
export const STREAM_PATH = serverPath('/_sandbox/requests/stream')

const OPTIONS = {
  baseUrl: `${location.origin}${serverPath('')}`,
  fetch: (input: string | URL | Request, init?: RequestInit) =>
    fetch(input, { ...init, cache: 'no-store' }),
}
const send = createControlSend(OPTIONS)
/** A view waits for its read before it reads again, so a read that hangs must end soon. */
const read = createControlSend({ ...OPTIONS, timeoutMs: 10_000 })

/** The methods of the two APIs. */
export type Method = Parameters<typeof send>[0]['method']

/** Calls the control API. Paths below `/api` reach the API itself. Throws PaydeskError. */
export async function ask<Answer>(method: Method, path: string, body?: unknown): Promise<Answer> {
  try {
    return (await (method === 'GET' ? read : send)({ method, path, body })) as Answer
  } catch (error) {
    if (!(error instanceof ApiConnectionError)) throw error
    throw new ApiConnectionError('The sandbox does not answer. Is it still running?', {
      code: error.code,
      cause: error,
    })
  }
}

/** Writes a path with its query. Empty values are left out. */
export function withQuery(
  path: string,
  query: Readonly<Record<string, string | undefined>>,
): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) if (value) search.set(name, value)
  return search.size === 0 ? path : `${path}?${search}`
}

/** Reads text as a JSON object. Throws PaydeskError, as the sandbox would. */
export function readObject(field: string, text: string): Readonly<Record<string, unknown>> {
  const value = parseJson(text)
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  throw new PaydeskError('This is not a JSON object: check quotes, commas and brackets.', {
    code: 'not_json',
    field,
  })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
