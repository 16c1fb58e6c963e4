import type { FastifyReply, FastifyRequest } from 'fastify'
import { hashSecret, openSealedWithAny, SEAL_NONCE_BYTES, seal } from '../domain/secret.ts'
import type { Tenant } from '../operations/tenant.ts'
import { clearChallengeCookie, sealedChallengeOf, setChallengeCookie } from './operator-cookies.ts'

/** The life of a challenge, in milliseconds: the time for a sign-in at the provider. */
export const CHALLENGE_MS = 10 * 60_000

type Deps = Pick<Tenant, 'clock' | 'keys' | 'random' | 'store'>

type SealedChallenge = {
  /** A challenge for another purpose is refused. */
  readonly purpose: string
  readonly endsAtMs: number
  readonly challenge: Readonly<Record<string, string>>
}

/**
 * Gives a browser the challenge of a sign-in or of a new passkey in a sealed cookie. So the start of a sign-in, which
 * strangers can repeat, stores nothing, and the challenge belongs to this browser.
 */
export function giveChallenge(
  reply: FastifyReply,
  { clock, keys, random }: Pick<Deps, 'clock' | 'keys' | 'random'>,
  purpose: string,
  challenge: Readonly<Record<string, string>>,
): void {
  const content: SealedChallenge = { purpose, endsAtMs: clock.nowMs() + CHALLENGE_MS, challenge }
  const sealedText = seal(JSON.stringify(content), keys.sealing, random.bytes(SEAL_NONCE_BYTES))
  setChallengeCookie(reply, sealedText, CHALLENGE_MS / 1000)
}

/**
 * Takes the challenge of a browser. Each one is taken once, also by simultaneous requests to several servers. Undefined:
 * there is none for this purpose, its time has ended, or it was taken before.
 */
export async function takeChallenge(
  request: FastifyRequest,
  reply: FastifyReply,
  { clock, keys, store }: Pick<Deps, 'clock' | 'keys' | 'store'>,
  purpose: string,
): Promise<Readonly<Record<string, string>> | undefined> {
  const sealedText = sealedChallengeOf(request)
  clearChallengeCookie(reply)
  const content = sealedText === undefined ? undefined : open(sealedText, keys)
  if (sealedText === undefined || content?.purpose !== purpose) return undefined
  const nowMs = clock.nowMs()
  // A challenge from the future was made by a clock that was ahead.
  if (nowMs >= content.endsAtMs || content.endsAtMs > nowMs + CHALLENGE_MS) return undefined
  const isFirst = await store.transaction((tx) =>
    tx.operators.useChallenge(hashSecret(sealedText), content.endsAtMs),
  )
  return isFirst ? content.challenge : undefined
}

function open(sealedText: string, keys: Deps['keys']): SealedChallenge | undefined {
  try {
    return JSON.parse(openSealedWithAny(sealedText, keys)) as SealedChallenge
  } catch {
    // The challenge was changed, or a key of another server sealed it.
    return undefined
  }
}
