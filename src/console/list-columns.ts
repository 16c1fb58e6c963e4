/**
 * The columns of the exports that only the console has. They have the names of the API's fields. Columns whose names are
 * those of contacts are masked.
 */
import type { Account } from '../domain/account.ts'
import { showAccountTime } from '../domain/account-day.ts'
import type { AuditEntry } from '../domain/audit-log.ts'
import type { CustomerRecord } from '../domain/customer.ts'
import type { Dispute } from '../domain/dispute.ts'
import type { Mandate } from '../domain/mandate.ts'
import { MANDATE_CURRENCY } from '../domain/mandate-terms.ts'
import type { OperatorRecord } from '../domain/operator.ts'
import { operatorStatusOf } from '../domain/operator.ts'
import type { PaymentLink, PaymentLinkStatus } from '../domain/payment-link.ts'
import type { PaymentSessionStatus } from '../domain/payment-session.ts'
import type { Transfer, TransferReversal } from '../domain/transfer.ts'
import { VIRTUAL_ACCOUNT_CURRENCY, type VirtualAccount } from '../domain/virtual-account.ts'
import { columnsOf, minor } from '../operations/export-tables.ts'
import type { ConnectedAccount, PaymentSessionRecord, WebhookEvent } from '../operations/store.ts'
import { lastDayOf } from '../wire/payment-link.ts'
import type { payoutTransactionRow } from '../wire/payout.ts'
import type { refundApprovalFields } from '../wire/refund-approval.ts'

type Edition = Account['edition']

const optionalTime = (edition: Edition, atMs: number | undefined) =>
  atMs === undefined ? undefined : showAccountTime(edition, atMs)

const rupees = (amountMinor: bigint | undefined) =>
  amountMinor === undefined ? undefined : minor(amountMinor, VIRTUAL_ACCOUNT_CURRENCY)

/** A session with its status at the time of the export. */
type SessionRow = {
  readonly session: PaymentSessionRecord
  readonly status: PaymentSessionStatus
  /** The description in the merchant's request. */
  readonly description: string | undefined
}

/** The columns of payment sessions. */
export const SESSION_COLUMNS = columnsOf<SessionRow>({
  account_id: ({ session }) => session.accountId,
  payments_session_id: ({ session }) => session.id,
  created_time: ({ session }, edition) => showAccountTime(edition, session.createdAtMs),
  expiry_time: ({ session }, edition) => showAccountTime(edition, session.expiresAtMs),
  payments_session_type: ({ session }) => session.typeFacts?.type,
  status: ({ status }) => status,
  currency: ({ session }) => session.amount.currency,
  amount: ({ session: { amount } }) => minor(amount.amountMinor, amount.currency),
  attempt_count: ({ session }) => session.attemptCount,
  description: ({ description }) => description,
  reference_number: ({ session }) => session.referenceNumber,
  invoice_number: ({ session }) => session.invoiceNumber,
  customer_id: ({ session }) => session.customerId,
  payment_link_id: ({ session }) => session.paymentLinkId,
})

/** A payment link with its status at the time of the export. */
type LinkRow = { readonly link: PaymentLink; readonly status: PaymentLinkStatus }

/** The columns of payment links. The address of the page is a key to the link, so it stays out. */
export const LINK_COLUMNS = columnsOf<LinkRow>({
  account_id: ({ link }) => link.accountId,
  payment_link_id: ({ link }) => link.id,
  created_time: ({ link }, edition) => showAccountTime(edition, link.createdAtMs),
  expires_at: ({ link }, edition) => lastDayOf(link, edition),
  status: ({ status }) => status,
  currency: ({ link }) => link.amount.currency,
  amount: ({ link: { amount } }) => minor(amount.amountMinor, amount.currency),
  description: ({ link }) => link.description,
  reference_id: ({ link }) => link.referenceId,
  email: ({ link }) => link.email,
  phone_country_code: ({ link }) => link.phoneCountryCode,
  phone: ({ link }) => link.phone,
  payment_id: ({ link }) => link.paidAttemptId,
})

/** The columns of customers. */
export const CUSTOMER_COLUMNS = columnsOf<CustomerRecord>({
  account_id: ({ accountId }) => accountId,
  customer_id: ({ id }) => id,
  created_time: ({ createdAtMs }, edition) => showAccountTime(edition, createdAtMs),
  last_modified_time: ({ changedAtMs }, edition) => showAccountTime(edition, changedAtMs),
  customer_name: ({ name }) => name,
  customer_email: ({ email }) => email,
  dialing_code: ({ phone }) => phone?.dialingCode,
  customer_phone: ({ phone }) => phone?.digits,
})

