import type { AccountKeyName } from './account-key-name.ts'
import { equalSecrets } from './secret.ts'

/**
 * The time for which the previous key stays valid after a rotation, in milliseconds: 24 hours, as for
 * webhooks.
 */
export const KEY_OVERLAP_MS = 24 * 60 * 60_000
/** The longest overlap that a rotation can have, in milliseconds. */
export const KEY_OVERLAP_MS_MAX = 30 * 24 * 60 * 60_000

/** A stored secret: the current one, and the one before the last rotation. */
export type StoredKey = {
  /** Sealed, or a hash. */
  readonly value: string
  readonly previous?: { readonly value: string; readonly untilMs: number }
}

/** The stored keys of an account. The signing key is sealed, the others are hashes. */
export type AccountKeys = Readonly<Record<AccountKeyName, StoredKey>>

/**
 * The longest remaining time of a valid previous secret, in milliseconds. A longer time was stored while the clock was
 * far ahead: such a secret counts as invalid. The day above the longest overlap allows for a clock that is set back a
 * little.
 */
const REMAINING_MS_MAX = KEY_OVERLAP_MS_MAX + 24 * 60 * 60_000

/** Returns the previous secret. Undefined: there is none, or it is no longer valid. */
export function previousAt({ previous }: StoredKey, nowMs: number): StoredKey['previous'] {
  const remainingMs = (previous?.untilMs ?? 0) - nowMs
  return remainingMs > 0 && remainingMs <= REMAINING_MS_MAX ? previous : undefined
}

/**
 * Returns the secret that signs at `nowMs`. A redirect has one signature, so the previous key signs
 * until its validity ends; by then the merchant has installed the new one. Webhooks have both
 * signatures, the old one first.
 */
export function signingValueAt(key: StoredKey, nowMs: number): string {
  return previousAt(key, nowMs)?.value ?? key.value
}

/**
 * Returns true if a hash is that of the current secret, or of the previous one while it is valid.
 */
export function acceptsHash(key: StoredKey | undefined, hash: string, nowMs: number): boolean {
  // Always compares twice, even without a previous key, so that the time reveals nothing.
  const isPresent = equalSecrets(key?.value ?? '', hash)
  const isPrevious = equalSecrets((key && previousAt(key, nowMs)?.value) ?? '', hash)
  return isPresent || isPrevious
}

/**
 * Returns a key with a new secret. The current one stays valid for `overlapMs`; an older one becomes invalid at once.
 */
export function rotateKey(
  { value }: StoredKey,
  newValue: string,
  nowMs: number,
  overlapMs: number,
): StoredKey {
  return overlapMs === 0
    ? { value: newValue }
    : { value: newValue, previous: { value, untilMs: nowMs + overlapMs } }
}
