import { looksLikeCardNumber } from '../domain/card-number.ts'
import { type PaymentAttemptId, parseId, type RefundId } from '../domain/id.ts'
import type { Instrument } from '../domain/instrument.ts'
import type { Money } from '../domain/money.ts'
import { CALL_MS_MAX, guardProcessor } from './guarded-processor.ts'
import { drawBytes, machineClock } from './machine.ts'
import type { Processor } from './processor.ts'
import { withinTimeLimit } from './time-limit.ts'

/** The results of charges for which the checks need an instrument. */
export const INSTRUMENT_RESULTS = ['approved', 'declined', 'pending'] as const
/** One of these results. */
export type InstrumentResult = (typeof INSTRUMENT_RESULTS)[number]

/** The values and actions that the checks need besides a processor. */
export type ProcessorTestSetup = {
  /** The amount of each charge: at least 2 minor units. */
  readonly amount: Money
  /**
   * The test instrument for each result. `approved` and `declined` may ask the customer for an action
   * first; `pending` waits until `complete` runs.
   */
  readonly instruments: Readonly<Record<InstrumentResult, Instrument>>
  /** Acts as the customer of a pending charge, and resolves when the company has decided the charge. */
  readonly complete: (attemptId: PaymentAttemptId) => Promise<void>
  /** Resolves when the company has decided the refund. */
  readonly completeRefund: (refundId: RefundId) => Promise<void>
  /** Draws a new id. Undefined: a random one of 16 digits. */
  readonly drawAttemptId?: () => PaymentAttemptId
  readonly drawRefundId?: (attemptId: PaymentAttemptId) => RefundId
}

/** A processor with its test setup. */
export type ProcessorUnderTest = ProcessorTestSetup & {
  readonly processor: Processor
  /** The time limit of each call, in milliseconds. Undefined: 40 s. */
  readonly callMsMax?: number
  /** The clock for comparing the times of approvals. Undefined: the machine's. */
  readonly clock?: { readonly nowMs: () => number }
}

/** A processor under test behind the guard that Paydesk uses, with a record of its answers and faults. */
export type ObservedProcessor = Required<Omit<ProcessorUnderTest, 'callMsMax' | 'clock'>> & {
  /** The unguarded processor. */
  readonly unguarded: Processor
  /** Every answer before the guard reads it. */
  readonly answers: readonly unknown[]
  /** The guard's reports, in words: `charge: the answer has the wrong shape`. */
  readonly troubles: readonly string[]
}

/** Puts the guard around a processor and starts to record. */
export function observeProcessor({
  callMsMax = CALL_MS_MAX,
  clock = machineClock,
  ...subject
}: ProcessorUnderTest): ObservedProcessor {
  const { processor: unguarded } = subject
  const answers: unknown[] = []
  const troubles: string[] = []
  const recorded = async <Answer>(call: () => Promise<Answer>): Promise<Answer> => {
    const answer = await withinTimeLimit(callMsMax, async () => call())
    answers.push(answer)
    return answer
  }
  const { cancelCharge } = unguarded
  const recording: Processor = {
    name: unguarded.name,
    charge: (request) => recorded(() => unguarded.charge(request)),
    findCharge: (id) => recorded(() => unguarded.findCharge(id)),
    refund: (request) => recorded(() => unguarded.refund(request)),
    ...(cancelCharge !== undefined && {
      cancelCharge: (id) => recorded(() => cancelCharge.call(unguarded, id)),
    }),
  }
  return {
    drawAttemptId: randomAttemptId,
    drawRefundId: () => drawId<RefundId>(),
    ...subject,
    processor: guardProcessor(recording, {
      clock,
      report: ({ call, trouble }) => troubles.push(`${call}: ${trouble}`),
      callMsMax: callMsMax + GUARD_MS,
    }),
    unguarded,
    answers,
    troubles,
  }
}

/**
 * The time that the guard waits longer than the checks, in milliseconds, so that the checks report a late answer
 * first.
 */
const GUARD_MS = 1_000

/** Draws a new attempt id. */
export function randomAttemptId(): PaymentAttemptId {
  return drawId<PaymentAttemptId>()
}

/** Draws an id with 16 digits that fits into a JSON number. */
function drawId<Id extends PaymentAttemptId | RefundId>(): Id {
  for (;;) {
    const number = drawBytes(8).reduce((sum, byte) => (sum * 256n + BigInt(byte)) % 2n ** 53n, 0n)
    const text = String(number)
    // The guard redacts a reference that contains a card number, and many references contain the id.
    if (text.length < 16 || looksLikeCardNumber(text)) continue
    const id = parseId<Id>(text)
    if (id !== undefined) return id
  }
}
