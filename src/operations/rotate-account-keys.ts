import { type AccountKeyName, type AccountKeys, rotateKey } from '../domain/account-keys.ts'
import type { AccountId } from '../domain/id.ts'
import type { Random } from '../domain/random.ts'
import type { Keys } from '../domain/secret.ts'
import { accountKeyFields } from '../wire/account.ts'
import { drawAccountSecret, storedSecret } from './account-secrets.ts'
import type { Store } from './store.ts'
import { type AuditDeps, writeAuditEntry } from './write-audit-entry.ts'

/** New secrets of an account. They can be read only now. */
export type RotatedKeys = {
  readonly secrets: Readonly<Partial<Record<AccountKeyName, string>>>
  readonly keys: AccountKeys
}

/**
 * Gives an account new keys. The current keys stay valid for `overlapMs`; older keys become invalid
 * at once. Undefined: there is no such account.
 */
export function rotateAccountKeys(
  deps: AuditDeps & {
    readonly keys: Keys
    readonly random: Random
    readonly store: Pick<Store, 'transaction'>
  },
  id: AccountId,
  names: readonly AccountKeyName[],
  overlapMs: number,
): Promise<RotatedKeys | undefined> {
  return deps.store.transaction(async (tx) => {
    const before = await tx.accounts.lockKeys(id)
    if (before === undefined) return undefined
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
  })
}
