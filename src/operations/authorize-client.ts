import { Buffer } from 'node:buffer'
import type { Random } from '../domain/random.ts'
import { formatScope } from '../domain/scope.ts'
import { hashSecret } from '../domain/secret.ts'
import type { Grant, Store } from './store.ts'
import { type AuditDeps, writeAuditEntry } from './write-audit-entry.ts'

const CODE_LIFE_MS = 60_000

/** Makes a token, a code or the id of a grant in the real service's shape: `1000.<32 hex>.<32 hex>`. */
export function makeToken(random: Random): string {
  const hex = () => Buffer.from(random.bytes(16)).toString('hex')
  return `1000.${hex()}.${hex()}`
}

/** Issues an authorization code for a grant that the account's owner has just allowed. */
export async function authorizeClient(
  deps: AuditDeps & { readonly random: Random; readonly store: Pick<Store, 'transaction'> },
  grant: Omit<Grant, 'grantId'>,
  redirectUri: string,
  codeChallenge: string | undefined,
): Promise<string> {
  const code = makeToken(deps.random)
  await deps.store.transaction(async (tx) => {
    await tx.tokens.insertCode(hashSecret(code), {
      ...grant,
      grantId: makeToken(deps.random),
      redirectUri,
      expiresAtMs: deps.clock.nowMs() + CODE_LIFE_MS,
      ...(codeChallenge !== undefined && { codeChallenge }),
    })
    await writeAuditEntry(tx, deps, {
      action: 'client.authorize',
      objectId: grant.clientId,
      after: { account_ids: grant.accountIds, scopes: grant.scopes.map(formatScope) },
    })
  })
  return code
}
