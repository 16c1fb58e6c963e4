import { type Answer, AuthenticationError, errorOf, isSuccess } from './errors.ts'
import type { Machine } from './machine.ts'

/** How access tokens are got: by OAuth's refresh token. */
export type OauthCredentials = {
  readonly clientId: string
  readonly clientSecret: string
  readonly refreshToken: string
  /** Where the code was sent that the refresh token came from. The real service asks for it in some editions. */
  readonly redirectUri?: string | undefined
}

/** Gives access tokens, one for all calls of a client. */
export type AccessTokens = {
  /** Gives a token that is good as far as is known, and not one that was refused. */
  readonly take: (refused?: string) => Promise<string>
  /** Whether there is a way to another token than the one that was refused. */
  readonly canReplace: boolean
}

/** A token is replaced this long before it expires, so that it is still good when it arrives. */
const EARLY_MS = 60_000
/** For how long a token is good where the answer does not say. Source: the reference's own libraries. */
const LIFE_SECONDS_DEFAULT = 3_600

/** Gives the one token there is. */
export function fixedToken(token: string): AccessTokens {
  return { canReplace: false, take: () => Promise.resolve(token) }
}

/** Gets tokens from the accounts server when they are needed. However many calls need one, it is asked once. */
export function refreshedTokens({
  credentials,
  first,
  machine,
  post,
}: {
  readonly credentials: OauthCredentials
  /** A token that is there already. */
  readonly first: string | undefined
  readonly machine: Pick<Machine, 'nowMs'>
  /** Sends a form to the token endpoint, again where that helps. */
  readonly post: (form: URLSearchParams) => Promise<Answer>
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
    const askedAtMs = machine.nowMs()
    const { lifeSeconds, token } = readToken(await post(form))
    current = { token, goodUntilMs: askedAtMs + lifeSeconds * 1_000 - EARLY_MS }
    return token
  }

  return {
    canReplace: true,
    take: (refused) => {
      if (
        current !== undefined &&
        current.token !== refused &&
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

function readToken(answer: Answer): { readonly token: string; readonly lifeSeconds: number } {
  const { body, status } = answer
  // The accounts server says what is wrong by a word in an answer of 200.
  if (typeof body?.error === 'string') throw refused(body.error, status)
  if (!isSuccess(answer)) throw errorOf(answer)
  const { access_token: token, expires_in: life, expires_in_sec: lifeToo } = answer.body
  if (typeof token !== 'string') throw refused('invalid_token_response', status)
  const lifeSeconds = Number(lifeToo ?? life ?? LIFE_SECONDS_DEFAULT)
  return { token, lifeSeconds: Number.isFinite(lifeSeconds) ? lifeSeconds : LIFE_SECONDS_DEFAULT }
}

function refused(code: string, status: number): AuthenticationError {
  const message = `The accounts server gave no access token: ${code}.`
  return new AuthenticationError(message, { code, status })
}
