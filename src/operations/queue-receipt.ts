import { withoutPayer } from '../domain/instrument.ts'
import type { ReceiptContent } from '../domain/message.ts'
import { formatMoney } from '../domain/money.ts'
import type { PaymentAttempt } from '../domain/payment-attempt.ts'
import { type QueueDeps, queueMessage } from './queue-message.ts'
import type { PaymentSessionRecord, SessionTransaction } from './store.ts'

type ReceiptDeps = Omit<QueueDeps, 'messageChannels'> & Partial<Pick<QueueDeps, 'messageChannels'>>

/**
 * Queues the receipt of a payment that has just succeeded, if the customer gave an e-mail address and e-mails can be
 * sent. Otherwise it reads and writes nothing.
 */
export async function queueReceipt(
  tx: Pick<SessionTransaction, 'accounts' | 'messages'>,
  { messageChannels = [], ...deps }: ReceiptDeps,
  session: PaymentSessionRecord,
  attempt: PaymentAttempt,
): Promise<void> {
  const recipient = attempt.customer?.email
  if (recipient === undefined || !messageChannels.includes('email')) return
  const account = await tx.accounts.find(session.accountId)
  if (account === undefined) throw new Error(`session ${session.id} has no account`)
  const { description } = JSON.parse(session.echoedJson) as { readonly description?: string }
  const content: ReceiptContent = {
    kind: 'receipt',
    amount: formatMoney(session.amount),
    currency: session.amount.currency,
    merchantName: account.name,
    edition: account.edition,
    paymentId: attempt.id,
    paidAtMs: attempt.decidedAtMs ?? attempt.createdAtMs,
    instrument: withoutPayer(attempt.instrument),
    ...(description !== undefined && { description }),
    ...(session.invoiceNumber !== undefined && { invoiceNumber: session.invoiceNumber }),
    ...(attempt.statementDescriptor !== undefined && {
      statementDescriptor: attempt.statementDescriptor,
    }),
  }
  await queueMessage(
    tx,
    { ...deps, messageChannels },
    {
      accountId: session.accountId,
      channel: 'email',
      subjectId: attempt.id,
      occasion: 0,
      recipient,
      language: attempt.customer?.language ?? 'en',
      content,
    },
  )
}
