import { randomFillSync, randomInt } from 'node:crypto'
import type { Random } from '../domain/random.ts'

/** The number of random bytes that one system call fetches. A system call costs more than a copy. */
const POOL_BYTES = 4_096

/** Makes a source of the system's random bytes, which it fetches in blocks. It returns no byte twice. */
export function createRandom(): Random {
  const pool = new Uint8Array(POOL_BYTES)
  let offset = POOL_BYTES
  return {
    bytes: (count) => {
      if (count > POOL_BYTES) return randomFillSync(new Uint8Array(count))
      if (offset + count > POOL_BYTES) {
        randomFillSync(pool)
        offset = 0
      }
      const bytes = pool.slice(offset, offset + count)
      // A returned byte may be part of a key, so it must not stay in the pool.
      pool.fill(0, offset, offset + count)
      offset += count
      return bytes
    },
    below: (bound) => randomInt(bound),
  }
}
