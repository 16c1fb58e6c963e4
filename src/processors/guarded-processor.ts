import { isCardBrand } from '../domain/card-brand.ts'
import { answerFrom } from './ask-processor.ts'
import { guardMandates } from './guarded-mandates.ts'
import {
  guardDisputeReports,
  guardPayoutReports,
  guardVirtualAccounts,
  type ReportCall,
} from './guarded-reports.ts'
import { guardSavedInstruments } from './guarded-saved-instruments.ts'
import { guardTerminals } from './guarded-terminals.ts'
import type { Mandates } from './mandates.ts'
import type { ChargeOutcome, Processor, RefundOutcome } from './processor.ts'
import { type ReportProblem, readCharge, readRefund } from './read-answer.ts'
import type { SavedInstruments } from './saved-instruments.ts'
import { withinTimeLimit } from './time-limit.ts'

/** A problem of a call to a processor, for the log. It never contains an instrument. */
export type ProcessorTrouble = {
  readonly call:
    | 'charge'
    | 'findCharge'
    | 'cancelCharge'
    | 'refund'
    | 'findTerminal'
    | keyof Mandates
    | keyof SavedInstruments
    | ReportCall
  /**
   * The id of the object of the call, such as the attempt, the refund or the mandate. For a list of reports: the position
   * after which the call reads. For the transactions of a payout: its reference.
   */
  readonly id: string
  readonly trouble: string
}

/**
 * The time limit of all calls except `charge` and `save`, in milliseconds. The reconciler's lease is longer than two
 * calls.
 */
export const CALL_MS_MAX = 40_000

/** The dependencies of the guard. */
export type GuardDeps = {
  readonly clock: { readonly nowMs: () => number }
  readonly report: (trouble: ProcessorTrouble) => void
  /** The time limit of a call. Undefined: `CALL_MS_MAX`. */
  readonly callMsMax?: number
}

/**
 * Makes a processor that always keeps the contract, even if the inner one breaks it. An exception, a malformed answer
 * and a missing answer become `unknown`; an unusable field is omitted; an unknown decline code becomes the general
 * one. All of these except the last are reported, and so are the answer `unknown` and a failed refund.
 *
 * `charge` has no time limit: `payPaymentSession` limits the customer's wait, and records a late answer. The same
 * applies to `save` of saved instruments.
 */
export function guardProcessor(
  processor: Processor,
  { clock, report, callMsMax = CALL_MS_MAX }: GuardDeps,
): Processor {
  const chargeOutcome = async (
    call: ProcessorTrouble['call'],
    id: string,
    ask: () => Promise<unknown>,
  ): Promise<ChargeOutcome> => {
    const complain: ReportProblem = (trouble) => report({ call, id, trouble })
    const answer = await answerFrom(ask, (raw) => readCharge(raw, clock.nowMs(), complain))
    const outcome: ChargeOutcome =
      'value' in answer ? answer.value : { kind: 'unknown', reason: answer.trouble }
    if (outcome.kind === 'unknown') complain(outcome.reason)
    return outcome
  }
  const { banks, cancelCharge, cardBrands, refuses, wallets } = processor
  return {
    name: processor.name,
    charge: (request) =>
      chargeOutcome('charge', request.attemptId, async () => processor.charge(request)),
    findCharge: (id) =>
      chargeOutcome('findCharge', id, () =>
        withinTimeLimit(callMsMax, async () => processor.findCharge(id)),
      ),
    ...(cancelCharge !== undefined && {
      cancelCharge: (id) =>
        chargeOutcome('cancelCharge', id, () =>
          withinTimeLimit(callMsMax, async () => cancelCharge.call(processor, id)),
        ),
    }),
    refund: async (request): Promise<RefundOutcome> => {
      const complain: ReportProblem = (trouble) =>
        report({ call: 'refund', id: request.refundId, trouble })
      const answer = await answerFrom(
        () => withinTimeLimit(callMsMax, async () => processor.refund(request)),
        (raw) => readRefund(raw, complain),
      )
      if ('trouble' in answer) {
        complain(answer.trouble)
        return { kind: 'unknown' }
      }
      const { outcome, reason } = answer.value
      if (outcome.kind === 'failed') complain(`failed: ${outcome.reason}`)
      if (outcome.kind === 'unknown') complain(reason ?? 'unknown, without a reason')
      return outcome
    },
    ...(banks !== undefined && { banks }),
    ...(wallets !== undefined && { wallets }),
    // Pages show these names, so a name that is not a scheme is dropped.
    ...(Array.isArray(cardBrands) && { cardBrands: cardBrands.filter(isCardBrand) }),
    ...(refuses !== undefined && { refuses: refuses.bind(processor) }),
    ...guardCapabilities(processor, { report, callMsMax }),
  }
}

function guardCapabilities(
  { disputes, mandates, payouts, savedInstruments, terminals, virtualAccounts }: Processor,
  deps: Required<Pick<GuardDeps, 'report' | 'callMsMax'>>,
): Pick<
  Processor,
  'disputes' | 'mandates' | 'payouts' | 'savedInstruments' | 'terminals' | 'virtualAccounts'
> {
  return {
    ...(disputes !== undefined && { disputes: guardDisputeReports(disputes, deps) }),
    ...(mandates !== undefined && { mandates: guardMandates(mandates, deps) }),
    ...(payouts !== undefined && { payouts: guardPayoutReports(payouts, deps) }),
    ...(savedInstruments !== undefined && {
      savedInstruments: guardSavedInstruments(savedInstruments, deps),
    }),
    ...(virtualAccounts !== undefined && {
      virtualAccounts: guardVirtualAccounts(virtualAccounts, deps),
    }),
    ...(terminals !== undefined && { terminals: guardTerminals(terminals, deps) }),
  }
}
