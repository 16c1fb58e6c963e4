import { hash } from 'node:crypto'
import { acceptsHash } from '../domain/account-keys.ts'
import type { AuditActor } from '../domain/audit-log.ts'
import type { Clock } from '../domain/clock.ts'
import type { AccountId } from '../domain/id.ts'
import type { Random } from '../domain/random.ts'
import type { Scope } from '../domain/scope.ts'
import { hashSecret } from '../domain/secret.ts'
import { tokenIdOf } from '../domain/token-id.ts'
import { makeToken } from './authorize-client.ts'
import type { Client, Grant, Store, Transaction } from './store.ts'
import { writeAuditEntry } from './write-audit-entry.ts'

/** The life of an access token, in seconds. */
export const ACCESS_TOKEN_LIFE_SECONDS = 3_600
/**
 * The longest remaining time of a valid token, in milliseconds. The second hour is for a clock that
 * is set back.
 */
const REMAINING_MS_MAX = 2 * ACCESS_TOKEN_LIFE_SECONDS * 1000

/**
 * Returns true if an access token has expired, or if its expiry is later than possible, because the token was made
 * under a clock that was far ahead. `expiresAtMs`: undefined for a sandbox's token that never expires.
 */
export function isAccessTokenExpired(expiresAtMs: number | undefined, nowMs: number): boolean {
  if (expiresAtMs === undefined) return false
  const remainingMs = expiresAtMs - nowMs
  return remainingMs <= 0 || remainingMs > REMAINING_MS_MAX
}

/** The maximum number of refresh tokens of a client for the same accounts; the oldest is dropped. */
export const REFRESH_TOKEN_COUNT_MAX = 20

/** The reason why no token was issued: its code on the wire, and a sentence. */
export type TokenRefusal = {
  readonly error: 'invalid_client' | 'invalid_code' | 'invalid_grant' | 'access_denied'
  readonly description: string
}

/** Issued tokens. They cannot be read later. */
export type IssuedTokens = {
  readonly accessToken: string
  readonly refreshToken?: string
  readonly scopes: readonly Scope[]
}

/** The dependencies of issuing tokens. */
export type GrantDeps = {
  readonly clock: Clock
  readonly random: Random
  readonly store: Pick<Store, 'clients' | 'transaction'>
}

/** Finds a client by its id and secret. */
export async function identifyClient(
  { clock, store }: Pick<GrantDeps, 'clock' | 'store'>,
  clientId: string,
  clientSecret: string,
): Promise<Client | TokenRefusal> {
  const client = await store.clients.find(clientId)
  // Compares even for an unknown client, so that the time reveals nothing.
  const isRight = acceptsHash(client?.secret, hashSecret(clientSecret), clock.nowMs())
  if (client === undefined || !isRight) {
    return {
      error: 'invalid_client',
      description: 'no client has this client_id and client_secret',
    }
  }
  return client
}

/**
 * Locks a client before it gets a token. The commands that revoke its tokens lock it too, so a request that began before
 * such a command cannot get a token after it. Undefined: the client was deleted in the meantime.
 */
function lockClient(tx: Transaction, { id }: Client): Promise<Client | undefined> {
  return tx.clients.lock(id)
}

const DELETED_CLIENT: TokenRefusal = {
  error: 'invalid_client',
  description: 'this client was deleted',
}

function mayActFor(client: Client, accountIds: readonly AccountId[]): boolean {
  return accountIds.every((id) => client.accountIds.includes(id))
}

/** Exchanges an authorization code for tokens. A code works once, for one minute. */
export async function exchangeCode(
  deps: GrantDeps,
  client: Client,
  {
    code,
    redirectUri,
    codeVerifier,
  }: {
    readonly code: string
    readonly redirectUri: string | undefined
    readonly codeVerifier: string | undefined
  },
): Promise<IssuedTokens | TokenRefusal> {
  const nowMs = deps.clock.nowMs()
  const refuse = (description: string): TokenRefusal => ({ error: 'invalid_code', description })

  return deps.store.transaction(async (tx) => {
    const lockedClient = await lockClient(tx, client)
    if (lockedClient === undefined) return DELETED_CLIENT
    const grant = await tx.tokens.useCode(hashSecret(code), nowMs)
    if (grant === undefined) return refuse('this code is unknown')
    if ('usedCode' in grant) {
      // A second use: somebody else may have the code, so the tokens of the first use are revoked.
      await tx.tokens.deleteAllByGrant(grant.usedCode.grantId)
      return refuse('this code has been used before; its tokens have been revoked')
    }
    if (grant.clientId !== client.id) return refuse('this code was issued to another client')
    if (nowMs >= grant.expiresAtMs)
      return refuse('this code has expired; a code is valid for one minute')
    if (!mayActFor(lockedClient, grant.accountIds)) {
      return refuse('this code is for an account that the client may no longer access')
    }
    if (redirectUri !== grant.redirectUri) {
      return refuse('redirect_uri differs from the redirect_uri of the authorization request')
    }
    if (
      grant.codeChallenge !== undefined &&
      grant.codeChallenge !== hash('sha256', codeVerifier ?? '', 'base64url')
    ) {
      return refuse('code_verifier does not match the code_challenge')
    }
    const refreshToken = makeToken(deps.random)
    await tx.tokens.insertRefreshToken(
      hashSecret(refreshToken),
      grant,
      nowMs,
      REFRESH_TOKEN_COUNT_MAX,
    )
    const tokens = await grantAccess(deps, tx, grant, hashSecret(refreshToken))
    return { ...tokens, refreshToken }
  })
}

