import type { Processor } from '../../src/processors/processor.ts'

/** A processor that declines everything, for tests that only need one to be configured. */
const processor: Processor = {
  name: 'declines everything',
  charge: async () => ({ kind: 'declined', declineCode: 'card_declined' }),
  findCharge: async () => ({ kind: 'declined', declineCode: 'card_declined' }),
  refund: async () => ({ kind: 'failed', reason: 'payment_not_captured' }),
}

// biome-ignore lint/style/noDefaultExport: a processor module's contract is its default export.
export default processor
