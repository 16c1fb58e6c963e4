import { isDeepStrictEqual } from 'node:util'
import { rotateKey } from '../domain/account-keys.ts'
import type { AccountId } from '../domain/id.ts'
import type { Random } from '../domain/random.ts'
import { hashSecret } from '../domain/secret.ts'
import { clientFields } from '../wire/client.ts'
import { drawClientSecret } from './create-client.ts'
import type { Client, Store, Transaction } from './store.ts'
import { type AuditDeps, writeAuditEntry } from './write-audit-entry.ts'

type Deps = AuditDeps & { readonly store: Pick<Store, 'transaction'> }

/** A checked change of a client. Absent fields do not change. */
export type ClientChange = Partial<
  Pick<Client, 'name' | 'accountIds' | 'redirectUris' | 'isMachine'>
>

type ChangedClient = {
  readonly client: Client
  readonly revokedCount: number
  /** False: it already had these values. */
  readonly isChanged: boolean
}

/**
 * Changes a client. If it loses an account, its tokens for this account and all its codes are revoked; other tokens stay.
 * Undefined: there is no such client.
 */
export function updateClient(
  deps: Deps,
  id: string,
  change: ClientChange,
): Promise<ChangedClient | undefined> {
  return deps.store.transaction(async (tx) => {
    const client = await tx.clients.lock(id)
    if (client === undefined) return undefined
    const nowMs = deps.clock.nowMs()
    const after = { ...client, ...change }
    const lostIds = client.accountIds.filter((one) => !after.accountIds.includes(one))
    if (isDeepStrictEqual(after, client)) return { client, revokedCount: 0, isChanged: false }
    await tx.clients.put(after, nowMs)
    const revokedCount = lostIds.length === 0 ? 0 : await revokeFor(tx, id, lostIds, nowMs)
    await writeAuditEntry(tx, deps, {
      action: 'client.update',
      objectId: id,
      before: clientFields(client, nowMs),
      after: {
        ...clientFields(after, nowMs),
        ...(revokedCount > 0 && { revoked_tokens: revokedCount }),
      },
    })
    return { client: after, revokedCount, isChanged: true }
  })
}

/**
 * Deletes a client with its codes and tokens. `revokedCount`: the number of its valid tokens. Undefined: there is no
 * such client.
 */
export function deleteClient(deps: Deps, id: string): Promise<ChangedClient | undefined> {
  return deps.store.transaction(async (tx) => {
    const client = await tx.clients.lock(id)
    if (client === undefined) return undefined
    const nowMs = deps.clock.nowMs()
    const revokedCount = await tx.tokens.deleteAllByClient(id, nowMs)
    await tx.clients.delete(id)
    await writeAuditEntry(tx, deps, {
      action: 'client.delete',
      objectId: id,
      before: { ...clientFields(client, nowMs), revoked_tokens: revokedCount },
    })
    return { client, revokedCount, isChanged: true }
  })
}

/**
 * Gives a client a new secret, which cannot be read later. The current one stays valid for
 * `overlapMs`; an older one becomes invalid at once. The client's tokens stay valid. Undefined:
 * there is no such client.
 */
export function rotateClientSecret(
  deps: Deps & { readonly random: Random },
  id: string,
  overlapMs: number,
): Promise<{ readonly client: Client; readonly secret: string } | undefined> {
  return deps.store.transaction(async (tx) => {
    const client = await tx.clients.lock(id)
    if (client === undefined) return undefined
    const nowMs = deps.clock.nowMs()
    const secret = drawClientSecret(deps.random)
    const after = {
      ...client,
      secret: rotateKey(client.secret, hashSecret(secret), nowMs, overlapMs),
    }
    await tx.clients.put(after, nowMs)
    await writeAuditEntry(tx, deps, {
      action: 'client.rotate_secret',
      objectId: id,
      before: clientFields(client, nowMs),
      after: { rotated_keys: ['client_secret'], ...clientFields(after, nowMs) },
    })
    return { client: after, secret }
  })
}

/**
 * Revokes the tokens of a client for any of these accounts, and all its codes. Returns the number of tokens.
 */
async function revokeFor(
  tx: Transaction,
  clientId: string,
  accountIds: readonly AccountId[],
  nowMs: number,
): Promise<number> {
  const tokenCount = await tx.tokens.deleteAllByClient(clientId, nowMs, accountIds)
  await tx.tokens.deleteCodes(clientId)
  return tokenCount
}
