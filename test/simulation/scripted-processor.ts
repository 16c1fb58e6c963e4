import type { Clock } from '../../src/domain/clock.ts'
import type { PaymentAttemptId, RefundId } from '../../src/domain/id.ts'
import type { ChargeOutcome, Processor, RefundOutcome } from '../../src/processors/processor.ts'

/** The processor's reaction to the next charge. */
export const CHARGE_PLAYS = [
  'approved',
  'declined',
  'pending',
  /** The money is taken, and the answer is lost. */
  'approved_unheard',
  'pending_unheard',
  /** The request never arrives. */
  'lost',
] as const
/** One reaction to a charge. */
export type ChargePlay = (typeof CHARGE_PLAYS)[number]

/** The processor's reaction to the next refund, or to its repetition. */
export const REFUND_PLAYS = [
  'succeeded',
  'failed',
  'pending',
  /** The processor has the request, and has not decided. */
  'unknown',
  /** The processor decides, and the answer is lost. */
  'succeeded_unheard',
  'failed_unheard',
  /** The request never arrives. */
  'lost',
] as const
/** One reaction to a refund. */
export type RefundPlay = (typeof REFUND_PLAYS)[number]

/** A refund in the processor's records. An ended refund never changes. */
export type LedgerRefund = {
  readonly amountMinor: bigint
  state: 'waiting' | 'succeeded' | 'failed'
}

/** A charge in the processor's records. */
export type LedgerCharge = {
  readonly attemptId: PaymentAttemptId
  readonly amountMinor: bigint
  state: 'waiting' | 'approved' | 'declined'
  approvedAtMs?: number
  /** True if the processor first reported a decline or an unknown charge, and approved the charge later. */
  wasDeclined: boolean
  /** True if the processor has reported the approval without its time. */
  wasUndated: boolean
  /** True if a query came before the charge: then the charge is never made. */
  readonly isNeverMade: boolean
  readonly refunds: Map<RefundId, LedgerRefund>
}

/** A delay of the request of a charge, or of its answer. */
export type Gate = {
  readonly what: 'request' | 'answer'
  readonly reached: () => void
  readonly opened: Promise<unknown>
}

/** A processor that follows a script and keeps records. */
export type ScriptedProcessor = Processor & {
  readonly charges: ReadonlyMap<PaymentAttemptId, LedgerCharge>
  /** Calls that break the contract, if any. */
  readonly complaints: readonly string[]
  /** True if queries and cancellations fail. */
  isDown: boolean
  /** True if it reports the approval time. */
  reportsTime: boolean
  /** The reactions to the next charges, in order. */
  readonly play: (plays: readonly ChargePlay[]) => void
  /** Sets a gate for the next charge, or removes it. */
  readonly hold: (gate: Gate | undefined) => void
  /** The reactions to the next refund calls, in order. */
  readonly playRefunds: (plays: readonly RefundPlay[]) => void
  /** Decides a waiting charge, or changes a decline to an approval. */
  readonly decide: (id: PaymentAttemptId, state: 'approved' | 'declined') => void
  /** Returns the outcome that a callback would report. */
  readonly outcomeOf: (id: PaymentAttemptId) => ChargeOutcome
  readonly refundOutcomeOf: (refund: LedgerRefund) => RefundOutcome
}

