import type { Account } from '../domain/account.ts'
import type { MessageChannel, PaymentLinkContent } from '../domain/message.ts'
import { formatMoney } from '../domain/money.ts'
import type { PaymentLink } from '../domain/payment-link.ts'
import { internationalNumber, readPhone } from '../domain/phone.ts'
import { lastDayOf } from '../wire/payment-link.ts'
import { type QueueDeps, queueMessage } from './queue-message.ts'
import type { Transaction } from './store.ts'

/**
 * Queues the messages with a payment link that its merchant requested. `occasion`: 0 for a new link, otherwise the time
 * of the later request in milliseconds.
 */
export async function notifyOfPaymentLink(
  tx: Pick<Transaction, 'messages'>,
  deps: QueueDeps,
  {
    account,
    link,
    occasion,
  }: { readonly account: Account; readonly link: PaymentLink; readonly occasion: number },
): Promise<void> {
  for (const [channel, recipient] of recipientsOf(link)) {
    await queueMessage(tx, deps, {
      accountId: account.id,
      channel,
      subjectId: link.id,
      occasion,
      recipient,
      // The customer's language is unknown before the first visit.
      language: 'en',
      content: contentOf(account, link),
    })
  }
}

function recipientsOf({
  email,
  notifyCustomer,
  phone,
  phoneCountryCode,
}: PaymentLink): readonly (readonly [MessageChannel, string])[] {
  const recipients: (readonly [MessageChannel, string])[] = []
  if (notifyCustomer?.email === true && email !== undefined) recipients.push(['email', email])
  const reading = phone === undefined ? undefined : readPhone(phone, phoneCountryCode)
  if (notifyCustomer?.sms === true && reading !== undefined && !('refused' in reading)) {
    recipients.push(['sms', internationalNumber(reading)])
  }
  return recipients
}

function contentOf({ edition, name }: Account, link: PaymentLink): PaymentLinkContent {
  return {
    kind: 'payment_link',
    amount: formatMoney(link.amount),
    currency: link.amount.currency,
    merchantName: name,
    edition,
    description: link.description,
    validUntil: lastDayOf(link, edition),
    url: link.url,
    ...(link.referenceId !== undefined && { reference: link.referenceId }),
  }
}
