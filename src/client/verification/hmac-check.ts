/** One step of a verification: the check whether HMAC-SHA256 with this key signed this message. */
type HmacCheck = {
  /** Never empty. */
  readonly key: Uint8Array<ArrayBuffer>
  readonly message: Uint8Array<ArrayBuffer>
  /** One correct signature is enough. Each has 32 bytes. */
  readonly signatures: readonly Uint8Array<ArrayBuffer>[]
}

/**
 * A verification as a generator: it yields HMAC checks and gets their results. So the same decisions work with Node's
 * synchronous functions and with `crypto.subtle`.
 */
export type Verification<Result> = Generator<HmacCheck, Result, boolean>

/** The number of bytes of a SHA-256. */
const DIGEST_BYTES = 32

/**
 * Yields one check, and returns its result. The time of its comparison does not depend on the position of a difference.
 * Returns false without a check if a signature does not have the length of a SHA-256.
 */
export function* isSigned(check: HmacCheck): Verification<boolean> {
  const fits = check.signatures.every(({ length }) => length === DIGEST_BYTES)
  return fits ? yield check : false
}

/**
 * Runs a verification at once, with `node:crypto`. Throws an Error in a runtime without it, such as a
 * browser.
 */
export function verifyNow<Result>(verification: Verification<Result>): Result {
  let step = verification.next()
  while (step.done !== true) step = verification.next(answerByNode(step.value))
  return step.value
}

/** Runs a verification with `crypto.subtle`, which browsers and edge runtimes have. */
export async function verifyAsync<Result>(verification: Verification<Result>): Promise<Result> {
  let step = verification.next()
  while (step.done !== true) step = verification.next(await answerByWebCrypto(step.value))
  return step.value
}

function answerByNode({ key, message, signatures }: HmacCheck): boolean {
  // An import would break bundlers for browsers and edge runtimes.
  const crypto = globalThis.process?.getBuiltinModule?.('node:crypto')
  if (crypto === undefined) {
    throw new Error(
      'This runtime has no node:crypto. Use the function whose name ends in Async, which uses crypto.subtle.',
    )
  }
  const expected = crypto.createHmac('sha256', key).update(message).digest()
  let isMatch = false
  // Continues after a match, so that the time does not reveal the matching signature.
  for (const one of signatures) isMatch = crypto.timingSafeEqual(expected, one) || isMatch
  return isMatch
}

async function answerByWebCrypto({ key, message, signatures }: HmacCheck): Promise<boolean> {
  const { subtle } = globalThis.crypto
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  const cryptoKey = await subtle.importKey('raw', key, algorithm, false, ['verify'])
  let isMatch = false
  for (const one of signatures) {
    isMatch = (await subtle.verify(algorithm.name, cryptoKey, one, message)) || isMatch
  }
  return isMatch
}
