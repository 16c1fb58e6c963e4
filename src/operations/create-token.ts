import type { AccountId } from '../domain/id.ts'
import { formatScope, type Scope } from '../domain/scope.ts'
import { hashSecret } from '../domain/secret.ts'
import { tokenIdOf } from '../domain/token-id.ts'
import {
  type GrantDeps,
  grantToClient,
  type IssuedTokens,
  type TokenRefusal,
} from './grant-tokens.ts'
import type { Client } from './store.ts'
import { type AuditDeps, writeAuditEntry } from './write-audit-entry.ts'

/**
 * Creates an access token for the user of a command. A user with access to the database may create tokens for any
 * client.
 */
export function createToken(
  deps: GrantDeps & AuditDeps,
  client: Client,
  scopes: readonly Scope[],
  accountIds: readonly AccountId[],
): Promise<IssuedTokens | TokenRefusal> {
  return deps.store.transaction(async (tx) => {
    const result = await grantToClient(tx, deps, client, {
      scopes,
      accountIds,
      allowsAnyClient: true,
    })
    if ('error' in result) return result
    await writeAuditEntry(tx, deps, {
      action: 'token.create',
      objectId: tokenIdOf(hashSecret(result.accessToken)),
      after: {
        client_id: client.id,
        account_ids: accountIds,
        scopes: result.scopes.map(formatScope),
      },
    })
    return result
  })
}
