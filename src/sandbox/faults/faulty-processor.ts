import { factsOf } from '../../domain/instrument.ts'
import { formatMoney, type Money } from '../../domain/money.ts'
import type { ChargeOutcome, Processor, RefundOutcome } from '../../processors/processor.ts'
import type { RequestLog } from '../log/request-log.ts'
import { scrubBody } from '../log/scrub.ts'
import { waitRealTime } from '../tenants/real-time.ts'
import type { FaultRule, Faults, ProcessorCall } from './faults.ts'

/** The dependencies of faults and logs around a processor or a sender of webhooks. */
export type WatchDeps = {
  readonly clock: { readonly nowMs: () => number }
  readonly faults: Faults
  readonly log: Pick<RequestLog, 'add' | 'addQuery'>
  /** Starts to measure. The returned function returns the milliseconds since the start. */
  readonly startTimer: () => () => number
  /** Ends waits when the tenant ends. */
  readonly stopping: AbortSignal
}

/** The calls that are repeated until the processor has decided. */
const REPEATED_CALLS: readonly ProcessorCall[] = ['findCharge', 'refund']

const LOST_ANSWER = 'a fault of the sandbox: the answer was lost'

/**
 * Adds a tenant's faults to a processor, and logs its calls. The processor is already guarded, so a lost answer has
 * the same outcome as the guard's for a missing answer.
 */
export function watchProcessor(inner: Processor, deps: WatchDeps): Processor {
  const { clock, faults, log, startTimer } = deps

  async function withFault<Outcome extends ChargeOutcome | RefundOutcome>(
    call: ProcessorCall,
    about: { readonly paymentId: string; readonly request: unknown },
    ask: () => Promise<Outcome>,
    pretend: (rule: FaultRule) => Outcome,
  ): Promise<Outcome> {
    const atMs = clock.nowMs()
    const elapsedMs = startTimer()
    const rule = faults.decide({ target: 'processor', call })
    const add = REPEATED_CALLS.includes(call) ? log.addQuery : log.add
    const addMore = add({
      kind: 'processor',
      atMs,
      durationMs: 0,
      method: call,
      path: inner.name,
      requestHeaders: {},
      requestBody: scrubBody(JSON.stringify(about.request)),
      paymentId: about.paymentId,
      failure: 'There is no answer yet.',
      ...(rule !== undefined && { faultId: rule.id }),
    })
    const note = (outcome: ChargeOutcome | RefundOutcome, failure?: string) => {
      const body = scrubBody(JSON.stringify(outcome))
      const response = { status: outcome.kind, headers: {}, body }
      addMore({ durationMs: elapsedMs(), response, failure })
    }
    if (rule !== undefined) await waitRealTime(rule.effect.latencyMs, deps.stopping)
    switch (rule?.effect.kind) {
      case 'outcome': {
        const outcome = pretend(rule)
        note(outcome, 'The processor was not called.')
        return outcome
      }
      case 'lost_answer': {
        note(await ask(), 'The answer was lost in transit.')
        return pretend(rule)
      }
      case 'duplicate': {
        note(await ask())
        const outcome = await ask()
        note(outcome, 'The call was made twice.')
        return outcome
      }
      default: {
        const outcome = await ask()
        note(outcome)
        return outcome
      }
    }
  }

  const { cancelCharge } = inner
  // Everything else is passed unchanged.
  return {
    ...inner,
    charge: (request) => {
      const { amount, attemptId, description, instrument } = request
      const requestFields = { ...moneyFields(amount), instrument: factsOf(instrument), description }
      const about = { paymentId: attemptId, request: { attemptId, ...requestFields } }
      return withFault('charge', about, () => inner.charge(request), pretendedCharge)
    },
    findCharge: (id) =>
      withFault('findCharge', aboutCharge(id), () => inner.findCharge(id), pretendedCharge),
    ...(cancelCharge !== undefined && {
      cancelCharge: (id) =>
        withFault('cancelCharge', aboutCharge(id), () => cancelCharge(id), pretendedCharge),
    }),
    refund: (request) => {
      const { amount, attemptId, refundId } = request
      const requestFields = { refundId, attemptId, ...moneyFields(amount) }
      const about = { paymentId: attemptId, request: requestFields }
      return withFault('refund', about, () => inner.refund(request), pretendedRefund)
    },
  }
}

const moneyFields = (amount: Money) => ({ amount: formatMoney(amount), currency: amount.currency })
const aboutCharge = (id: string) => ({ paymentId: id, request: { attemptId: id } })

function pretendedCharge({ effect }: FaultRule): ChargeOutcome {
  return effect.outcome === 'declined'
    ? { kind: 'declined', declineCode: effect.declineCode ?? 'processor_unavailable' }
    : { kind: 'unknown', reason: LOST_ANSWER }
}

function pretendedRefund({ effect }: FaultRule): RefundOutcome {
  return effect.outcome === 'failed'
    ? { kind: 'failed', reason: effect.failureReason ?? 'unknown' }
    : { kind: 'unknown' }
}
