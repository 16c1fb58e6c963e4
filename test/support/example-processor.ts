import type { Instrument } from '../../src/domain/instrument.ts'
import type { ChargeOutcome, Processor } from '../../src/processors/processor.ts'
import type { ProcessorUnderTest } from '../../src/processors/processor-under-test.ts'
import { EXAMPLE_BANK_ACCOUNT, openExampleBank } from './example-bank.ts'
import { exampleMandates } from './example-mandates.ts'
import { exampleVault } from './example-saves.ts'

/** Makes a processor with records in memory. Its test cards decide the outcome. */
export function exampleUnderTest(): ProcessorUnderTest & {
  readonly processor: Required<Omit<Processor, 'refuses' | 'banks' | 'wallets' | 'cardBrands'>>
} {
  const charges = new Map<string, ChargeOutcome>()
  const outcomeOf = (id: string, first: () => ChargeOutcome): ChargeOutcome => {
    const outcome = charges.get(id) ?? first()
    charges.set(id, outcome)
    return outcome
  }
  const { has, ...savedInstruments } = exampleVault(CARDS.declined.number)
  const bank = openExampleBank()
  const { accepts, approve, mandates } = exampleMandates()
  const decline = { kind: 'declined', declineCode: 'card_declined' } as const
  const approval = (id: string) => ({ kind: 'approved', processorReference: `ex_${id}` }) as const
  return {
    processor: {
      name: 'example',
      charge: async ({ attemptId, instrument }) =>
        outcomeOf(attemptId, () => {
          if (instrument.type === 'saved') {
            return has(instrument.token) ? approval(attemptId) : decline
          }
          if (instrument.type === 'mandate_debit') {
            return accepts(instrument) ? approval(attemptId) : decline
          }
          if (instrument.type === 'mandate_enrollment') {
            approve(instrument)
            return approval(attemptId)
          }
          if (instrument.type === 'terminal') {
            return { kind: 'pending', processorReference: `ex_${attemptId}` }
          }
          const number = instrument.type === 'card' ? instrument.number : ''
          if (number === CARDS.approved.number) return approval(attemptId)
          if (number !== CARDS.pending.number) return decline
          return { kind: 'pending', processorReference: `ex_${attemptId}` }
        }),
      findCharge: async (attemptId) => outcomeOf(attemptId, () => decline),
      cancelCharge: async (attemptId) => {
        if (outcomeOf(attemptId, () => decline).kind === 'pending') charges.set(attemptId, decline)
        return outcomeOf(attemptId, () => decline)
      },
      refund: async ({ refundId }) => ({
        kind: 'succeeded',
        processorReference: `ex_r${refundId}`,
      }),
      mandates,
      savedInstruments,
      terminals: { find: async (id) => ({ kind: id === 'T1' ? 'found' : 'not_found' }) },
      virtualAccounts: bank.virtualAccounts,
      payouts: bank.payouts,
      disputes: bank.disputes,
    },
    amount: { amountMinor: 10_050n, currency: 'INR' },
    instruments: CARDS,
    complete: async (id) => {
      if (charges.get(id)?.kind === 'pending') charges.set(id, approval(id))
    },
    completeRefund: async () => {},
    savable: { saved: CARDS.approved, refused: CARDS.declined },
    completeSave: async () => {},
    mandatePayer: { channel: 'collect', upiId: 'asha@okbank' },
    completeNotice: async () => {},
    sendTransfer: async (transfer) => bank.sendTransfer(transfer),
    terminalId: 'T1',
    openDispute: async (attemptId) => {
      const disputeReference = `dp_${bank.disputeReports.length}`
      bank.disputeReports.push({
        disputeReference,
        attemptId,
        amount: { amountMinor: 10_050n, currency: 'INR' },
        reason: 'fraudulent',
        openedAtMs: Date.UTC(2026, 10, 22),
        result: { status: 'open' },
      })
      return disputeReference
    },
    makePayout: async (attemptId) => {
      const payoutReference = `po_${bank.reports.length}`
      bank.reports.push({
        payoutReference,
        amount: { amountMinor: 10_050n, currency: 'INR' },
        initiatedAtMs: Date.UTC(2026, 10, 22),
        bankAccount: EXAMPLE_BANK_ACCOUNT,
        result: { status: 'initiated' },
        transactions: [{ kind: 'payment', id: attemptId }],
      })
      return payoutReference
    },
  }
}

const card = (number: string) =>
  ({
    type: 'card',
    number,
    brand: 'visa',
    expiryMonth: 12,
    expiryYear: 2040,
    cvv: '123',
    holderName: 'Asha Rao',
  }) as const satisfies Instrument

/** The test cards of the processor. */
const CARDS = {
  approved: card('4000000000000002'),
  declined: card('4000000000000010'),
  pending: card('4000000000000028'),
}
