import type { MandateDebitInstrument, MandateEnrollment } from '../../src/domain/instrument.ts'
import type { MandateState, Mandates, NoticeOutcome } from '../../src/processors/mandates.ts'

/** Makes mandates with records in memory. */
export function exampleMandates(): {
  readonly mandates: Mandates
  /** Records that the customer has approved a mandate. */
  readonly approve: (enrollment: MandateEnrollment) => void
  /** Returns true if the debit's mandate is active and its customer was notified. */
  readonly accepts: (debit: MandateDebitInstrument) => boolean
} {
  const states = new Map<string, MandateState>()
  const notices = new Map<string, NoticeOutcome>()
  const stateOf = (id: string): MandateState => states.get(id) ?? { kind: 'unknown' }
  return {
    approve: ({ mandateId }) => states.set(mandateId, { kind: 'active' }),
    accepts: ({ mandateId, notificationId = '' }) =>
      stateOf(mandateId).kind === 'active' && notices.get(notificationId)?.kind === 'succeeded',
    mandates: {
      notify: async ({ mandateId, notificationId }) => {
        const outcome =
          notices.get(notificationId) ??
          (stateOf(mandateId).kind === 'active'
            ? ({ kind: 'succeeded', processorReference: `ex_n${notificationId}` } as const)
            : ({ kind: 'failed' } as const))
        notices.set(notificationId, outcome)
        return outcome
      },
      findMandate: async (id) => stateOf(id),
      cancelMandate: async (id) => {
        if (states.has(id)) states.set(id, { kind: 'revoked' })
        return stateOf(id)
      },
    },
  }
}
