/** What the console asks the sandbox for: its control API, and by way of that the API itself. */

import { serverPath } from './router.ts'

const CONTROL_PATH = serverPath('/_sandbox')

/** A request that came to nothing, with all that the sandbox has said of it. */
export class Refused extends Error {
  /** Of HTTP; 0: the sandbox could not be reached. */
  readonly status: number
  readonly code: string
  readonly field: string | undefined
  readonly requestId: string | undefined

  constructor(
    message: string,
    more: { status: number; code: string; field?: string; requestId?: string | undefined },
  ) {
    super(message)
    this.status = more.status
    this.code = more.code
    this.field = more.field
    this.requestId = more.requestId
  }
}

type Failure = { readonly code?: unknown; readonly message?: string; readonly field?: string }

/** Asks the control API. Paths below `/api` reach the API itself. Throws Refused. */
export async function ask<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
  let response: Response
  try {
    response = await fetch(`${CONTROL_PATH}${path}`, {
      method,
      cache: 'no-store',
      ...(method !== 'GET' && {
        headers: { 'content-type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
    })
  } catch {
    throw new Refused('The sandbox does not answer. Is it still running?', {
      status: 0,
      code: 'not_reached',
    })
  }
  const text = await response.text()
  const parsed = parsedJson(text) as (Answer & Failure) | undefined
  if (response.ok && parsed !== undefined) return parsed
  throw new Refused(parsed?.message ?? 'The sandbox gave an answer that cannot be read.', {
    status: response.status,
    code: String(parsed?.code ?? 'error'),
    requestId: response.headers.get('x-request-id') ?? undefined,
    ...(parsed?.field !== undefined && { field: parsed.field }),
  })
}

/** Writes a path with its query, without what is empty. */
export function withQuery(
  path: string,
  query: Readonly<Record<string, string | undefined>>,
): string {
  const filled = Object.entries(query).filter(([, value]) => value !== undefined && value !== '')
  const search = new URLSearchParams(filled as [string, string][])
  return search.size === 0 ? path : `${path}?${search}`
}

/** Reads JSON. Undefined: it is none. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Reads what was typed as a JSON object. Throws Refused, as the sandbox would. */
export function readObject(field: string, text: string): Readonly<Record<string, unknown>> {
  const value = parsedJson(text)
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Readonly<Record<string, unknown>>
  }
  throw new Refused('What was typed is no JSON object: check quotes, commas and brackets.', {
    status: 0,
    code: 'not_json',
    field,
  })
}

/** Where what happens is told of. */
export const STREAM_PATH = `${CONTROL_PATH}/requests/stream`
