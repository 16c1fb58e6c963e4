import type { ListedToken } from '../domain/records.ts'
import { formatScope } from '../domain/scope.ts'
import { tokenIdOf } from '../domain/token-id.ts'

/** Makes the object of a token, for operators. It does not contain the token. Paydesk only. */
export function tokenFields({
  accountIds,
  clientId,
  expiresAtMs,
  kind,
  scopes,
  tokenHash,
}: ListedToken) {
  return {
    token_id: tokenIdOf(tokenHash),
    kind,
    client_id: clientId,
    account_ids: accountIds,
    scopes: scopes.map(formatScope),
    expires: expiresAtMs === undefined ? undefined : new Date(expiresAtMs).toISOString(),
  }
}
