import type { Clock } from './operations/ports.ts'

/** The machine's clock. */
export const systemClock: Clock = { nowMs: () => Date.now() }
