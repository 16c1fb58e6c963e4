import type { PaymentAttemptId, PaymentSessionId } from '../domain/id.ts'
import { factsOf, type Instrument } from '../domain/instrument.ts'
import type { MandateTerms } from '../domain/mandate-terms.ts'
import type { Customer, PaymentAttempt } from '../domain/payment-attempt.ts'
import type { ChargeRequest, Processor } from '../processors/processor.ts'
import {
  AttemptIdTaken,
  applyMove,
  type MoveDeps,
  type MovedRecord,
  type RefusedPaymentMove,
} from './apply-move.ts'
import { recordOutcome } from './record-outcome.ts'
import { withFreeId } from './store-drawn.ts'
import { within } from './within.ts'

/** The limits of charges, from the settings. */
export type ChargeLimits = {
  /** The time in which an attempt can succeed, from its start, in milliseconds. */
  readonly attemptLifeMs: number
  /** The longest wait of a customer for the processor's answer, in milliseconds. */
  readonly patienceMs: number
  /** Called when an outcome arrived after that wait and could not be recorded. */
  readonly onLost: (attemptId: PaymentAttemptId, error: unknown) => void
}

/** The dependencies of a payment. */
export type PayDeps = MoveDeps &
  ChargeLimits & {
    /** Guarded (`guardProcessor`). */
    readonly processor: Processor
  }

type PayRequest = {
  readonly instrument: Instrument
  readonly customer: Customer
  readonly description: string
  readonly returnUrl: string
  /** The number of the attempt in the form. */
  readonly number?: number
  readonly isForeign?: boolean
  /** The terms of the mandate that the session enrolls. The instrument must be UPI. */
  readonly enrolls?: MandateTerms
}

/**
 * Tries to pay a session: records the attempt, charges outside of transactions, records the
 * outcome.
 *
 * Returns the session after the last move, or the reason why a move was refused. Undefined: there is no such
 * session.
 */
export async function payPaymentSession(
  deps: PayDeps,
  id: PaymentSessionId,
  request: PayRequest,
): Promise<MovedRecord | RefusedPaymentMove | undefined> {
  // Stored before any money can move, so that after a crash the reconciler can query this charge.
  const start = await startAttempt(deps, id, request)
  if (start === undefined || 'refused' in start) return start

  const { attempt } = start
  if (attempt === undefined) throw new Error(`session ${id} started no attempt`)
  const { amount } = start.session
  const { instrument: method, description, returnUrl } = request
  const instrument = enrollingWith(method, request.enrolls, attempt)
  const chargeRequest = { attemptId: attempt.id, amount, instrument, description, returnUrl }
  return (await chargeAttempt(deps, attempt, chargeRequest)) ?? start
}

/**
 * Charges a recorded attempt outside of transactions, and records the outcome. Returns the session
 * after the move, or the reason why it was refused. Undefined: there is no such session.
 */
export async function chargeAttempt(
  deps: PayDeps,
  attempt: Pick<PaymentAttempt, 'id' | 'paymentSessionId'>,
  request: ChargeRequest,
): Promise<MovedRecord | RefusedPaymentMove | undefined> {
  const charge = deps.processor.charge(request)
  const outcome = await within(deps.patienceMs, charge)
  if (outcome !== undefined) return recordOutcome(deps, attempt, outcome)

  // A later answer is still recorded. If this process ends before the answer, the reconciler queries the charge.
  charge
    .then((late) => recordOutcome(deps, attempt, late))
    .catch((error: unknown) => deps.onLost(attempt.id, error))
  return applyMove(deps, attempt.paymentSessionId, {
    type: 'record_unknown',
    attemptId: attempt.id,
  })
}

/** Returns the instrument that enrolls the mandate of an attempt. Undefined `terms`: the payment enrolls none. */
function enrollingWith(
  instrument: Instrument,
  terms: MandateTerms | undefined,
  { id, mandateId }: PaymentAttempt,
): Instrument {
  if (terms === undefined) return instrument
  if (instrument.type !== 'upi' || mandateId === undefined) {
    throw new Error(`attempt ${id} cannot enroll a mandate`)
  }
  return { ...instrument, type: 'mandate_enrollment', mandateId, terms }
}

async function startAttempt(
  deps: PayDeps,
  id: PaymentSessionId,
  { instrument, customer, enrolls, isForeign, number }: PayRequest,
): Promise<MovedRecord | RefusedPaymentMove | undefined> {
  const move = () =>
    applyMove(deps, id, {
      type: 'start_attempt',
      attemptId: deps.ids.paymentAttempt(id),
      instrument: factsOf(instrument),
      customer,
      attemptLifeMs: deps.attemptLifeMs,
      ...(isForeign === true && { isForeign }),
      ...(enrolls !== undefined && { mandateId: deps.ids.mandate(id) }),
      ...(number !== undefined && { number }),
    })
  const start = await withFreeId(async () => {
    try {
      return { result: await move() }
    } catch (error) {
      if (error instanceof AttemptIdTaken) return undefined
      throw error
    }
  })
  return start.result
}
