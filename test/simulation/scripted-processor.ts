import type { PaymentAttemptId, RefundId } from '../../src/domain/id.ts'
import type { Clock } from '../../src/operations/ports.ts'
import type { ChargeOutcome, Processor } from '../../src/processors/processor.ts'

/** How the processor takes the next charge. */
export const CHARGE_PLAYS = [
  'approved',
  'declined',
  'pending',
  /** The money is taken, and the answer gets lost. */
  'approved_unheard',
  'pending_unheard',
  /** The request never arrives. */
  'lost',
] as const
/** One way to take a charge. */
export type ChargePlay = (typeof CHARGE_PLAYS)[number]

/** How the processor takes the next refund, which is always made. */
export const REFUND_PLAYS = ['succeeded', 'pending', 'unheard'] as const
/** One way to take a refund. */
export type RefundPlay = (typeof REFUND_PLAYS)[number]

/** A charge as the processor has it on its own books. */
export type LedgerCharge = {
  readonly attemptId: PaymentAttemptId
  readonly amountMinor: bigint
  state: 'waiting' | 'approved' | 'declined'
  approvedAtMs?: number
  /** It said that it was declined, or that it was never made, before it was approved. */
  wasDeclined: boolean
  /** It once said that it approved, and not when. */
  wasUndated: boolean
  /** It was asked about before it was made, and so is never made. */
  readonly isNeverMade: boolean
  readonly refunds: Map<RefundId, bigint>
}

/** Holds a charge's request before it arrives, or its answer. */
export type Gate = {
  readonly what: 'request' | 'answer'
  readonly reached: () => void
  readonly opened: Promise<unknown>
}

/** A processor that does what it is told, and keeps its own books of what it did. */
export type ScriptedProcessor = Processor & {
  readonly charges: ReadonlyMap<PaymentAttemptId, LedgerCharge>
  /** What nobody may ask of a processor, if somebody did. */
  readonly complaints: readonly string[]
  /** Whether it answers questions. */
  isDown: boolean
  /** Whether it says when it approved. */
  saysWhen: boolean
  /** How the next charges are taken, in turn. */
  readonly play: (plays: readonly ChargePlay[]) => void
  /** Sets a gate for the next charge, or takes it away. */
  readonly hold: (gate: Gate | undefined) => void
  readonly playRefund: (play: RefundPlay) => void
  /** Decides a charge that waits, or changes what was declined to approved. */
  readonly decide: (id: PaymentAttemptId, state: 'approved' | 'declined') => void
  /** What a callback of it would say. */
  readonly outcomeOf: (id: PaymentAttemptId) => ChargeOutcome
}

/** Makes a processor without customers, on empty books. */
export function createScriptedProcessor(clock: Clock): ScriptedProcessor {
  const charges = new Map<PaymentAttemptId, LedgerCharge>()
  const requested = new Set<PaymentAttemptId>()
  const complaints: string[] = []
  let plays: readonly ChargePlay[] = []
  let refundPlay: RefundPlay = 'succeeded'
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
    if (charge === undefined) throw new Error('nothing was booked')
    switch (charge.state) {
      case 'waiting':
        return { kind: 'pending', processorReference, action: { kind: 'upi_approve' } }
      case 'declined':
        return { kind: 'declined', declineCode: 'bank_declined' }
      case 'approved':
        if (processor.saysWhen) {
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
    saysWhen: true,
    play: (next) => {
      plays = next
    },
    hold: (next) => {
      gate = next
    },
    playRefund: (play) => {
      refundPlay = play
    },
    outcomeOf,
    decide: (id, state) => {
      const charge = charges.get(id)
      if (charge === undefined || charge.isNeverMade || charge.state === 'approved') return
      charge.state = state
      if (state === 'approved') charge.approvedAtMs = clock.nowMs()
      else charge.wasDeclined = true
    },

    charge: async ({ attemptId, amount }) => {
      if (requested.has(attemptId)) complaints.push(`${attemptId} was to be charged twice`)
      requested.add(attemptId)
      const [play = 'declined', ...rest] = plays
      plays = rest
      const holding = gate
      gate = undefined
      if (holding?.what === 'request') {
        holding.reached()
        await holding.opened
      }
      const [state, isUnheard] = play.split('_') as [string, string | undefined]
      if (state !== 'lost') {
        const booked = state === 'pending' ? 'waiting' : (state as LedgerCharge['state'])
        book(attemptId, amount.amountMinor, booked)
      }
      if (holding?.what === 'answer') {
        holding.reached()
        await holding.opened
      }
      if (isUnheard !== undefined || state === 'lost') throw new Error('no answer')
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
        complaints.push(`${attemptId} was to be refunded, and was never taken`)
        return { kind: 'failed', reason: 'never taken' }
      }
      charge.refunds.set(refundId, amount.amountMinor)
      const play = refundPlay
      refundPlay = 'succeeded'
      if (play === 'unheard') throw new Error('no answer')
      return play === 'pending' ? { kind: 'pending', askAfterMs: 2_000 } : { kind: 'succeeded' }
    },
  }
  return processor
}
