import { isHeaderText } from './check-option.ts'
import { AuthenticationError, type Exchange, errorOf, isSuccess } from './errors.ts'
import type { Machine } from './machine.ts'
import type { Transport } from './transport.ts'

/** The credentials that get access tokens by OAuth's refresh token. */
export type OauthCredentials = {
  readonly clientId: string
  readonly clientSecret: string
  readonly refreshToken: string
  /** The redirect URI of the grant. The real service requires it in some editions. */
  readonly redirectUri?: string | undefined
}

/** The access tokens of a client. */
export type AccessTokens = {
  /**
   * Returns the current token. Gets a new token if there is none, if less than a minute of its known life remains, or
   * if it is the refused token.
   */
  readonly take: (refusedToken?: string) => Promise<string>
  /** True: `take` can return a token other than the refused one. */
  readonly canReplace: boolean
}

/** The remaining life at which a token is replaced, in milliseconds, so that the token is still valid on arrival. */
const EARLY_MS = 60_000
/** The life of a token if the answer does not contain it, in seconds. Source: the real service's libraries. */
const LIFE_SECONDS_DEFAULT = 3_600

/** Makes access tokens that are always the same token. */
export function fixedToken(token: string): AccessTokens {
  return { canReplace: false, take: () => Promise.resolve(token) }
}

/**
 * Makes access tokens that come from the accounts server when they are needed. Concurrent calls share one request.
 */
export function refreshedTokens({
  credentials,
  first,
  machine,
  tokenUrl,
  transport,
}: {
  readonly credentials: OauthCredentials
  /** A token that the caller already has. Its life is unknown, so it is used until a server refuses it. */
  readonly first: string | undefined
  readonly machine: Pick<Machine, 'nowMs'>
  readonly tokenUrl: string
  readonly transport: Transport
}): AccessTokens {
  let current: { readonly token: string; readonly goodUntilMs: number } | undefined =
    first === undefined ? undefined : { token: first, goodUntilMs: Number.POSITIVE_INFINITY }
  let refreshing: Promise<string> | undefined

  async function refresh(): Promise<string> {
    const form = new URLSearchParams({
      grant_type: 'refresh_token',
      client_id: credentials.clientId,
      client_secret: credentials.clientSecret,
      refresh_token: credentials.refreshToken,
    })
    if (credentials.redirectUri !== undefined) form.set('redirect_uri', credentials.redirectUri)
    const sentAtMs = machine.nowMs()
    const request = {
      method: 'POST',
      url: new URL(tokenUrl),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: form.toString(),
    }
    // A refresh changes nothing, so it is repeated like a GET.
    const { exchange } = await transport.exchangeWithRetries(request, { mayRepeat: true })
    const { lifeSeconds, token } = readToken(exchange)
    current = { token, goodUntilMs: sentAtMs + lifeSeconds * 1_000 - EARLY_MS }
    return token
  }

  return {
    canReplace: true,
    take: (refusedToken) => {
      if (
        current !== undefined &&
        current.token !== refusedToken &&
        machine.nowMs() < current.goodUntilMs
      ) {
        return Promise.resolve(current.token)
      }
      refreshing ??= refresh().finally(() => {
        refreshing = undefined
      })
      return refreshing
    },
  }
}

function readToken(exchange: Exchange): { readonly token: string; readonly lifeSeconds: number } {
  if (exchange instanceof Error) throw exchange
  const { body, status } = exchange
  // The accounts server answers 200 even for an error, with the error's name in the body.
  if (typeof body?.error === 'string') throw refusalError(body.error, status)
  if (!isSuccess(exchange)) throw errorOf(exchange)
  const { access_token: token, expires_in: life, expires_in_sec: lifeInSeconds } = exchange.body
  if (typeof token !== 'string' || !isHeaderText(token))
    throw refusalError('invalid_token_response', status)
  const lifeSeconds = Number(lifeInSeconds ?? life ?? LIFE_SECONDS_DEFAULT)
  return { token, lifeSeconds: Number.isFinite(lifeSeconds) ? lifeSeconds : LIFE_SECONDS_DEFAULT }
}

function refusalError(code: string, status: number): AuthenticationError {
  const message = `The accounts server gave no access token: ${code}.`
  return new AuthenticationError(message, { code, status })
}
