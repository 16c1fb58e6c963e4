/**
 * Returns HalfSipHash-2-4 of one 32-bit word, as a signed 32-bit number.
 *
 * A pseudo-random function: its values cannot be predicted without the key. The message is only one
 * word, because a round of `createPublicIds` needs no more; one call takes about 20 ns. The
 * function is that of
 * https://github.com/veorq/SipHash (seen 2026-11-28); the test has its vector for four bytes.
 */
export function halfSipHash(key0: number, key1: number, word: number): number {
  let v0 = key0
  let v1 = key1
  let v2 = 0x6c796765 ^ key0
  let v3 = 0x74656462 ^ key1
  // The message, then its length in the highest byte, then the rounds of the end.
  for (let part = 0; part < 3; part += 1) {
    const block = part === 0 ? word : MESSAGE_LENGTH
    if (part < 2) v3 ^= block
    else v2 ^= 0xff
    const roundCount = part < 2 ? 2 : 4
    for (let round = 0; round < roundCount; round += 1) {
      v0 = (v0 + v1) | 0
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0
      v0 = (v0 << 16) | (v0 >>> 16)
      v2 = (v2 + v3) | 0
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2
      v0 = (v0 + v3) | 0
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0
      v2 = (v2 + v1) | 0
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2
      v2 = (v2 << 16) | (v2 >>> 16)
    }
    if (part < 2) v0 ^= block
  }
  return v1 ^ v3
}

/** The length of the message in bytes; the last block contains only the length. */
const MESSAGE_LENGTH = 4 << 24
