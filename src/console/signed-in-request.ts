import type { FastifyRequest } from 'fastify'
import { ApiError } from '../api/errors.ts'
import { findSignedIn, type SignedIn } from '../operations/operator-session.ts'
import { originOf } from '../pages/form.ts'
import type { ConsoleDeps } from './console-deps.ts'
import { isConsoleToken } from './console-token.ts'
import { sessionTokenOf } from './operator-cookies.ts'

/** The header with the token of the console's page. */
export const CONSOLE_TOKEN_HEADER = 'x-console-token'

/**
 * Makes a hook that throws ApiError `path_unknown` while nobody can sign in: no operator exists, and there is no
 * provider by which the first one could sign in. So no answer reveals the console.
 */
export function requireConsole({ provider }: Pick<ConsoleDeps, 'provider'>) {
  return async ({ tenant }: FastifyRequest): Promise<void> => {
    if (provider !== undefined || (await tenant.store.operators.areAny())) return
    throw new ApiError('path_unknown')
  }
}

/** The header of calls that the page makes while its operator gives no input, such as those of live updates. */
const IDLE_HEADER = 'x-console-idle'

/**
 * Finds the operator of a request. Undefined: nobody is signed in. `keepsAlive`: the request keeps the session alive.
 * By default it does, unless it comes from an idle page.
 */
export async function signedInOf(
  request: FastifyRequest,
  { keepsAlive = request.headers[IDLE_HEADER] !== 'true' }: { readonly keepsAlive?: boolean } = {},
): Promise<SignedIn | undefined> {
  const token = sessionTokenOf(request)
  return token === undefined ? undefined : findSignedIn(request.tenant, token, { keepsAlive })
}

/**
 * Finds the operator who opens a stream. Browsers send no headers of a page with it, so the session and the origin decide.
 * Throws ApiError like `requireSignedIn`.
 */
export async function requireStreamReader(
  request: FastifyRequest,
  consoleUrl: string | undefined,
): Promise<SignedIn> {
  const signedIn = await signedInOf(request, { keepsAlive: false })
  if (signedIn === undefined) throw new ApiError('not_signed_in')
  if (!isFromConsole(request, consoleUrl)) throw notFromConsole()
  return signedIn
}

function notFromConsole(): ApiError {
  return new ApiError('not_permitted', undefined, 'The request does not come from the console.')
}

/**
 * Finds the operator of a call of the console's page. Throws ApiError `not_signed_in`, or `not_permitted` for a request
 * that does not come from a page of this server.
 */
export async function requireSignedIn(
  request: FastifyRequest,
  consoleUrl: string | undefined,
): Promise<SignedIn> {
  const signedIn = await signedInOf(request)
  if (signedIn === undefined) throw new ApiError('not_signed_in')
  const token = request.headers[CONSOLE_TOKEN_HEADER]
  const isOwnToken =
    typeof token === 'string' &&
    isConsoleToken(token, signedIn.session.tokenHash, request.tenant.keys)
  if (!isOwnToken || !isFromConsole(request, consoleUrl)) throw notFromConsole()
  return signedIn
}

/**
 * Returns true if a page of this server's origin sent a request, or if a read has neither of two headers: browsers send
 * `Origin` with each form and each changing call, and `Sec-Fetch-Site` with each request to a trustworthy origin.
 */
export function isFromConsole(request: FastifyRequest, consoleUrl: string | undefined): boolean {
  const { origin, 'sec-fetch-site': site } = request.headers
  const isReading = request.method === 'GET' || request.method === 'HEAD'
  if (site !== undefined && site !== 'same-origin') return false
  return origin === undefined ? isReading : origin === originOf(request, consoleUrl)
}