/** The columns of mandates, in their state at the time of the export. */
export const MANDATE_COLUMNS = columnsOf<Mandate>({
  account_id: ({ accountId }) => accountId,
  mandate_id: ({ id }) => id,
  created_time: ({ createdAtMs }, edition) => showAccountTime(edition, createdAtMs),
  status: ({ status }) => status,
  inactive_reason: ({ inactiveReason }) => inactiveReason,
  currency: () => MANDATE_CURRENCY,
  amount: ({ amountMinor }) => minor(amountMinor, MANDATE_CURRENCY),
  amount_rule: ({ amountRule }) => amountRule,
  frequency: ({ frequency }) => frequency,
  debit_day: ({ debitDay }) => debitDay,
  debit_rule: ({ debitRule }) => debitRule,
  start_date: ({ startOn }) => startOn,
  end_date: ({ endOn }) => endOn,
  description: ({ description }) => description,
  customer_id: ({ customerId }) => customerId,
  customer_name: ({ customerName }) => customerName,
  customer_email: ({ customerEmail }) => customerEmail,
  customer_phone: ({ customerPhone }) => customerPhone,
  upi_id: ({ upiId }) => upiId,
})

/** The columns of disputes. */
export const DISPUTE_COLUMNS = columnsOf<Dispute>({
  account_id: ({ accountId }) => accountId,
  dispute_id: ({ id }) => id,
  payment_id: ({ paymentAttemptId }) => paymentAttemptId,
  created_time: ({ createdAtMs }, edition) => showAccountTime(edition, createdAtMs),
  decided_time: ({ decidedAtMs }, edition) => optionalTime(edition, decidedAtMs),
  status: ({ status }) => status,
  reason: ({ reason }) => reason,
  currency: ({ amount }) => amount.currency,
  amount: ({ amount }) => minor(amount.amountMinor, amount.currency),
  fee: ({ amount, feeMinor }) => minor(feeMinor, amount.currency),
  processor_reference: ({ processorReference }) => processorReference,
})

type PayoutTransactionRow = ReturnType<typeof payoutTransactionRow> & {
  readonly accountId: Account['id']
}

/** The columns of the transactions of a payout. */
export const PAYOUT_TRANSACTION_COLUMNS = columnsOf<PayoutTransactionRow>({
  account_id: ({ accountId }) => accountId,
  payout_id: ({ payout_id: id }) => id,
  transaction_id: ({ transaction_id: id }) => id,
  parent_transaction_id: ({ parent_transaction_id: id }) => id,
  transaction_time: ({ transaction_time: time }, edition) => showAccountTime(edition, Number(time)),
  transaction_type: ({ transaction_type: type }) => type,
  currency: ({ currency }) => currency,
  amount: ({ amount }) => ({ decimal: amount }),
  fee: ({ fee }) => ({ decimal: fee }),
  tax: ({ tax }) => ({ decimal: tax }),
  net_amount: ({ net_amount: amount }) => ({ decimal: amount }),
  customer_id: ({ customer_id: id }) => id,
  customer_name: ({ customer_name: name }) => name,
  description: ({ description }) => description,
})

/** The columns of virtual accounts, in their state at the time of the export. */
export const VIRTUAL_ACCOUNT_COLUMNS = columnsOf<VirtualAccount>({
  account_id: ({ accountId }) => accountId,
  virtual_account_id: ({ id }) => id,
  created_time: ({ createdAtMs }, edition) => showAccountTime(edition, createdAtMs),
  last_modified_time: ({ changedAtMs }, edition) => showAccountTime(edition, changedAtMs),
  status: ({ status }) => status,
  account_number: ({ accountNumber }) => accountNumber,
  ifsc_code: ({ ifscCode }) => ifscCode,
  beneficiary_name: ({ beneficiaryName }) => beneficiaryName,
  currency: () => VIRTUAL_ACCOUNT_CURRENCY,
  amount_paid: ({ paidMinor }) => rupees(paidMinor),
  minimum_amount: ({ minimumMinor }) => rupees(minimumMinor),
  maximum_amount: ({ maximumMinor }) => rupees(maximumMinor),
  description: ({ description }) => description,
  reference_number: ({ referenceNumber }) => referenceNumber,
  customer_id: ({ customerId }) => customerId,
  expires_at: ({ expiresOn }) => expiresOn,
})

