import type { ChargeOutcome, Processor } from '../../src/processors/processor.ts'

const outcomes = new Map<string, ChargeOutcome>()
const decline: ChargeOutcome = { kind: 'declined', declineCode: 'canceled_by_customer' }
const outcomeOf = (id: string, first: ChargeOutcome) => {
  const outcome = outcomes.get(id) ?? first
  outcomes.set(id, outcome)
  return outcome
}

/** A processor with the terminal `T1`, whose charges wait until they are canceled. */
const processor: Processor = {
  name: 'terminal',
  charge: async ({ attemptId }) =>
    outcomeOf(attemptId, { kind: 'pending', processorReference: attemptId, askAfterMs: 60_000 }),
  findCharge: async (id) => outcomeOf(id, decline),
  cancelCharge: async (id) => {
    outcomes.set(id, decline)
    return decline
  },
  refund: async () => ({ kind: 'succeeded' }),
  terminals: { find: async (id) => ({ kind: id === 'T1' ? 'found' : 'not_found' }) },
}

// biome-ignore lint/style/noDefaultExport: a processor module's contract is its default export.
export default processor
