import { factsOf, type SavedFacts } from '../../src/domain/instrument.ts'
import type { SavedInstruments, SaveOutcome } from '../../src/processors/saved-instruments.ts'

/** Makes a vault with records in memory. It refuses the card whose number is `refusedNumber`. */
export function exampleVault(refusedNumber: string): SavedInstruments & {
  /** Returns true if a token can be charged. */
  readonly has: (token: string) => boolean
} {
  const saves = new Map<string, SaveOutcome>()
  const decline = { kind: 'declined', declineCode: 'card_declined' } as const
  const outcomeOf = (id: string, first: () => SaveOutcome): SaveOutcome => {
    const outcome = saves.get(id) ?? first()
    saves.set(id, outcome)
    return outcome
  }
  const tokens = new Set<string>()
  return {
    has: (token) => tokens.has(token),
    save: async ({ instrument, paymentMethodId }) =>
      outcomeOf(paymentMethodId, () => {
        if (instrument.type === 'card' && instrument.number === refusedNumber) return decline
        const token = `ex_${paymentMethodId}`
        tokens.add(token)
        return { kind: 'saved', token, instrument: factsOf(instrument) as SavedFacts }
      }),
    findSaved: async (id) => outcomeOf(id, () => decline),
    forget: async ({ token }) => {
      if (token !== undefined) tokens.delete(token)
      return { kind: 'forgotten' }
    },
  }
}
