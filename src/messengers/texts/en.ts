/** The texts of messages in English: the source of all keys. `{name}` is a placeholder. */
export const EN_TEXTS = {
  testMode: 'Test mode: no real money',
  receiptSubject: 'Receipt from {merchant}: {amount}',
  receiptTitle: 'Payment complete',
  receiptIntro: '{merchant} received your payment of {amount}.',
  receiptHelp: 'For questions about your order, contact {merchant} and mention the payment ID.',
  amount: 'Amount',
  paidTo: 'Paid to',
  date: 'Date',
  method: 'Paid with',
  paymentId: 'Payment ID',
  invoice: 'Invoice',
  description: 'Description',
  statement: 'On your statement',
  reference: 'Reference',
  validUntil: 'Valid until',
  linkSubject: '{merchant} requests a payment of {amount}',
  linkTitle: 'Payment request',
  linkIntro: '{merchant} requests a payment of {amount}.',
  linkPay: 'Pay {amount}',
  linkAddress: 'Payment page',
  linkHelp: 'If you do not know {merchant}, ignore this message and do not pay.',
  linkShort: '{merchant} requests {amount}: {description}. Pay by {date}: {url}',
  noticeSubject: '{merchant} will debit {amount} from {date}',
  noticeTitle: 'Upcoming debit',
  noticeIntro:
    '{merchant} will debit {amount} from your account by UPI on {date} or in the 7 days after it, as you allowed.',
  noticeDate: 'Debit from',
  mandateId: 'Mandate ID',
  noticeHelp:
    'If you do not want this debit, pause or cancel the mandate in your UPI app before {date}.',
  noticeShort:
    '{merchant} will debit {amount} by UPI from {date}: {description}. To stop it, cancel the mandate in your UPI app.',
  automatic: 'This message was sent automatically. Nobody reads replies to it.',
  card: 'Card',
  cardEnding: '{brand} ending {digits}',
  bankTransfer: 'Bank transfer',
  bankEnding: 'Bank account ending {digits}',
}

/** The texts of messages in one language. */
export type MessageTexts = Readonly<typeof EN_TEXTS>
