import type { PaymentAttemptId, PaymentSessionId } from '../../domain/id.ts'
import type { Instrument } from '../../domain/instrument.ts'
import type { Customer, DeclineCode } from '../../domain/payment-attempt.ts'
import type { PaymentMethodType } from '../../domain/payment-method.ts'
import { enrollmentTermsOf } from '../../domain/payment-session-type.ts'
import { readPhone } from '../../domain/phone.ts'
import type { RefusedPaymentMove } from '../../operations/apply-move.ts'
import { configurationsOf } from '../../operations/configurations.ts'
import { type PayDeps, payPaymentSession } from '../../operations/pay-payment-session.ts'
import { reconcileAttempt } from '../../operations/reconcile-attempts.ts'
import { recordOutcome } from '../../operations/record-outcome.ts'
import type { Store } from '../../operations/store.ts'
import type { SandboxProcessor } from '../../processors/sandbox.ts'
import { SANDBOX_BANKS, SANDBOX_WALLETS, TEST_CARDS } from '../../processors/sandbox-instruments.ts'

/** A played attempt to pay, with its outcome. */
export type PlayedAttempt = {
  readonly method: PaymentMethodType
  /** `pending`: the processor waits for the customer. */
  readonly outcome: 'succeeded' | 'failed' | 'pending'
  readonly declineCode?: DeclineCode
  /** The processor's time to decide. Undefined: at once. */
  readonly afterMs?: number
  /** The customer's UPI ID. Undefined: the sandbox's UPI ID for the outcome. */
  readonly upiId?: string
  /** True: the customer pays at a terminal. A payment by UPI uses the terminal's QR code. */
  readonly isAtTerminal?: boolean
}

/** The default decline code of each method. */
export const DEFAULT_DECLINES: Record<PaymentMethodType, DeclineCode> = {
  card: 'card_declined',
  upi: 'upi_declined',
  netbanking: 'bank_declined',
  wallet: 'wallet_declined',
  bank_transfer: 'transfer_not_received',
  ach_debit: 'bank_declined',
}

const UPI_IDS: Record<PlayedAttempt['outcome'], string> = {
  succeeded: 'success@paydesk',
  failed: 'failure@paydesk',
  pending: 'pending@paydesk',
}

/** The outcome of the instrument is decided later. */
function waitingInstrument({
  method,
  outcome,
  upiId = UPI_IDS[outcome],
}: PlayedAttempt): Instrument {
  const [bank] = SANDBOX_BANKS
  const [wallet] = SANDBOX_WALLETS
  switch (method) {
    case 'card':
      return {
        type: 'card',
        number: TEST_CARDS[0]?.number ?? '',
        brand: 'visa',
        cvv: '123',
        expiryMonth: 12,
        expiryYear: 2040,
        holderName: 'Asha Rao',
      }
    case 'upi':
      return { type: 'upi', channel: 'collect', upiId }
    case 'netbanking':
      return { type: 'netbanking', bankCode: bank?.code ?? '', bankName: bank?.name ?? '' }
    case 'wallet':
      return { type: 'wallet', walletCode: wallet?.code ?? '', walletName: wallet?.name ?? '' }
    case 'bank_transfer':
      return { type: 'bank_transfer' }
    case 'ach_debit':
      return {
        type: 'ach_debit',
        accountHolderName: 'Asha Rao',
        routingNumber: '110000000',
        accountNumber: '000123456789',
        accountType: 'checking',
      }
  }
}

/** The e-mail address of the customer if the session has none. */
const EMAIL_DEFAULT = 'asha@example.com'

/**
 * Returns the e-mail address and the phone number that the checkout page of a session fills in: those of the hosted
 * page parameters, otherwise those of the stored customer. `EMAIL_DEFAULT` replaces a missing
 * e-mail address.
 */
async function customerOf(
  { customers, paymentSessions }: Pick<Store, 'customers' | 'paymentSessions'>,
  id: PaymentSessionId,
): Promise<Customer> {
  const session = await paymentSessions.find(id)
  const { hostedPage } = session === undefined ? {} : configurationsOf(session)
  const customer = session?.customerId && (await customers.find(session.customerId))
  const existingCustomer = customer?.deletedAtMs === undefined ? customer : undefined
  const hostedPhone =
    hostedPage?.phone === undefined
      ? undefined
      : readPhone(hostedPage.phone, hostedPage.phone_country_code)
  const phone =
    hostedPhone === undefined || 'refused' in hostedPhone ? existingCustomer?.phone : hostedPhone
  return {
    email: hostedPage?.email ?? existingCustomer?.email ?? EMAIL_DEFAULT,
    ...(phone !== undefined && { phone: phone.digits }),
    ...(phone?.dialingCode !== undefined && { dialingCode: phone.dialingCode }),
  }
}

/**
 * Plays one attempt with the operations of a customer's attempt, and decides it at the sandbox's processor unless its
 * outcome is `pending`. Undefined: there is no such session.
 */
export async function playAttempt(
  deps: PayDeps & {
    readonly store: Pick<Store, 'customers' | 'paymentAttempts' | 'paymentSessions' | 'transaction'>
    readonly sandboxProcessor: Pick<SandboxProcessor, 'settle'>
  },
  id: PaymentSessionId,
  attempt: PlayedAttempt,
): Promise<PaymentAttemptId | RefusedPaymentMove | undefined> {
  const { afterMs = 0, declineCode, isAtTerminal = false, method, outcome } = attempt
  const session = await deps.store.paymentSessions.find(id)
  const { typeFacts } = session ?? {}
  const result = await payPaymentSession(deps, id, {
    instrument:
      isAtTerminal && method === 'upi'
        ? { type: 'upi', channel: 'qr' }
        : waitingInstrument(attempt),
    ...(session !== undefined &&
      typeFacts?.type === 'mandate_enrollment' && {
        enrolls: enrollmentTermsOf(typeFacts, session.amount.amountMinor),
      }),
    // A terminal asks the customer for no address.
    customer: isAtTerminal ? {} : await customerOf(deps.store, id),
    description: 'Played',
    returnUrl: '',
  })
  if (result === undefined || 'refused' in result) return result
  const attemptId = result.attempt?.id
  if (attemptId === undefined) throw new Error(`session ${id} has started no attempt`)
  if (outcome !== 'pending') {
    const decision =
      outcome === 'succeeded' ? 'approved' : (declineCode ?? DEFAULT_DECLINES[method])
    await deps.sandboxProcessor.settle(attemptId, decision, afterMs)
    if (afterMs === 0) await reconcileAttempt(deps, attemptId)
    // The customer has finished. The processor decides at a later query.
    else {
      const outcome = await deps.processor.findCharge(attemptId)
      await recordOutcome(deps, { id: attemptId, paymentSessionId: id }, outcome)
    }
  }
  return attemptId
}
