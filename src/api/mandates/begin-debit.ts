import type { CustomerRecord } from '../../domain/customer.ts'
import { formatMoney } from '../../domain/money.ts'
import type { Customer } from '../../domain/payment-attempt.ts'
import { statusAt } from '../../domain/payment-session.ts'
import { lockCustomer } from '../../operations/change-customer.ts'
import {
  type BegunDebit,
  executeMandate,
  mandateRefusal,
} from '../../operations/execute-mandate.ts'
import type { PaymentSessionRecord, Transaction } from '../../operations/store.ts'
import { ApiError, type ErrorCode, notFound } from '../errors.ts'
import type { ApiContext } from '../route.ts'
import type { MandateExecution } from './parse.ts'
import { debitError } from './refusal-text.ts'

/** Checks a request against the stored objects in the order of its fields, and begins the debit. Throws ApiError. */
export async function beginDebit(
  tx: Transaction,
  { account, tenant }: ApiContext,
  execution: MandateExecution,
): Promise<BegunDebit> {
  if (account.closedAtMs !== undefined) throw new ApiError('account_closed')
  // The session is locked before the mandate, as in every payment.
  const session = await tx.paymentSessions.lock(execution.sessionId)
  const customer = await lockCustomer(tx, { accountId: account.id, id: execution.customerId })
  if (customer === undefined) throw notFound('customer', 'customer_id')
  const mandate = await tx.mandates.lock(execution.mandateId)
  if (mandate?.accountId !== account.id) throw notFound('mandate', 'mandate_id')
  if (mandate.customerId !== customer.id) {
    throw new ApiError(
      'invalid_mandate',
      'customer_id',
      'Mandate is invalid: it belongs to another customer.',
    )
  }
  const inactive = mandateRefusal(tenant, mandate)
  if (inactive !== undefined) throw debitError(inactive, 'mandate_id')
  if (session?.accountId !== account.id) throw notFound('payment session', 'payments_session_id')
  requirePayable(session, execution, tenant.clock.nowMs())
  const { description, invoiceNumber, notificationId, referenceNumber } = execution
  const notification = notificationId && (await tx.mandateNotifications.find(notificationId))
  if (notificationId !== undefined && notification?.accountId !== account.id) {
    throw notFound('notification', 'mandate_notification_id')
  }
  const debit = await executeMandate(
    tx,
    { ...tenant, ...tenant.chargeLimits },
    {
      session,
      mandate,
      customer: contactOf(customer, execution),
      invoiceNumber,
      ...(notification !== undefined && { notification }),
      ...(description !== undefined && { description }),
      ...(referenceNumber !== undefined && { referenceNumber }),
    },
  )
  if ('refused' in debit) throw debitError(debit, 'mandate_id')
  return debit
}

function requirePayable(
  session: PaymentSessionRecord,
  { amount, customerId, invoiceNumber }: MandateExecution,
  nowMs: number,
): void {
  const isExecution = session.typeFacts?.type === 'mandate_execution'
  if (!isExecution || session.customerId !== customerId) {
    throw new ApiError(
      'session_of_other_type',
      'payments_session_id',
      'Payment session is invalid: it is not for a debit of this customer.',
    )
  }
  const status = statusAt(session, nowMs)
  if (status !== 'created') throw new ApiError(NOT_PAYABLE[status], 'payments_session_id')
  if (session.invoiceNumber !== invoiceNumber) {
    throw new ApiError(
      'invalid_parameter',
      'invoice_number',
      `invoice_number must be the session's, ${session.invoiceNumber}.`,
    )
  }
  if (session.amount.amountMinor !== amount.amountMinor) {
    throw new ApiError(
      'invalid_parameter',
      'amount',
      `amount must be the session's, ${formatMoney(session.amount)}, but it is ${formatMoney(amount)}.`,
    )
  }
}

const NOT_PAYABLE = {
  in_progress: 'attempt_in_progress',
  succeeded: 'session_succeeded',
  failed: 'session_failed',
  expired: 'session_expired',
  canceled: 'session_canceled',
} as const satisfies Record<string, ErrorCode>

function contactOf(customer: CustomerRecord, { email, phone }: MandateExecution): Customer {
  const receiptEmail = email ?? customer.email
  const number = phone ?? customer.phone
  return {
    ...(receiptEmail !== undefined && { email: receiptEmail }),
    ...(number !== undefined && { phone: number.digits }),
    ...(number?.dialingCode !== undefined && { dialingCode: number.dialingCode }),
  }
}
