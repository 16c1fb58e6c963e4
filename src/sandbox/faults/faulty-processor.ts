import { factsOf } from '../../domain/instrument.ts'
import { formatMoney, type Money } from '../../domain/money.ts'
import type { Processor, RefundOutcome } from '../../processors/processor.ts'
import type { SavedInstruments } from '../../processors/saved-instruments.ts'
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
const REPEATED_CALLS: readonly ProcessorCall[] = ['findCharge', 'refund', 'findSaved', 'forget']

const LOST_ANSWER = 'a fault of the sandbox: the answer was lost'

type Answer = { readonly kind: string }

/** `pretend` makes the answer of a fault. */
type CallWatch = <Outcome extends Answer>(
  call: ProcessorCall,
  about: { readonly paymentId?: string; readonly request: unknown },
  ask: () => Promise<Outcome>,
  pretend: (rule: FaultRule) => Outcome,
) => Promise<Outcome>

/**
 * Adds a tenant's faults to a processor, and logs its calls. The processor is already guarded, so a lost answer has
 * the same outcome as the guard's for a missing answer.
 */
export function watchProcessor(inner: Processor, deps: WatchDeps): Processor {
  const watch = createCallWatch(inner.name, deps)
  const { cancelCharge, savedInstruments } = inner
  return {
    ...inner,
    charge: (request) => {
      const { amount, attemptId, description, instrument } = request
      const requestFields = { ...moneyFields(amount), instrument: factsOf(instrument), description }
      const about = { paymentId: attemptId, request: { attemptId, ...requestFields } }
      return watch('charge', about, () => inner.charge(request), pretendedDecline)
    },
    findCharge: (id) =>
      watch('findCharge', aboutCharge(id), () => inner.findCharge(id), pretendedDecline),
    ...(cancelCharge !== undefined && {
      cancelCharge: (id) =>
        watch('cancelCharge', aboutCharge(id), () => cancelCharge(id), pretendedDecline),
    }),
    refund: (request) => {
      const { amount, attemptId, refundId } = request
      const requestFields = { refundId, attemptId, ...moneyFields(amount) }
      const about = { paymentId: attemptId, request: requestFields }
      return watch('refund', about, () => inner.refund(request), pretendedRefund)
    },
    ...(savedInstruments !== undefined && {
      savedInstruments: watchedSaves(savedInstruments, watch),
    }),
  }
}

function watchedSaves(inner: SavedInstruments, watch: CallWatch): SavedInstruments {
  return {
    ...inner,
    save: (request) => {
      const { billingAddress, customer, instrument, paymentMethodId } = request
      const about = {
        request: { paymentMethodId, instrument: factsOf(instrument), billingAddress, customer },
      }
      return watch('save', about, () => inner.save(request), pretendedDecline)
    },
    findSaved: (paymentMethodId) =>
      watch(
        'findSaved',
        { request: { paymentMethodId } },
        () => inner.findSaved(paymentMethodId),
        pretendedDecline,
      ),
    forget: (request) => {
      const about = { request: { paymentMethodId: request.paymentMethodId } }
      return watch('forget', about, () => inner.forget(request), noAnswer)
    },
  }
}

function createCallWatch(name: string, deps: WatchDeps): CallWatch {
  const { clock, faults, log, startTimer, stopping } = deps
  return async (call, about, ask, pretend) => {
    const atMs = clock.nowMs()
    const elapsedMs = startTimer()
    const rule = faults.decide({ target: 'processor', call })
    const add = REPEATED_CALLS.includes(call) ? log.addQuery : log.add
    const addMore = add({
      kind: 'processor',
      atMs,
      durationMs: 0,
      method: call,
      path: name,
      requestHeaders: {},
      requestBody: scrubBody(JSON.stringify(about.request)),
      ...(about.paymentId !== undefined && { paymentId: about.paymentId }),
      failure: 'There is no answer yet.',
      ...(rule !== undefined && { faultId: rule.id }),
    })
    const note = (outcome: Answer, failure?: string) => {
      const body = scrubBody(JSON.stringify(outcome))
      const response = { status: outcome.kind, headers: {}, body }
      addMore({ durationMs: elapsedMs(), response, failure })
    }
    if (rule !== undefined) await waitRealTime(rule.effect.latencyMs, stopping)
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
}

const moneyFields = (amount: Money) => ({ amount: formatMoney(amount), currency: amount.currency })
const aboutCharge = (id: string) => ({ paymentId: id, request: { attemptId: id } })

const noAnswer = () => ({ kind: 'unknown', reason: LOST_ANSWER }) as const

function pretendedDecline({ effect }: FaultRule) {
  return effect.outcome === 'declined'
    ? ({ kind: 'declined', declineCode: effect.declineCode ?? 'processor_unavailable' } as const)
    : noAnswer()
}

function pretendedRefund({ effect }: FaultRule): RefundOutcome {
  return effect.outcome === 'failed'
    ? { kind: 'failed', reason: effect.failureReason ?? 'unknown' }
    : { kind: 'unknown' }
}
