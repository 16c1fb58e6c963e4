import type { Random } from '../domain/random.ts'
import {
  type DerivedKeys,
  type Keys,
  openSealedWithAny,
  opensWith,
  SEAL_NONCE_BYTES,
  seal,
} from '../domain/secret.ts'
import { SEALED_PLACES, type SealedPlace, type SealedValue, type Store } from './store.ts'
import { type AuditDeps, writeAuditEntry } from './write-audit-entry.ts'

type Deps = {
  readonly keys: Keys
  readonly store: Pick<Store, 'installation' | 'sealedValues' | 'transaction'>
}

/** The numbers of sealed values in a place. */
export type SealedCount = {
  readonly place: SealedPlace
  /** Values that the configured secret key opens. */
  readonly currentCount: number
  /** Values that only the previous secret key opens. */
  readonly previousCount: number
  /** Values that neither key opens. */
  readonly unreadableCount: number
}

/**
 * Another command replaced the database's secret key during this one, with a key that is not
 * configured.
 */
export class OtherSecretKey extends Error {
  constructor() {
    super(
      'Another command has replaced the secret key with one that is neither PAYDESK_SECRET_KEY nor PAYDESK_PREVIOUS_SECRET_KEY. This command has changed nothing.',
    )
  }
}

const BATCH_COUNT = 500

/**
 * Replaces the secret key of the database with the configured one, and seals every value with the new key. Servers with
 * both keys continue: they open values of both keys, and seal with the new key after they next read the database's key.
 * The function may be interrupted and run again: it skips the values that the new key opens.
 *
 * `onProgress` is called after each batch. Returns the counts of each place: `previousCount` is the number of values
 * that this run found with the previous key, and sealed again with the new one. Throws OtherSecretKey.
 */
export async function rekeyDatabase(
  deps: Deps & AuditDeps & { readonly random: Random },
  onProgress: (count: SealedCount) => void,
): Promise<readonly SealedCount[]> {
  await takeKey(deps)
  const counts = await eachPlace(deps, onProgress, async (values, target) => {
    await deps.store.transaction(async (tx) => {
      for (const value of values) {
        const text = openSealedWithAny(value.sealedText, deps.keys)
        const sealedText = seal(text, target.sealing, deps.random.bytes(SEAL_NONCE_BYTES))
        // A value that was changed in the meantime stays as its writer has sealed it.
        await tx.sealedValues.replace(value, sealedText)
      }
    })
  })
  const after = Object.fromEntries(counts.map(({ place, previousCount }) => [place, previousCount]))
  await deps.store.transaction((tx) =>
    writeAuditEntry(tx, deps, {
      action: 'database.rekey_end',
      objectId: targetOf(deps.keys).check,
      after: { sealed_again: after },
    }),
  )
  return counts
}

/** Counts the values that each secret key opens, by place. It changes nothing. */
export function countSealedValues(
  deps: Deps,
  onProgress: (count: SealedCount) => void,
): Promise<readonly SealedCount[]> {
  return eachPlace(deps, onProgress, async () => {})
}

/** Returns the keys of the configured secret key, which may not be the key of the database yet. */
function targetOf({ derivedKeys }: Keys): DerivedKeys {
  const [target] = derivedKeys
  if (target === undefined) throw new Error('there is no secret key')
  return target
}

/**
 * Records the configured secret key as the key of the database. The key of public ids stays, because merchants have
 * these ids.
 */
async function takeKey(deps: Deps & AuditDeps & { readonly random: Random }): Promise<void> {
  const target = targetOf(deps.keys)
  const isChanged = await deps.store.transaction(async (tx) => {
    const before = await tx.installation.lockFact('secret_key_check')
    if (before === target.check) return false
    if (!deps.keys.derivedKeys.some(({ check }) => check === before)) throw new OtherSecretKey()
    const sealedKey = await tx.installation.lockFact('public_id_key_sealed')
    const publicIdKey =
      sealedKey === undefined
        ? Buffer.from(deps.keys.publicId).toString('base64url')
        : openSealedWithAny(sealedKey, deps.keys)
    const nonce = deps.random.bytes(SEAL_NONCE_BYTES)
    await tx.installation.putFact('public_id_key_sealed', seal(publicIdKey, target.sealing, nonce))
    await tx.installation.putFact('secret_key_check', target.check)
    await writeAuditEntry(tx, deps, {
      action: 'database.rekey_start',
      objectId: target.check,
      before: { secret_key_check: before },
      after: { secret_key_check: target.check },
    })
    return true
  })
  if (isChanged) deps.keys.use(target.check)
}

/** Reads all sealed values in batches, and calls `work` with those of each batch that only the previous key opens. */
async function eachPlace(
  { keys, store }: Deps,
  onProgress: (count: SealedCount) => void,
  work: (values: readonly SealedValue[], target: DerivedKeys) => Promise<void>,
): Promise<readonly SealedCount[]> {
  const target = targetOf(keys)
  const others = keys.derivedKeys.filter((one) => one !== target)
  const counts: SealedCount[] = []
  for (const place of SEALED_PLACES) {
    let count: SealedCount = { place, currentCount: 0, previousCount: 0, unreadableCount: 0 }
    let last: SealedValue | undefined
    for (;;) {
      const values = await store.sealedValues.list(place, last, BATCH_COUNT)
      if (values.length === 0) break
      last = values.at(-1)
      const old = values.filter(({ sealedText }) => !opensWith(sealedText, target.sealing))
      const readable = old.filter(({ sealedText }) =>
        others.some(({ sealing }) => opensWith(sealedText, sealing)),
      )
      if (readable.length > 0) await work(readable, target)
      count = {
        place,
        currentCount: count.currentCount + values.length - old.length,
        previousCount: count.previousCount + readable.length,
        unreadableCount: count.unreadableCount + old.length - readable.length,
      }
      onProgress(count)
    }
    counts.push(count)
  }
  return counts
}
