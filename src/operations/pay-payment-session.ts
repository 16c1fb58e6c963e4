import { clearTimeout, setTimeout } from 'node:timers'
import type { PaymentAttemptId, PaymentSessionId } from '../domain/id.ts'
import { factsOf, type Instrument } from '../domain/instrument.ts'
import type { Customer } from '../domain/payment-attempt.ts'
import type { Refused } from '../domain/payment-session.ts'
import type { Processor } from '../processors/processor.ts'
import { AttemptIdTaken, applyMove, type MoveDeps, type MovedRecord } from './apply-move.ts'
import { recordOutcome } from './record-outcome.ts'
import { withFreeId } from './store-drawn.ts'

/** What taking a payment needs. */
export type PayDeps = MoveDeps & {
  /** Guarded: it answers, whatever the module behind it does. */
  readonly processor: Processor
  /** How long an attempt is honoured from its start, in milliseconds. */
  readonly attemptLifeMs: number
  /** How long a customer waits for the processor's answer before being told that it is open. */
  readonly patienceMs: number
  /** Is told of an outcome that came when nobody waited for it any more, and could not be recorded. */
  readonly onLost: (attemptId: PaymentAttemptId, error: unknown) => void
}

/** What the customer has sent. */
export type PayRequest = {
  readonly instrument: Instrument
  readonly customer: Customer
  readonly description: string
  readonly returnUrl: string
  /** Which attempt of the session this is meant to be. */
  readonly number?: number
  /** True: it comes from another browser than the one that opened the widget first. */
  readonly isForeign?: boolean
}

/**
 * Tries to pay a session: records the attempt, charges with no transaction open, records the outcome.
 *
 * Gives the session after the last move, or why nothing was tried. Undefined: there is no such session.
 */
export async function payPaymentSession(
  deps: PayDeps,
  id: PaymentSessionId,
  request: PayRequest,
): Promise<MovedRecord | Refused | undefined> {
  // On record before any money can move: after a crash we know which charge to ask about.
  const started = await startAttempt(deps, id, request)
  if (started === undefined || 'refused' in started) return started

  const { amount, currentAttemptId } = started.session
  const attemptId = currentAttemptId as PaymentAttemptId
  const { instrument, description, returnUrl } = request
  const charge = deps.processor.charge({
    attemptId,
    amount,
    instrument,
    description,
    returnUrl,
  })
  const outcome = await within(deps.patienceMs, charge)
  if (outcome !== undefined) return (await recordOutcome(deps, id, attemptId, outcome)) ?? started

  // Its answer is still taken when it comes; should this process end before, the reconciler asks.
  charge
    .then((late) => recordOutcome(deps, id, attemptId, late))
    .catch((error: unknown) => deps.onLost(attemptId, error))
  return (await applyMove(deps, id, { type: 'record_unknown', attemptId })) ?? started
}

async function startAttempt(
  deps: PayDeps,
  id: PaymentSessionId,
  { instrument, customer, isForeign, number }: PayRequest,
): Promise<MovedRecord | Refused | undefined> {
  const move = () =>
    applyMove(deps, id, {
      type: 'start_attempt',
      attemptId: deps.ids.paymentAttempt(id),
      instrument: factsOf(instrument),
      customer,
      attemptLifeMs: deps.attemptLifeMs,
      ...(isForeign === true && { isForeign }),
      ...(number !== undefined && { number }),
    })
  const started = await withFreeId(async () => {
    try {
      return { result: await move() }
    } catch (error) {
      if (error instanceof AttemptIdTaken) return undefined
      throw error
    }
  })
  return started.result
}

/** Undefined: it took longer. */
function within<Result>(limitMs: number, work: Promise<Result>): Promise<Result | undefined> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, limitMs, undefined)
    work.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