/** Makes a processor with empty records. */
export function createScriptedProcessor(clock: Clock): ScriptedProcessor {
  const charges = new Map<PaymentAttemptId, LedgerCharge>()
  const requestedIds = new Set<PaymentAttemptId>()
  const debits = new Set<PaymentAttemptId>()
  const complaints: string[] = []
  let plays: readonly ChargePlay[] = []
  let refundPlays: readonly RefundPlay[] = []
  let gate: Gate | undefined

  function book(id: PaymentAttemptId, amountMinor: bigint, state: LedgerCharge['state']): void {
    if (charges.has(id)) return
    charges.set(id, {
      attemptId: id,
      amountMinor,
      state,
      wasDeclined: state === 'declined',
      wasUndated: false,
      isNeverMade: amountMinor === 0n,
      refunds: new Map(),
      ...(state === 'approved' && { approvedAtMs: clock.nowMs() }),
    })
  }

  function outcomeOf(id: PaymentAttemptId): ChargeOutcome {
    const charge = charges.get(id)
    const processorReference = `ref_${id}`
    if (charge === undefined) throw new Error('the processor has no such charge')
    switch (charge.state) {
      case 'waiting':
        // A bank debit takes days and needs no action.
        return debits.has(id)
          ? { kind: 'pending', processorReference }
          : { kind: 'pending', processorReference, action: { kind: 'upi_approve' } }
      case 'declined':
        return { kind: 'declined', declineCode: 'bank_declined' }
      case 'approved':
        if (processor.reportsTime) {
          return {
            kind: 'approved',
            processorReference,
            approvedAtMs: charge.approvedAtMs as number,
          }
        }
        charge.wasUndated = true
        return { kind: 'approved', processorReference }
    }
  }

  const processor: ScriptedProcessor = {
    name: 'scripted',
    charges,
    complaints,
    isDown: false,
    reportsTime: true,
    play: (next) => {
      plays = next
    },
    hold: (next) => {
      gate = next
    },
    playRefunds: (next) => {
      refundPlays = next
    },
    outcomeOf,
    refundOutcomeOf,
    decide: (id, state) => {
      const charge = charges.get(id)
      if (charge === undefined || charge.isNeverMade || charge.state === 'approved') return
      charge.state = state
      if (state === 'approved') charge.approvedAtMs = clock.nowMs()
      else charge.wasDeclined = true
    },

    charge: async ({ attemptId, amount, instrument }) => {
      if (requestedIds.has(attemptId)) complaints.push(`${attemptId} was charged twice`)
      requestedIds.add(attemptId)
      if (instrument.type === 'ach_debit') debits.add(attemptId)
      const [play = 'declined', ...rest] = plays
      plays = rest
      const holding = gate
      gate = undefined
      if (holding?.what === 'request') {
        holding.reached()
        await holding.opened
      }
      const [state, lostAnswer] = play.split('_') as [string, string | undefined]
      if (state !== 'lost') {
        const bookedState = state === 'pending' ? 'waiting' : (state as LedgerCharge['state'])
        book(attemptId, amount.amountMinor, bookedState)
      }
      if (holding?.what === 'answer') {
        holding.reached()
        await holding.opened
      }
      if (lostAnswer !== undefined || state === 'lost') throw new Error('no answer')
      return outcomeOf(attemptId)
    },
    findCharge: async (id) => {
      if (processor.isDown) throw new Error('down')
      book(id, 0n, 'declined')
      return outcomeOf(id)
    },
    cancelCharge: async (id) => {
      if (processor.isDown) throw new Error('down')
      if (charges.get(id)?.state === 'waiting') processor.decide(id, 'declined')
      return outcomeOf(id)
    },
    refund: async ({ refundId, attemptId, amount }) => {
      const charge = charges.get(attemptId)
      if (charge?.state !== 'approved') {
        complaints.push(`${attemptId} was refunded without a capture`)
        return { kind: 'failed', reason: 'not captured' }
      }
      const [play = 'succeeded', ...rest] = refundPlays
      refundPlays = rest
      const [state, lostAnswer] = play.split('_') as [string, string | undefined]
      if (state === 'lost') throw new Error('no answer')
      const refund = charge.refunds.get(refundId) ?? {
        amountMinor: amount.amountMinor,
        state: 'waiting',
      }
      charge.refunds.set(refundId, refund)
      if (refund.amountMinor !== amount.amountMinor) {
        complaints.push(`${refundId} was requested again with another amount`)
      }
      const isDeciding = state === 'succeeded' || state === 'failed'
      if (refund.state === 'waiting' && isDeciding) refund.state = state
      if (refundsAtProcessorMinor(charge) > charge.amountMinor) {
        complaints.push(`the refunds of ${attemptId} are above its capture`)
      }
      if (lostAnswer !== undefined) throw new Error('no answer')
      return state === 'unknown' ? { kind: 'unknown' } : refundOutcomeOf(refund)
    },
  }
  return processor
}

/** Returns the refunded amount of a charge. */
export function refundsAtProcessorMinor({ refunds }: LedgerCharge): bigint {
  return [...refunds.values()]
    .filter(({ state }) => state === 'succeeded')
    .reduce((total, { amountMinor }) => total + amountMinor, 0n)
}

function refundOutcomeOf({ state }: LedgerRefund): RefundOutcome {
  switch (state) {
    case 'waiting':
      return { kind: 'pending', askAfterMs: 2_000 }
    case 'failed':
      return { kind: 'failed', reason: 'insufficient_funds' }
    case 'succeeded':
      return { kind: 'succeeded', processorReference: 'given_back' }
  }
}