/** Gives a new access token for a refresh token. The refresh token does not change. */
export async function refreshAccess(
  deps: GrantDeps,
  client: Client,
  refreshToken: string,
): Promise<IssuedTokens | TokenRefusal> {
  const refreshTokenHash = hashSecret(refreshToken)
  return deps.store.transaction(async (tx) => {
    if ((await lockClient(tx, client)) === undefined) return DELETED_CLIENT
    const grant = await tx.tokens.lockRefreshToken(refreshTokenHash)
    if (grant?.clientId !== client.id) {
      return {
        error: 'invalid_code',
        description: 'this refresh token is unknown, revoked, or issued to another client',
      }
    }
    return grantAccess(deps, tx, grant, refreshTokenHash)
  })
}

/** Gives an access token to a machine client in its own name. */
export function grantToMachine(
  deps: GrantDeps,
  client: Client,
  scopes: readonly Scope[],
  accountIds: readonly AccountId[],
): Promise<IssuedTokens | TokenRefusal> {
  return deps.store.transaction((tx) =>
    grantToClient(tx, deps, client, { scopes, accountIds, allowsAnyClient: false }),
  )
}

/**
 * Does the same as `grantToMachine` in a transaction. `allowsAnyClient`: true allows a client that is not a machine
 * client.
 */
export async function grantToClient(
  tx: Transaction,
  deps: Pick<GrantDeps, 'clock' | 'random'>,
  requestClient: Client,
  {
    accountIds,
    allowsAnyClient,
    scopes,
  }: Pick<Grant, 'accountIds' | 'scopes'> & { readonly allowsAnyClient: boolean },
): Promise<IssuedTokens | TokenRefusal> {
  const client = await lockClient(tx, requestClient)
  if (client === undefined) return DELETED_CLIENT
  if (!allowsAnyClient && !client.isMachine) {
    return { error: 'access_denied', description: 'this client may not use client_credentials' }
  }
  if (!mayActFor(client, accountIds)) {
    return { error: 'access_denied', description: 'this client may not act for that account' }
  }
  const grant = { clientId: client.id, accountIds, scopes, grantId: makeToken(deps.random) }
  return grantAccess(deps, tx, grant, undefined)
}

/**
 * Revokes a token of either kind. Its holder needs no other right. An unknown token is treated as
 * revoked.
 */
export async function revokeToken(
  deps: { readonly clock: Clock; readonly store: Pick<Store, 'transaction'> },
  token: string,
): Promise<void> {
  const tokenHash = hashSecret(token)
  const id = tokenIdOf(tokenHash)
  const actor: AuditActor = { kind: 'token_holder', name: id }
  await deps.store.transaction(async (tx) => {
    if (!(await tx.tokens.delete(tokenHash))) return
    const auditDeps = { clock: deps.clock, actor }
    await writeAuditEntry(tx, auditDeps, { action: 'token.revoke', objectId: id })
  })
}

async function grantAccess(
  deps: Pick<GrantDeps, 'clock' | 'random'>,
  tx: Transaction,
  grant: Grant,
  refreshTokenHash: string | undefined,
): Promise<IssuedTokens> {
  const accessToken = makeToken(deps.random)
  const { clientId, accountIds, scopes, grantId } = grant
  const expiresAtMs = deps.clock.nowMs() + ACCESS_TOKEN_LIFE_SECONDS * 1000
  await tx.tokens.insertAccessToken(
    hashSecret(accessToken),
    { clientId, accountIds, scopes, grantId, expiresAtMs },
    refreshTokenHash,
  )
  return { accessToken, scopes }
}
