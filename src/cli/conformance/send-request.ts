import { setTimeout as sleep } from 'node:timers/promises'
import type { ExchangeRequest } from './exchange.ts'
import type { Answer } from './judge.ts'

/** The server and the account of a run. */
export type Target = {
  /** `paydesk`: a Paydesk sandbox; `zoho`: the real service’s sandbox. */
  readonly kind: 'paydesk' | 'zoho'
  /** Without a slash at its end, and without `/api/v1`. */
  readonly url: string
  readonly token: string
  readonly accountId: string
}

/** The result of a request. `failure`: a sentence; no answer came, or no complete one. */
export type SendResult = { readonly answer: Answer } | { readonly failure: string }

/** A longer body is cut, so it is not JSON. */
const BODY_BYTES_MAX = 1_048_576
/** The time limit of one request with its body, in milliseconds. */
export const REQUEST_MS_MAX = 30_000

/**
 * Sends one request and reads its answer. It follows no redirect, because the token must not reach another server.
 * Never throws.
 */
export async function sendRequest(
  target: Target,
  request: ExchangeRequest,
  timeoutMs: number = REQUEST_MS_MAX,
): Promise<SendResult> {
  const { body, headers, method } = request
  const limit = AbortSignal.timeout(timeoutMs)
  try {
    const response = await fetch(addressOf(target, request), {
      method,
      redirect: 'manual',
      signal: limit,
      headers: {
        accept: 'application/json',
        ...authorizationOf(target, request),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await readText(response)
    const contentType = response.headers.get('content-type') ?? ''
    const retryAfter = response.headers.get('retry-after') ?? ''
    return {
      answer: { status: response.status, contentType, retryAfter, text, json: parseJson(text) },
    }
  } catch (error) {
    if (limit.aborted) return { failure: `There was no complete answer within ${timeoutMs} ms.` }
    return { failure: `The connection failed: ${causeOf(error)}.` }
  }
}

/** Returns the number of milliseconds to wait if an answer says that there were too many requests. */
export function waitOf({ retryAfter, status }: Answer): number | undefined {
  if (status !== 429) return undefined
  const seconds = /^\d{1,4}$/.test(retryAfter) ? Number(retryAfter) : RETRY_AFTER_SECONDS
  return Math.min(seconds, RETRY_AFTER_SECONDS_MAX) * 1000
}

const RETRY_AFTER_SECONDS = 60
const RETRY_AFTER_SECONDS_MAX = 120

/** Waits, or returns early after an abort. */
export async function waitFor(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch(() => {})
}

function addressOf({ accountId, url }: Target, request: ExchangeRequest): URL {
  const { hasNoAccount, path, query } = request
  const address = new URL(path.startsWith('//') ? `${url}${path.slice(1)}` : `${url}/api/v1${path}`)
  const isApi = !path.startsWith('//')
  if (isApi && hasNoAccount !== true) address.searchParams.set('account_id', accountId)
  for (const [name, value] of Object.entries(query ?? {})) address.searchParams.set(name, value)
  return address
}

/** A token of the right form that does not exist. */
const WRONG_TOKEN = `1000.${'0'.repeat(32)}.${'0'.repeat(32)}`

function authorizationOf(target: Target, { path, token }: ExchangeRequest) {
  // Pages such as the checkout are public.
  if (token === 'none' || path.startsWith('//')) return {}
  const scheme = token === 'bearer' ? 'Bearer' : 'Zoho-oauthtoken'
  return { authorization: `${scheme} ${token === 'wrong' ? WRONG_TOKEN : target.token}` }
}

async function readText({ body }: Response): Promise<string> {
  if (body === null) return ''
  const decoder = new TextDecoder()
  let text = ''
  let byteCount = 0
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    byteCount += chunk.byteLength
    text += decoder.decode(chunk, { stream: true })
    if (byteCount > BODY_BYTES_MAX) return text
  }
  return text + decoder.decode()
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function causeOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error
  if (!(cause instanceof Error)) return String(cause)
  return 'code' in cause ? String(cause.code) : cause.message
}
