import { formatScope } from '../domain/scope.ts'
import { hashStartOf, tokenIdOf } from '../domain/token-id.ts'
import type { ListedToken, Store } from './store.ts'
import { type AuditDeps, writeAuditEntry } from './write-audit-entry.ts'

type Deps = AuditDeps & { readonly store: Pick<Store, 'transaction'> }

/**
 * Revokes a token by its id. Access tokens of a refresh token are revoked with it. Undefined: there is no such token.
 */
export function revokeTokenById(deps: Deps, tokenId: string): Promise<ListedToken | undefined> {
  return deps.store.transaction(async (tx) => {
    const hashStart = hashStartOf(tokenId)
    if (hashStart === undefined) return undefined
    const [token] = await tx.tokens.list({ hashStart }, deps.clock.nowMs(), 1)
    if (token === undefined) return undefined
    await tx.tokens.delete(token.tokenHash)
    await writeAuditEntry(tx, deps, {
      action: 'token.revoke',
      objectId: tokenIdOf(token.tokenHash),
      before: {
        kind: token.kind,
        client_id: token.clientId,
        account_ids: token.accountIds,
        scopes: token.scopes.map(formatScope),
      },
    })
    return token
  })
}

/** Revokes all tokens and codes of a client. Returns the number of tokens. Undefined: there is no such client. */
export function revokeTokensOfClient(deps: Deps, clientId: string): Promise<number | undefined> {
  return deps.store.transaction(async (tx) => {
    if ((await tx.clients.lock(clientId)) === undefined) return undefined
    const tokenCount = await tx.tokens.deleteAllByClient(clientId, deps.clock.nowMs())
    await tx.tokens.deleteCodes(clientId)
    await writeAuditEntry(tx, deps, {
      action: 'token.revoke',
      objectId: clientId,
      before: { revoked_tokens: tokenCount },
    })
    return tokenCount
  })
}
