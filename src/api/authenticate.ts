import type { Account } from '../domain/account.ts'
import type { AuditActor } from '../domain/audit-log.ts'
import type { Clock } from '../domain/clock.ts'
import { type AccountId, parseAccountId } from '../domain/id.ts'
import { formatScope, type Scope } from '../domain/scope.ts'
import { hashSecret } from '../domain/secret.ts'
import { tokenIdOf } from '../domain/token-id.ts'
import { isAccessTokenExpired } from '../operations/grant-tokens.ts'
import type { Store } from '../operations/store.ts'
import { ApiError } from './errors.ts'

const AUTHORIZATION = /^(?:Zoho-oauthtoken|Bearer) +(\S{1,512})$/i

/**
 * Official clients refresh their token only if the message of a 401 contains "authorized". Source: the official
 * WooCommerce extension 1.0.6 (seen 2026-11-22).
 */
function notAuthorizedError(because: string): ApiError {
  return new ApiError('not_authorized', undefined, `You are not authorized: ${because}`)
}

/** Returns the actor of an authenticated request for the audit log: its token's id and its account. */
export function actorOf(authorization = '', accountId: AccountId): AuditActor {
  const id = tokenIdOf(hashSecret(AUTHORIZATION.exec(authorization)?.[1] ?? ''))
  return { kind: 'access_token', name: `${id} of account ${accountId}` }
}

/**
 * Finds the account that a request may act for: its token must exist, be issued for this account, have the scope, and
 * not have expired. Throws ApiError.
 */
export async function authenticate(
  { store, clock }: { readonly store: Store; readonly clock: Clock },
  authorization: string | undefined,
  accountIdParameter: unknown,
  scope: Scope,
): Promise<Account> {
  if (authorization === undefined) {
    throw notAuthorizedError('send the header "Authorization: Zoho-oauthtoken <access token>".')
  }
  const match = AUTHORIZATION.exec(authorization)
  if (match === null) {
    throw notAuthorizedError('the Authorization header must be "Zoho-oauthtoken <access token>".')
  }
  const token = await store.tokens.findAccessToken(hashSecret(match[1] ?? ''))
  if (token === undefined)
    throw notAuthorizedError('the access token is unknown or has been revoked.')
  if (isAccessTokenExpired(token.expiresAtMs, clock.nowMs())) {
    throw notAuthorizedError('the access token has expired. Get a new one with your refresh token.')
  }
  if (!token.scopes.includes(scope)) {
    throw notAuthorizedError(`the access token lacks the scope ${formatScope(scope)}.`)
  }

  if (accountIdParameter === undefined || accountIdParameter === '') {
    throw new ApiError(
      'missing_parameter',
      'account_id',
      'account_id is required in the query: send ?account_id=<your account id>.',
    )
  }
  const accountId =
    typeof accountIdParameter === 'string' ? parseAccountId(accountIdParameter) : undefined
  if (accountId === undefined) {
    throw new ApiError(
      'invalid_parameter',
      'account_id',
      'account_id must be one account id of at most 16 digits.',
    )
  }
  const account = token.accountIds.includes(accountId)
    ? await store.accounts.find(accountId)
    : undefined
  if (account === undefined)
    throw notAuthorizedError('the access token is not for this account_id.')
  return account
}
