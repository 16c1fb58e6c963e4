import type { Account } from '../domain/account.ts'
import type { CustomerRecord } from '../domain/customer.ts'
import type { Language } from '../domain/language.ts'
import type { Mandate } from '../domain/mandate.ts'
import type { MandateNotification } from '../domain/mandate-debit.ts'
import { MANDATE_CURRENCY } from '../domain/mandate-terms.ts'
import type { MandateNoticeContent, MessageChannel } from '../domain/message.ts'
import { formatMoney } from '../domain/money.ts'
import { internationalNumber } from '../domain/phone.ts'
import { type QueueDeps, queueMessage } from './queue-message.ts'
import type { Store, Transaction } from './store.ts'

/** The facts of a debit's notice that are not in the notification. */
export type NoticeFacts = {
  readonly account: Pick<Account, 'name' | 'edition'>
  readonly mandate: Mandate
  /** The customer as it is now: the address can have changed since the enrollment. */
  readonly customer: CustomerRecord
  /** The language of the page on which the customer approved the mandate. */
  readonly language: Language
}

/** Reads the facts of a debit's notice, outside of transactions. */
export async function readNoticeFacts(
  {
    accounts,
    customers,
    paymentAttempts,
  }: Pick<Store, 'accounts' | 'customers' | 'paymentAttempts'>,
  mandate: Mandate,
): Promise<NoticeFacts> {
  const [account, customer, enrollment] = await Promise.all([
    accounts.find(mandate.accountId),
    customers.find(mandate.customerId),
    paymentAttempts.find(mandate.enrollmentAttemptId),
  ])
  if (account === undefined || customer === undefined) {
    throw new Error(`mandate ${mandate.id} has no account or customer`)
  }
  return { account, mandate, customer, language: enrollment?.customer?.language ?? 'en' }
}

/**
 * Queues the messages about a debit that the customer's bank has been notified of: one in the UPI app, and one by
 * e-mail or, without an address or a messenger for e-mails, by SMS. A channel that no messenger serves gets none. Each
 * notification has at most one message for each channel.
 */
export async function queueDebitNotice(
  tx: Pick<Transaction, 'messages'>,
  deps: QueueDeps,
  notification: MandateNotification,
  facts: NoticeFacts,
): Promise<void> {
  for (const [channel, recipient] of recipientsOf(facts, deps.messageChannels)) {
    await queueMessage(tx, deps, {
      accountId: notification.accountId,
      channel,
      subjectId: notification.id,
      occasion: 0,
      recipient,
      language: facts.language,
      content: contentOf(notification, facts),
    })
  }
}

function recipientsOf(
  { customer, mandate }: NoticeFacts,
  channels: readonly MessageChannel[],
): readonly (readonly [MessageChannel, string])[] {
  const { email, phone } = customer
  const recipients: (readonly [MessageChannel, string])[] = []
  if (mandate.upiId !== undefined) recipients.push(['upi_app', mandate.upiId])
  if (email !== undefined && channels.includes('email')) recipients.push(['email', email])
  else if (phone !== undefined) recipients.push(['sms', internationalNumber(phone)])
  return recipients
}

function contentOf(
  { amountMinor, description, executionOn, invoiceNumber }: MandateNotification,
  { account, mandate }: NoticeFacts,
): MandateNoticeContent {
  return {
    kind: 'mandate_notice',
    amount: formatMoney({ amountMinor, currency: MANDATE_CURRENCY }),
    currency: MANDATE_CURRENCY,
    merchantName: account.name,
    edition: account.edition,
    mandateId: mandate.id,
    executionOn,
    description,
    invoiceNumber,
  }
}
