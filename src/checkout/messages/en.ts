/**
 * The checkout's words in English: the source of all keys. `{name}` stands for a value. Keys that end
 * in `One` and `Other` are chosen by the language's own rules for plurals.
 */
export const EN = {
  languageName: 'English',
  pageTitle: 'Pay {merchant}',
  testMode: 'Test mode: no real money',
  invoice: 'Invoice {number}',
  language: 'Language',

  chooseMethod: 'How would you like to pay?',
  methodCard: 'Card',
  methodCardHint: 'Credit or debit',
  methodUpi: 'UPI',
  methodUpiHint: 'Any UPI app',
  methodNetbanking: 'Net banking',
  methodNetbankingHint: 'From your bank’s website',
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
  bankNone: 'No bank has this in its name.',
  wallet: 'Your wallet',
  transferExplained: 'You will get an account number to send the exact amount to.',

  achName: 'Account holder’s name',
  achRouting: 'Routing number',
  achAccount: 'Account number',
  achType: 'Type of account',
  achChecking: 'Checking',
  achSavings: 'Savings',
  achMandate: 'By paying you allow {merchant} to debit this account once for {amount}.',

  contact: 'Your details',
  email: 'Email for the receipt',
  phone: 'Mobile number',

  pay: 'Pay {amount}',
  paying: 'Paying…',
  cancelAndReturn: 'Cancel and return to {merchant}',
  cancel: 'Cancel this payment',
  anotherWay: 'Pay in another way',
  timeLeft: '{time} left to pay',
  triesLeftOne: '{count} more try is possible.',
  triesLeftOther: '{count} more tries are possible.',

  errorMethod: 'Choose how you would like to pay.',
  errorCardNumber: 'Check the card number: a digit seems to be wrong or missing.',
  errorCardNumberMissing: 'Enter the number on the front of your card.',
  errorCardNotTest: 'This is a sandbox: use one of its test cards.',
  errorExpiry: 'Enter the expiry as month and year, like 09/28.',
  errorExpiryPast: 'This date has passed. Use another card.',
  errorCvv: 'Enter the {count} digits of the security code.',
  errorCardName: 'Enter the name as it stands on the card.',
  errorCardNameNumber: 'This looks like a card number. Enter the name here.',
  errorUpiId: 'Enter a UPI ID like name@bank.',
  errorBank: 'Choose your bank.',
  errorWallet: 'Choose your wallet.',
  errorAchName: 'Enter the name of the account’s holder.',
  errorAchRouting: 'Enter the 9 digits of the routing number.',
  errorAchAccount: 'Enter the account number, 4 to 17 digits.',
  errorAchNotTest: 'This is a sandbox: use one of its test accounts.',
  errorInstrument: 'This cannot be used here. Try another way to pay.',
  errorCharacters: 'Remove the characters that cannot be shown.',
  errorEmail: 'Enter an email address like asha@example.com.',
  errorPhone: 'Enter the number in digits, at most 15.',

  declinedTitle: 'The payment did not go through',
  decline_authentication_failed:
    'Your bank could not confirm it was you. You were not charged. Try again and enter the code from your bank.',
  decline_bank_declined:
    'Your bank did not let the payment through. You were not charged. Another method usually works.',
  decline_canceled_by_customer: 'You stopped the last payment. You were not charged.',
  decline_card_declined:
    'Your bank declined this payment without giving a reason. You were not charged. Another method usually works.',
  decline_do_not_honour:
    'Your bank declined this payment without giving a reason. You were not charged. Another method usually works.',
  decline_expired_card: 'This card has expired. You were not charged. Use another card.',
  decline_incorrect_cvv:
    'The security code doesn’t match this card. You were not charged. Check the digits on the card.',
  decline_insufficient_funds:
    'There isn’t enough money in this account. You were not charged. Try another card or another method.',
  decline_processor_unavailable:
    'We can’t reach the payment network right now. You were not charged. Try again in a minute.',
  decline_transfer_late:
    'The transfer came too late. The money goes back to the account it came from.',
  decline_transfer_not_received:
    'No transfer came in time. If you have sent one, it goes back to the account it came from.',
  decline_transfer_over:
    'The transfer was for more than the amount. The money goes back to the account it came from.',
  decline_transfer_short:
    'The transfer was for less than the amount. The money goes back to the account it came from.',
  decline_upi_declined: 'The request was declined in your UPI app. You were not charged.',
  decline_upi_timeout: 'The request wasn’t approved in time. You were not charged.',
  decline_wallet_declined:
    'Your wallet did not let the payment through. You were not charged. Another method usually works.',
  refundedLate:
    'The payment came through too late, so it does not count. The money is on its way back to you.',
  canceledTransfer:
    'You stopped the last payment. If you have already sent a transfer, it goes back to the account it came from.',
  moneyReturns: 'A payment that does not count is on its way back to you.',
  moneyStuck:
    'A payment that does not count could not be given back by itself. Ask {merchant} to return it, and name payment {id}.',
  notCharged: 'You were not charged.',
  supportCode: 'Code for support: {code}',

  issuerTitle: 'Your bank wants to know it’s you',
  issuerText: 'Confirm the payment on your bank’s page. Then you come back here.',
  issuerContinue: 'Continue to your bank',
  walletTitle: 'Confirm in your wallet',
  walletText: 'Confirm the payment on your wallet’s page. Then you come back here.',
  walletContinue: 'Continue to your wallet',
  upiWaitingTitle: 'Approve the payment in your UPI app',
  upiCollectText: 'We sent a request for {amount} to {upiId}. Open your UPI app and approve it.',
  upiQrTitle: 'Scan to pay {amount}',
  upiQrText: 'Open any UPI app on your phone and scan this code.',
  upiQrAlt: 'QR code for paying {amount} by UPI',
  upiAppTitle: 'Pay {amount} in your UPI app',
  upiAppText: 'Choose your app. Come back here when you have paid.',
  upiAnyApp: 'Another UPI app',
  waiting: 'Waiting for your approval…',
  transferTitle: 'Send {amount} to this account',
  transferText:
    'Send exactly this amount by NEFT, RTGS or IMPS. This page tells you when it is here.',
  transferBeneficiary: 'Name',
  transferAccount: 'Account number',
  transferIfsc: 'IFSC',
  transferAmount: 'Exact amount',
  transferWaiting: 'Waiting for your transfer…',
  copy: 'Copy',
  copied: 'Copied',
  copyWhat: 'Copy {what}',

  pendingTitle: 'Your bank is still deciding',
  pendingText:
    'We don’t know yet whether your bank took the payment. Please don’t pay again; this page will tell you. You may also close it.',
  elsewhereTitle: 'A payment is already in progress',
  elsewhereText:
    'It may have been started in another tab. Please don’t pay again; this page will tell you.',

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

  failedTitle: 'The payment could not be made',
  failedText: 'All tries are used up. To try again, start anew at {merchant}.',
  expiredTitle: 'The time to pay is over',
  expiredText: 'To try again, start anew at {merchant}.',
  canceledTitle: 'This payment was canceled',
  canceledText: 'To try again, start anew at {merchant}.',
  returningOne: 'Returning to {merchant} in {count} second.',
  returningOther: 'Returning to {merchant} in {count} seconds.',
  returnNow: 'Return to {merchant}',
  stayHere: 'Stay on this page',
  close: 'Close',
  mayClose: 'You may close this page.',

  connectionLost: 'No connection. What you typed is kept; we keep trying.',
  unknownTitle: 'This link does not open a payment',
  unknownText:
    'It may have been cut off. If you have paid already, ask the shop before you pay again.',
  busyTitle: 'Please wait a moment',
  busyText: 'There were too many tries from here. This one was not sent. Wait a minute and go on.',
  badTitle: 'This could not be understood',
  badText: 'This try was not sent. Go back and try again.',
  outageTitle: 'Payments are interrupted for a moment',
  outageText:
    'Your payment may or may not have been made. Open this page again in a minute, and look before you pay again.',
  faultTitle: 'Something went wrong on our side',
  faultText:
    'Your payment may still have gone through. Open this page again before you pay another time.',
} as const

/** A message's key. */
export type MessageKey = keyof typeof EN
/** All of one language's words. */
export type Messages = Readonly<Record<MessageKey, string>>
