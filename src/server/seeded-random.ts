import { hash } from 'node:crypto'
import type { Random } from '../domain/random.ts'

/** A repeatable source of randomness, for sandboxes with a seed. Never for keys that protect something. */
export type SeededRandom = Random & {
  /** The state from which a source can continue. */
  readonly state: () => readonly number[]
}

/**
 * Makes a source from a seed. Sources with different names draw independently. `state`: the state of another source,
 * from which it continues.
 *
 * The generator is sfc32 of PractRand: it has four words of 32 bits, passes PractRand's tests, and needs a few lines.
 */
export function createSeededRandom(
  seed: string,
  name: string,
  state?: readonly number[],
): SeededRandom {
  const digest = Buffer.from(hash('sha256', `${seed}\n${name}`, 'hex'), 'hex')
  let [a = 0, b = 0, c = 0, counter = 1] =
    state ?? [0, 4, 8].map((offset) => digest.readUInt32LE(offset)).concat(1)
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    return sum >>> 0
  }
  // The first values still depend on the seed in a simple way.
  if (state === undefined) for (let round = 0; round < 12; round += 1) next()

  return {
    bytes: (count) => Uint8Array.from({ length: count }, () => next() >>> 24),
    below: (bound) => {
      // Values above the last whole multiple would make small numbers more likely.
      const limit = 0x1_0000_0000 - (0x1_0000_0000 % bound)
      for (;;) {
        const number = next()
        if (number < limit) return number % bound
      }
    },
    state: () => [a, b, c, counter],
  }
}
