import { TEST_MODE } from '../../pages/test-mode.ts'

/**
 * The checkout's messages in English: the source of all keys. `{name}` is a placeholder. The language's plural rules
 * choose between keys that end in `One` and `Other`.
 */
export const EN = {
  languageName: 'English',
  pageTitle: 'Pay {merchant}',
  testMode: TEST_MODE,
  invoice: 'Invoice {number}',
  language: 'Language',
  order: 'Your order',
  terms: 'Terms',
  privacy: 'Privacy',
  poweredBy: 'Powered by {name}',

  chooseMethod: 'How would you like to pay?',
  methodCard: 'Card',
  methodCardHint: 'Credit or debit',
  methodUpi: 'UPI',
  methodUpiHint: 'Any UPI app',
  methodNetbanking: 'Net banking',
  methodNetbankingHint: 'Your bank’s website',
  methodWallet: 'Wallet',
  methodWalletHint: 'Money in a wallet app',
  methodBankTransfer: 'Bank transfer',
  methodBankTransferHint: 'NEFT, RTGS or IMPS',
  methodAch: 'US bank account',
  methodAchHint: 'ACH direct debit',

  cardNumber: 'Card number',
  cardExpiry: 'Expiry',
  cardExpiryHint: 'MM / YY',
  cardCvv: 'Security code',
  cardCvvHint: '{count} digits on the back',
  cardCvvHintFront: '{count} digits on the front',
  cardName: 'Name on card',

  upiQr: 'Scan a QR code',
  upiApp: 'Open a UPI app',
  upiId: 'Enter your UPI ID',
  upiIdLabel: 'UPI ID',
  upiIdHint: 'Like name@bank',

  bank: 'Your bank',
  bankSearch: 'Search for your bank',
  bankNone: 'No matching banks.',
  wallet: 'Your wallet',
  transferExplained:
    'You will get an account number. Transfer exactly this amount to that account.',

  achName: 'Account holder’s name',
  achRouting: 'Routing number',
  achAccount: 'Account number',
  achType: 'Account type',
  achChecking: 'Checking',
  achSavings: 'Savings',
  achMandate: 'By paying you allow {merchant} to debit this account once for {amount}.',

  contact: 'Your details',
  email: 'Email',
  emailForReceipt: 'Email for the receipt',
  phone: 'Mobile number',

  pay: 'Pay {amount}',
  paying: 'Paying…',
  cancelAndReturn: 'Cancel and return to {merchant}',
  cancel: 'Cancel this payment',
  anotherWay: 'Use another payment method',
  timeLeft: '{time} left to pay',
  qrTimeLeft: 'This code is valid for {time}',
  bankTimeLeft: 'Your bank has {time} left to confirm',
  triesLeftOne: 'You have {count} attempt left.',
  triesLeftOther: 'You have {count} attempts left.',

  errorMethod: 'Choose how you would like to pay.',
  errorCardNumber: 'Check the card number: a digit seems to be wrong or missing.',
  errorCardNumberMissing: 'Enter the number on the front of your card.',
  errorCardNotTest: 'This is a sandbox: use one of its test cards.',
  errorExpiry: 'Enter the expiry as month and year, like 09/28.',
  errorExpiryPast: 'This date has passed. Use another card.',
  errorCvv: 'Enter the {count} digits of the security code.',
  errorCardName: 'Enter the name as shown on the card.',
  errorCardNameNumber: 'This looks like a card number. Enter the name here.',
  errorUpiId: 'Enter a UPI ID like name@bank.',
  errorBank: 'Choose your bank.',
  errorWallet: 'Choose your wallet.',
  errorAchName: 'Enter the account holder’s name.',
  errorAchRouting: 'Enter the 9 digits of the routing number.',
  errorAchAccount: 'Enter the account number, 4 to 17 digits.',
  errorAchNotTest: 'This is a sandbox: use one of its test accounts.',
  errorInstrument: 'This payment method is not accepted here. Choose another one.',
  errorCharacters: 'Remove the invisible characters.',
  errorEmail: 'Enter an email address like asha@example.com.',
  errorPhone: 'Enter the number in digits, at most 15.',

  declinedTitle: 'The payment did not go through',
  decline_authentication_failed:
    'Your bank could not confirm it was you. You were not charged. Try again and enter the code from your bank.',
  decline_bank_declined:
    'Your bank blocked the payment. You were not charged. Another method usually works.',
  decline_canceled_by_customer: 'You canceled the last payment. You were not charged.',
  decline_card_declined:
    'Your bank declined this payment without giving a reason. You were not charged. Another method usually works.',
  decline_do_not_honour:
    'Your bank declined this payment without giving a reason. You were not charged. Another method usually works.',
  decline_expired_card: 'This card has expired. You were not charged. Use another card.',
  decline_incorrect_cvv:
    'The security code doesn’t match this card. You were not charged. Check the digits on the card.',
  decline_insufficient_funds:
    'There isn’t enough money in this account. You were not charged. Try another card or another method.',
  decline_mandate_inactive: 'The mandate is not active. You were not charged.',
  decline_notification_failed:
    'We couldn’t tell you about the debit in time. You were not charged.',
  decline_processor_unavailable:
    'We can’t reach the payment network right now. You were not charged. Try again in a minute.',
  decline_transfer_late:
    'The transfer arrived too late. The money is returned to the sending account.',
  decline_transfer_not_received:
    'No transfer arrived in time. If you sent one, the money is returned to the sending account.',
  decline_transfer_out_of_range:
    'The transfer was outside the allowed limits. The money is returned to the sending account.',
  decline_transfer_over:
    'The transfer was more than the amount due. The money is returned to the sending account.',
  decline_transfer_short:
    'The transfer was less than the amount due. The money is returned to the sending account.',
  decline_upi_declined: 'The request was declined in your UPI app. You were not charged.',
  decline_upi_timeout: 'The request wasn’t approved in time. You were not charged.',
  decline_wallet_declined:
    'Your wallet blocked the payment. You were not charged. Another method usually works.',
  refundedLate: 'The payment was approved too late. Your money is being refunded.',
  canceledTransfer:
    'You canceled the last payment. If you already sent a transfer, the money is returned to the sending account.',
  moneyReturns: 'An earlier payment is being refunded to you.',
  moneyStuck:
    'An earlier payment could not be refunded automatically. Ask {merchant} to refund payment {id}.',
  notCharged: 'You were not charged.',
  supportCode: 'Support code: {code}',

  issuerTitle: 'Your bank needs to verify you',
  issuerText: 'Confirm the payment on your bank’s page. You will then return here.',
  issuerContinue: 'Continue to your bank',
  walletTitle: 'Confirm in your wallet',
  walletText: 'Confirm the payment on your wallet’s page. You will then return here.',
  walletContinue: 'Continue to your wallet',
  upiWaitingTitle: 'Approve the payment in your UPI app',
  upiCollectText: 'We sent a request for {amount} to {upiId}. Open your UPI app and approve it.',
  upiCollectSent: 'We sent a request for {amount}. Open your UPI app and approve it.',
  upiQrTitle: 'Scan to pay {amount}',
  upiQrText: 'Open any UPI app on your phone and scan this code.',
  upiQrAlt: 'QR code for paying {amount} by UPI',
  upiAppTitle: 'Pay {amount} in your UPI app',
  upiAppText: 'Choose your app. Return here after you pay.',
  upiAnyApp: 'Another UPI app',
  waiting: 'Waiting for your approval…',
  transferTitle: 'Send {amount} to this account',
  transferText:
    'Send exactly this amount by NEFT, RTGS or IMPS. This page updates when the transfer arrives.',
  transferBeneficiary: 'Name',
  transferAccount: 'Account number',
  transferIfsc: 'IFSC',
  transferAmount: 'Exact amount',
  transferWaiting: 'Waiting for your transfer…',
  copy: 'Copy',
  copied: 'Copied',
  copyWhat: 'Copy {what}',

  pendingTitle: 'Waiting for your bank',
  pendingText:
    'Your bank has not confirmed the payment yet. Please don’t pay again. This page updates automatically; you can also close it.',
  elsewhereTitle: 'A payment is already in progress',
  elsewhereText:
    'It may have been started in another tab. Please don’t pay again. This page updates automatically.',
  lateTitle: 'The time to pay is over',
  lateText:
    'Please don’t pay any more: money that arrives late is refunded. This page shows the result as soon as it is known.',

  succeededTitle: 'Payment complete',
  paidElsewhereTitle: 'This has already been paid',
  paidElsewhereText: 'You were not charged twice.',
  receiptAmount: 'Amount',
  receiptTo: 'Paid to',
  receiptWhen: 'Date',
  receiptMethod: 'Paid with',
  receiptId: 'Payment ID',
  cardEnding: '{brand} ending {digits}',
  bankEnding: 'Bank account ending {digits}',
  print: 'Print',

  failedTitle: 'The payment failed',
  failedText: 'No attempts are left. To try again, start a new payment at {merchant}.',
  expiredTitle: 'This payment has expired',
  expiredText: 'To try again, start a new payment at {merchant}.',
  canceledTitle: 'This payment was canceled',
  canceledText: 'To try again, start a new payment at {merchant}.',
  returningOne: 'Returning to {merchant} in {count} second.',
  returningOther: 'Returning to {merchant} in {count} seconds.',
  returnNow: 'Return to {merchant}',
  stayHere: 'Stay on this page',
  close: 'Close',
  mayClose: 'You may close this page.',

  linkTitle: 'Payment request',
  linkFor: 'For',
  linkReference: 'Reference',
  linkValidUntil: 'Valid until',
  linkNext: 'You choose how to pay on the next page.',
  linkOpening: 'Opening…',
  linkProcessingTitle: 'This payment is being processed',
  linkProcessingText:
    'A payment has been started, and its result is not known yet. Please don’t pay again. This page updates automatically; you can also close it.',
  linkPaidTitle: 'This has been paid',
  linkPaidText: 'You do not need to pay again.',
  linkPaidOn: 'Paid on',
  linkExpiredTitle: 'This payment link has expired',
  linkCanceledTitle: 'This payment link was canceled',
  linkAsk: 'If you still want to pay, ask {merchant} for a new link.',
  linkOffline: 'No connection. Reconnecting…',
  linkCancel: 'Cancel and go back',
  linkFailedText: 'No attempts are left on this page. To try again, go back to the payment link.',
  linkAgainText: 'To try again, go back to the payment link.',
  linkReturningOne: 'Going back to the payment link in {count} second.',
  linkReturningOther: 'Going back to the payment link in {count} seconds.',
  linkReturnNow: 'Back to the payment link',

  savePageTitle: 'Save a payment method for {merchant}',
  saveTitle: 'Save a payment method',
  saveText: '{merchant} can charge it later. No money is taken now.',
  saveChoose: 'What would you like to save?',
  saveMandate: 'You allow {merchant} to debit this account for payments that you have agreed to.',
  saveAddress: 'Billing address',
  saveCountry: 'Country',
  saveLine1: 'Address (optional)',
  saveCity: 'City (optional)',
  saveState: 'State (optional)',
  savePostalCode: 'ZIP or postal code (optional)',
  save: 'Save',
  saveRefused: 'It was not saved: the bank refused it. Check the details, or use another one.',
  saveIssuerText:
    'Confirm on your bank’s page that you want to save it. You will then return here.',
  saveWaitTitle: 'Waiting for your bank',
  saveWaitText: 'Your bank has not confirmed it yet. This page updates automatically.',
  saveDoneTitle: 'Saved',
  saveDoneText: '{merchant} can charge it when you have agreed to a payment.',
  saveVerifying: 'Your bank is verifying the account. {merchant} can charge it after that.',
  saveExpiredTitle: 'The time to save has passed',
  saveFailedTitle: 'Nothing was saved',
  saveEndedText: 'To try again, start again at {merchant}.',
  saveFullText: 'You have too many saved payment methods. Ask {merchant} to delete one.',
  errorCountry: 'Choose a country.',
  errorAddressLong: 'This is too long. Shorten it.',
  errorAddressNumber: 'This looks like a card number. Remove it here.',

  connectionLost: 'No connection. Your entries are kept. Reconnecting…',
  unknownTitle: 'Payment not found',
  unknownText:
    'The link may be incomplete. If you have already paid, ask the shop before you pay again.',
  busyTitle: 'Please wait a moment',
  busyText: 'Too many attempts from your network. This one was not sent. Try again in a minute.',
  badTitle: 'The request was invalid',
  badText: 'The payment was not sent. Go back and try again.',
  outageTitle: 'Payments are temporarily unavailable',
  outageText:
    'Your payment may have gone through. Reload this page in a minute and check before you pay again.',
  faultTitle: 'Something went wrong on our side',
  faultText: 'Your payment may have gone through. Reload this page and check before you pay again.',
} as const

/** A message's key. */
export type MessageKey = keyof typeof EN
/** All messages of one language. */
export type Messages = Readonly<Record<MessageKey, string>>