/** The columns of connected accounts. */
export const CONNECTED_ACCOUNT_COLUMNS = columnsOf<ConnectedAccount>({
  account_id: ({ accountId }) => accountId,
  connected_account_id: ({ id }) => id,
  created_time: ({ createdAtMs }, edition) => showAccountTime(edition, createdAtMs),
  account_name: ({ name }) => name,
  email_id: ({ details }) => details.email,
  mcc: ({ details }) => details.mcc,
  business_description: ({ details }) => details.businessDescription,
  routing_number: ({ details }) => details.bankAccount?.routingNumber,
  last_four_digits: ({ details }) => details.bankAccount?.lastFourDigits,
})

type ReversalRow = { readonly reversal: TransferReversal; readonly transfer: Transfer }

/** The columns of transfer reversals. */
export const REVERSAL_COLUMNS = columnsOf<ReversalRow>({
  account_id: ({ reversal }) => reversal.accountId,
  transfer_reversal_id: ({ reversal }) => reversal.id,
  transfer_id: ({ transfer }) => transfer.id,
  payment_id: ({ transfer }) => transfer.paymentAttemptId,
  connected_account_id: ({ transfer }) => transfer.connectedAccountId,
  created_time: ({ reversal }, edition) => showAccountTime(edition, reversal.createdAtMs),
  currency: ({ reversal }) => reversal.amount.currency,
  amount: ({ reversal: { amount } }) => minor(amount.amountMinor, amount.currency),
  description: ({ reversal }) => reversal.description,
})

/** The columns of events. Their bodies stay out, because they contain contacts. */
export const EVENT_COLUMNS = columnsOf<WebhookEvent>({
  account_id: ({ accountId }) => accountId,
  event_id: ({ id }) => id,
  event_type: ({ type }) => type,
  event_time: ({ createdAtMs }, edition) => showAccountTime(edition, createdAtMs),
  object_type: ({ subject }) => subject.kind,
  object_id: ({ subject }) => subject.id,
})

type ApprovalRow = ReturnType<typeof refundApprovalFields> & { readonly accountId: Account['id'] }

/** The columns of the requests for refunds. */
export const REFUND_APPROVAL_COLUMNS = columnsOf<ApprovalRow>({
  account_id: ({ accountId }) => accountId,
  refund_approval_id: ({ refund_approval_id: id }) => id,
  payment_id: ({ payment_id: id }) => id,
  requested_time: ({ requested_time: time }, edition) => isoIn(edition, time),
  requested_by: ({ requested_by: person }) => person,
  status: ({ status }) => status,
  currency: ({ currency }) => currency,
  amount: ({ amount }) => ({ decimal: amount }),
  reason: ({ reason }) => reason,
  decided_time: ({ decided_time: time }, edition) => time && isoIn(edition, time),
  decided_by: ({ decided_by: person }) => person,
  refund_id: ({ refund_id: id }) => id,
})

const isoIn = (edition: Edition, time: string) => showAccountTime(edition, Date.parse(time))

/** The columns of the audit log. Its times are in UTC, because it covers accounts of both editions. */
export const AUDIT_COLUMNS = columnsOf<AuditEntry>({
  number: ({ number }) => number,
  time: ({ atMs }) => new Date(atMs).toISOString(),
  actor_kind: ({ actor }) => actor.kind,
  actor: ({ actor }) => actor.name,
  action: ({ action }) => action,
  object_id: ({ objectId }) => objectId,
  before: ({ before }) => JSON.stringify(before),
  after: ({ after }) => JSON.stringify(after),
})

/** The columns of operators. */
export const OPERATOR_COLUMNS = columnsOf<OperatorRecord>({
  operator_id: ({ id }) => id,
  name: ({ name }) => name,
  email: ({ email }) => email,
  role: ({ role }) => role,
  account_ids: ({ accountIds }) => accountIds?.join(' ') ?? 'all',
  refund_max_minor: ({ refundMaxMinor }) => refundMaxMinor?.toString(),
  account_refund_max_minor: ({ accountRefundMax }) =>
    [...(accountRefundMax ?? [])].map(([id, minorMax]) => `${id}=${minorMax}`).join(' '),
  status: operatorStatusOf,
  created_time: ({ createdAtMs }) => new Date(createdAtMs).toISOString(),
})
