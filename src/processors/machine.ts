/** The machine's clock and random source, for users of the package. The server uses its own. */
import { getRandomValues } from 'node:crypto'

/** The machine's clock. */
export const machineClock = { nowMs: () => Date.now() } as const

/** Draws unpredictable random bytes. */
export function drawBytes(count: number): Uint8Array {
  return getRandomValues(new Uint8Array(count))
}
