import type { AccountKeyName } from '../domain/account-key-name.ts'
import { type AccountKeys, rotateKey } from '../domain/account-keys.ts'
import type { AccountId } from '../domain/id.ts'
import type { Random } from '../domain/random.ts'
import type { Keys } from '../domain/secret.ts'
import { accountKeyFields } from '../wire/account.ts'
import { drawAccountSecret, storedSecret } from './account-secrets.ts'
import type { Store, Transaction } from './store.ts'
import { type AuditDeps, writeAuditEntry } from './write-audit-entry.ts'

/** New secrets of an account. They cannot be read later. */
export type RotatedKeys = {
  readonly secrets: Readonly<Partial<Record<AccountKeyName, string>>>
  readonly keys: AccountKeys
}

type Deps = AuditDeps & { readonly keys: Keys; readonly random: Random }

/** The keys to replace. The current ones stay valid for `overlapMs`. */
export type KeyRotation = {
  readonly names: readonly AccountKeyName[]
  readonly overlapMs: number
}

/**
 * Gives an account new keys. The current keys stay valid for `overlapMs`; older keys become invalid
 * at once. Undefined: there is no such account.
 */
export function rotateAccountKeys(
  deps: Deps & { readonly store: Pick<Store, 'transaction'> },
  id: AccountId,
  names: readonly AccountKeyName[],
  overlapMs: number,
): Promise<RotatedKeys | undefined> {
  return deps.store.transaction(async (tx) => {
    const before = await tx.accounts.lockKeys(id)
    return before && rotateLockedKeys(tx, deps, { id, before }, { names, overlapMs })
  })
}

/** Does the same as `rotateAccountKeys` in a transaction that has locked the keys of the account. */
export async function rotateLockedKeys(
  tx: Transaction,
  deps: Deps,
  { before, id }: { readonly id: AccountId; readonly before: AccountKeys },
  { names, overlapMs }: KeyRotation,
): Promise<RotatedKeys> {
  const nowMs = deps.clock.nowMs()
  const secrets: Partial<Record<AccountKeyName, string>> = {}
  const newKeys: Partial<Record<AccountKeyName, AccountKeys[AccountKeyName]>> = {}
  for (const name of new Set(names)) {
    const secret = drawAccountSecret(deps.random, name)
    secrets[name] = secret
    newKeys[name] = rotateKey(before[name], storedSecret(deps, name, secret), nowMs, overlapMs)
  }
  const after = { ...before, ...newKeys }
  await tx.accounts.updateKeys(id, after)
  await writeAuditEntry(tx, deps, {
    action: 'account.rotate_keys',
    objectId: id,
    before: accountKeyFields(before, nowMs),
    after: { rotated_keys: Object.keys(secrets), ...accountKeyFields(after, nowMs) },
  })
  return { secrets, keys: after }
}
