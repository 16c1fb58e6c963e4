import type { Processor } from '../../src/processors/processor.ts'

const approval = { kind: 'approved', processorReference: 'approved at once' } as const

/** A processor that approves everything at once, for tests that need many payments quickly. */
const processor: Processor = {
  name: 'approves everything',
  charge: async () => approval,
  findCharge: async () => approval,
  refund: async () => ({ kind: 'succeeded' }),
}

// biome-ignore lint/style/noDefaultExport: a processor module's contract is its default export.
export default processor
