import { type Exchange, errorOf } from '../../client/errors.ts'
import { MACHINE } from '../../client/machine.ts'
import { createTransport, isObject } from '../../client/transport.ts'
import { urlWithQuery } from '../../client/url.ts'
import { connectionReason } from '../connection-reason.ts'

/** A JSON object of an answer, or the fields of a step. */
export type Fields = Readonly<Record<string, unknown>>

type CallContent = {
  /** A text is sent unchanged, anything else as JSON. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** A form, like a page's, instead of a JSON body. */
  readonly form?: Readonly<Record<string, string>>
}

/** Calls any path of a server. Never rejects: a call without an answer resolves to the error. */
export type ServerCall = (method: string, path: string, content?: CallContent) => Promise<Exchange>

/** Long, because a move of the clock sends all webhooks that become due. */
const TIMEOUT_MS = 300_000

/** Makes the function that calls a server. Calls of the API get the token and the account, others do not. */
export function createServerCall({
  accountId,
  token,
  url,
}: {
  /** Without a slash at its end. */
  readonly url: string
  readonly token: string
  readonly accountId: string
}): ServerCall {
  const transport = createTransport({
    fetch: (input, init) => fetch(input, init),
    machine: MACHINE,
    timeoutMs: TIMEOUT_MS,
    retries: 0,
  })
  return (method, path, content = {}) => {
    const isApi = path.startsWith('/api/v1/')
    const target = urlWithQuery(`${url}${path}`)
    if (isApi && !target.searchParams.has('account_id')) {
      target.searchParams.set('account_id', accountId)
    }
    const { body, contentType } = encode(content)
    return transport.exchange({
      method,
      url: target,
      body,
      headers: {
        accept: 'application/json',
        ...(isApi && { authorization: `Zoho-oauthtoken ${token}` }),
        ...(contentType !== undefined && { 'content-type': contentType }),
        ...content.headers,
      },
    })
  }
}

function encode({ body, form }: CallContent) {
  if (form !== undefined) {
    const contentType = 'application/x-www-form-urlencoded'
    return { body: new URLSearchParams(form).toString(), contentType }
  }
  if (body === undefined) return {}
  const contentType = 'application/json'
  return { body: typeof body === 'string' ? body : JSON.stringify(body), contentType }
}

/** Returns the object in an answer, beside `code` and `message`. Empty: there is none. */
export function subjectOf(exchange: Exchange): Fields {
  if (exchange instanceof Error) return {}
  for (const [key, value] of Object.entries(exchange.body ?? {})) {
    if (key !== 'code' && key !== 'message' && isObject(value)) return value
  }
  return {}
}

/** Returns true if a call succeeded. */
export function isDone(exchange: Exchange): boolean {
  return !(exchange instanceof Error) && exchange.status < 300
}

/** Describes an answer, such as `400 invalid_parameter (amount): amount must be …`. */
export function answerText(exchange: Exchange): string {
  if (exchange instanceof Error) return `no answer: ${connectionReason(exchange)}`
  if (isDone(exchange)) return String(exchange.status)
  const { code, field, message } = errorOf(exchange)
  const about = field === undefined ? '' : ` (${field})`
  return `${exchange.status} ${code}${about}: ${message}`
}
