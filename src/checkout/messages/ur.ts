import type { Messages } from './en.ts'

/** The checkout's messages in Urdu: ادائیگی, رقم, ایپ, ID and درخواست are feminine, ٹرانسفر masculine. */
export const UR: Messages = {
  languageName: 'اردو',
  pageTitle: '{merchant} کو ادائیگی کریں',
  testMode: 'ٹیسٹ موڈ: اس میں اصلی پیسے نہیں لگتے',
  invoice: 'انوائس {number}',
  language: 'زبان',

  chooseMethod: 'ادائیگی کا طریقہ چنیں',
  methodCard: 'کارڈ',
  methodCardHint: 'کریڈٹ یا ڈیبٹ',
  methodUpi: 'UPI',
  methodUpiHint: 'کوئی بھی UPI ایپ',
  methodNetbanking: 'نیٹ بینکنگ',
  methodNetbankingHint: 'اپنے بینک کی ویب سائٹ سے',
  methodWallet: 'والیٹ',
  methodWalletHint: 'والیٹ ایپ میں رکھے پیسوں سے',
  methodBankTransfer: 'بینک ٹرانسفر',
  methodBankTransferHint: 'NEFT، RTGS یا IMPS',
  methodAch: 'امریکی بینک اکاؤنٹ',
  methodAchHint: 'ACH ڈائریکٹ ڈیبٹ',

  cardNumber: 'کارڈ نمبر',
  cardExpiry: 'ایکسپائری کی تاریخ',
  cardExpiryHint: 'MM / YY',
  cardCvv: 'CVV',
  cardCvvHint: 'کارڈ کے پیچھے لکھے {count} ہندسے',
  cardCvvHintFront: 'کارڈ کے سامنے لکھے {count} ہندسے',
  cardName: 'کارڈ پر لکھا نام',

  upiQr: 'QR کوڈ اسکین کریں',
  upiApp: 'UPI ایپ کھولیں',
  upiId: 'اپنی UPI ID درج کریں',
  upiIdLabel: 'UPI ID',
  upiIdHint: 'جیسے name@bank',

  bank: 'آپ کا بینک',
  bankSearch: 'اپنا بینک تلاش کریں',
  bankNone: 'اس نام کا کوئی بینک نہیں ملا۔',
  wallet: 'آپ کا والیٹ',
  transferExplained: 'آپ کو ایک اکاؤنٹ نمبر ملے گا۔ اس اکاؤنٹ میں ٹھیک یہی رقم بھیجنی ہوگی۔',

  achName: 'اکاؤنٹ ہولڈر کا نام',
  achRouting: 'روٹنگ نمبر',
  achAccount: 'اکاؤنٹ نمبر',
  achType: 'اکاؤنٹ کی قسم',
  achChecking: 'چیکنگ',
  achSavings: 'سیونگز',
  achMandate:
    'ادائیگی کر کے آپ {merchant} کو اس اکاؤنٹ سے صرف ایک بار {amount} کاٹنے کی اجازت دیتے ہیں۔',

  contact: 'آپ کی معلومات',
  email: 'رسید کے لیے ای میل',
  phone: 'موبائل نمبر',

  pay: '{amount} کی ادائیگی کریں',
  paying: 'ادائیگی ہو رہی ہے…',
  cancelAndReturn: 'ادائیگی منسوخ کر کے {merchant} پر واپس جائیں',
  cancel: 'یہ ادائیگی منسوخ کریں',
  anotherWay: 'کسی اور طریقے سے ادائیگی کریں',
  timeLeft: 'ادائیگی کے لیے باقی وقت: {time}',
  triesLeftOne: 'آپ مزید {count} بار کوشش کر سکتے ہیں۔',
  triesLeftOther: 'آپ مزید {count} بار کوشش کر سکتے ہیں۔',

  errorMethod: 'ادائیگی کا کوئی ایک طریقہ چنیں۔',
  errorCardNumber: 'کارڈ نمبر جانچ لیں: شاید کوئی ہندسہ غلط ہے یا چھوٹ گیا ہے۔',
  errorCardNumberMissing: 'کارڈ پر سامنے لکھا نمبر درج کریں۔',
  errorCardNotTest: 'یہ سینڈ باکس ہے: اس کا کوئی ٹیسٹ کارڈ استعمال کریں۔',
  errorExpiry: 'ایکسپائری کا مہینہ اور سال درج کریں، جیسے 09/28۔',
  errorExpiryPast: 'یہ تاریخ گزر چکی ہے۔ کوئی دوسرا کارڈ استعمال کریں۔',
  errorCvv: 'CVV کے {count} ہندسے درج کریں۔',
  errorCardName: 'نام ویسا ہی درج کریں جیسا کارڈ پر لکھا ہے۔',
  errorCardNameNumber: 'یہ کارڈ نمبر جیسا لگتا ہے۔ یہاں نام درج کریں۔',
  errorUpiId: 'name@bank جیسی UPI ID درج کریں۔',
  errorBank: 'اپنا بینک چنیں۔',
  errorWallet: 'اپنا والیٹ چنیں۔',
  errorAchName: 'اکاؤنٹ ہولڈر کا نام درج کریں۔',
  errorAchRouting: 'روٹنگ نمبر کے 9 ہندسے درج کریں۔',
  errorAchAccount: '4 سے 17 ہندسوں کا اکاؤنٹ نمبر درج کریں۔',
  errorAchNotTest: 'یہ سینڈ باکس ہے: اس کا کوئی ٹیسٹ اکاؤنٹ استعمال کریں۔',
  errorInstrument: 'یہاں اس سے ادائیگی نہیں ہو سکتی۔ ادائیگی کا کوئی اور طریقہ چنیں۔',
  errorCharacters: 'وہ حروف ہٹائیں جو دکھائے نہیں جا سکتے۔',
  errorEmail: 'asha@example.com جیسا ای میل پتا درج کریں۔',
  errorPhone: 'نمبر ہندسوں میں درج کریں، زیادہ سے زیادہ 15 ہندسے۔',

  declinedTitle: 'ادائیگی نہیں ہو سکی',
  decline_authentication_failed:
    'آپ کا بینک آپ کی شناخت کی تصدیق نہیں کر سکا۔ آپ کے پیسے نہیں کٹے ہیں۔ دوبارہ کوشش کریں اور بینک سے ملا OTP درج کریں۔',
  decline_bank_declined:
    'آپ کے بینک نے ادائیگی روک دی۔ آپ کے پیسے نہیں کٹے ہیں۔ کسی اور طریقے سے ادائیگی عام طور پر ہو جاتی ہے۔',
  decline_canceled_by_customer: 'آپ نے پچھلی ادائیگی منسوخ کر دی تھی۔ آپ کے پیسے نہیں کٹے ہیں۔',
  decline_card_declined:
    'آپ کے بینک نے یہ ادائیگی منظور نہیں کی اور کوئی وجہ نہیں بتائی۔ آپ کے پیسے نہیں کٹے ہیں۔ کسی اور طریقے سے ادائیگی عام طور پر ہو جاتی ہے۔',
  decline_do_not_honour:
    'آپ کے بینک نے یہ ادائیگی منظور نہیں کی اور کوئی وجہ نہیں بتائی۔ آپ کے پیسے نہیں کٹے ہیں۔ کسی اور طریقے سے ادائیگی عام طور پر ہو جاتی ہے۔',
  decline_expired_card:
    'یہ کارڈ ایکسپائر ہو چکا ہے۔ آپ کے پیسے نہیں کٹے ہیں۔ کوئی دوسرا کارڈ استعمال کریں۔',
  decline_incorrect_cvv:
    'یہ CVV اس کارڈ سے میل نہیں کھاتا۔ آپ کے پیسے نہیں کٹے ہیں۔ کارڈ پر لکھے ہندسے جانچ لیں۔',
  decline_insufficient_funds:
    'اس اکاؤنٹ میں کافی پیسے نہیں ہیں۔ آپ کے پیسے نہیں کٹے ہیں۔ کوئی دوسرا کارڈ یا کوئی اور طریقہ آزمائیں۔',
  decline_processor_unavailable:
    'ادائیگی کے نیٹ ورک سے ابھی رابطہ نہیں ہو پا رہا ہے۔ آپ کے پیسے نہیں کٹے ہیں۔ ایک منٹ بعد دوبارہ کوشش کریں۔',
  decline_transfer_late:
    'ٹرانسفر بہت دیر سے پہنچا۔ پیسے اسی اکاؤنٹ میں واپس جائیں گے جس سے آئے تھے۔',
  decline_transfer_not_received:
    'وقت پر کوئی ٹرانسفر نہیں پہنچا۔ اگر آپ نے بھیجا ہے تو پیسے اسی اکاؤنٹ میں واپس جائیں گے۔',
  decline_transfer_over:
    'ٹرانسفر طے شدہ رقم سے زیادہ کا تھا۔ پیسے اسی اکاؤنٹ میں واپس جائیں گے جس سے آئے تھے۔',
  decline_transfer_short:
    'ٹرانسفر طے شدہ رقم سے کم کا تھا۔ پیسے اسی اکاؤنٹ میں واپس جائیں گے جس سے آئے تھے۔',
  decline_upi_declined: 'آپ کی UPI ایپ میں درخواست نامنظور کر دی گئی۔ آپ کے پیسے نہیں کٹے ہیں۔',
  decline_upi_timeout: 'درخواست وقت پر منظور نہیں ہوئی۔ آپ کے پیسے نہیں کٹے ہیں۔',
  decline_wallet_declined:
    'آپ کے والیٹ نے ادائیگی روک دی۔ آپ کے پیسے نہیں کٹے ہیں۔ کسی اور طریقے سے ادائیگی عام طور پر ہو جاتی ہے۔',
  refundedLate: 'ادائیگی بہت دیر سے منظور ہوئی۔ پیسے آپ کو واپس بھیجے جا رہے ہیں۔',
  canceledTransfer:
    'آپ نے پچھلی ادائیگی منسوخ کر دی تھی۔ اگر آپ ٹرانسفر بھیج چکے ہیں تو پیسے اسی اکاؤنٹ میں واپس جائیں گے۔',
  moneyReturns: 'آپ کی ایک پچھلی ادائیگی کے پیسے واپس بھیجے جا رہے ہیں۔',
  moneyStuck:
    'آپ کی ایک پچھلی ادائیگی کے پیسے خود بخود واپس نہیں ہو سکے۔ پیسے واپس لینے کے لیے {merchant} سے رابطہ کریں اور ادائیگی ID {id} بتائیں۔',
  notCharged: 'آپ کے پیسے نہیں کٹے ہیں۔',
  supportCode: 'سپورٹ کے لیے کوڈ: {code}',

  issuerTitle: 'آپ کا بینک آپ کی شناخت کی تصدیق کرنا چاہتا ہے',
  issuerText: 'اپنے بینک کے پیج پر ادائیگی کی تصدیق کریں۔ اس کے بعد آپ کو یہاں واپس لایا جائے گا۔',
  issuerContinue: 'اپنے بینک کے پیج پر جائیں',
  walletTitle: 'اپنے والیٹ میں تصدیق کریں',
  walletText: 'اپنے والیٹ کے پیج پر ادائیگی کی تصدیق کریں۔ اس کے بعد آپ کو یہاں واپس لایا جائے گا۔',
  walletContinue: 'اپنے والیٹ کے پیج پر جائیں',
  upiWaitingTitle: 'اپنی UPI ایپ میں ادائیگی منظور کریں',
  upiCollectText:
    'ہم نے {upiId} پر {amount} کی درخواست بھیجی ہے۔ اپنی UPI ایپ کھولیں اور اسے منظور کریں۔',
  upiQrTitle: '{amount} کی ادائیگی کے لیے اسکین کریں',
  upiQrText: 'اپنے فون پر کوئی بھی UPI ایپ کھولیں اور یہ کوڈ اسکین کریں۔',
  upiQrAlt: 'UPI سے {amount} کی ادائیگی کرنے کے لیے QR کوڈ',
  upiAppTitle: 'اپنی UPI ایپ میں {amount} کی ادائیگی کریں',
  upiAppText: 'اپنی ایپ چنیں۔ ادائیگی کرنے کے بعد یہاں واپس آئیں۔',
  upiAnyApp: 'کوئی اور UPI ایپ',
  waiting: 'آپ کی منظوری کا انتظار ہے…',
  transferTitle: 'اس اکاؤنٹ میں {amount} بھیجیں',
  transferText: 'NEFT، RTGS یا IMPS سے ٹھیک یہی رقم بھیجیں۔ رقم پہنچتے ہی یہ پیج اپ ڈیٹ ہوگا۔',
  transferBeneficiary: 'نام',
  transferAccount: 'اکاؤنٹ نمبر',
  transferIfsc: 'IFSC',
  transferAmount: 'درست رقم',
  transferWaiting: 'آپ کے ٹرانسفر کا انتظار ہے…',
  copy: 'کاپی کریں',
  copied: 'کاپی ہو گیا',
  copyWhat: '{what} کاپی کریں',

  pendingTitle: 'آپ کے بینک کا جواب ابھی نہیں آیا ہے',
  pendingText:
    'آپ کے بینک نے ابھی ادائیگی کی تصدیق نہیں کی ہے۔ براہ کرم دوبارہ ادائیگی نہ کریں، یہ پیج خود بخود اپ ڈیٹ ہوگا۔ چاہیں تو اسے بند بھی کر سکتے ہیں۔',
  elsewhereTitle: 'ایک ادائیگی پہلے سے جاری ہے',
  elsewhereText:
    'ہو سکتا ہے یہ کسی دوسرے ٹیب میں شروع ہوئی ہو۔ براہ کرم دوبارہ ادائیگی نہ کریں، یہ پیج خود بخود اپ ڈیٹ ہوگا۔',

  succeededTitle: 'ادائیگی ہو گئی',
  paidElsewhereTitle: 'اس کی ادائیگی پہلے ہی ہو چکی ہے',
  paidElsewhereText: 'آپ کے پیسے دو بار نہیں کٹے ہیں۔',
  receiptAmount: 'رقم',
  receiptTo: 'کسے ادائیگی کی',
  receiptWhen: 'تاریخ',
  receiptMethod: 'ادائیگی کا طریقہ',
  receiptId: 'ادائیگی ID',
  cardEnding: '{brand}، آخری ہندسے {digits}',
  bankEnding: 'بینک اکاؤنٹ، آخری ہندسے {digits}',
  print: 'پرنٹ کریں',

  failedTitle: 'ادائیگی مکمل نہیں ہو سکی',
  failedText:
    'تمام مواقع استعمال ہو چکے ہیں۔ دوبارہ کوشش کرنے کے لیے {merchant} پر جا کر نئے سرے سے شروع کریں۔',
  expiredTitle: 'اس ادائیگی کی میعاد ختم ہو گئی ہے',
  expiredText: 'دوبارہ کوشش کرنے کے لیے {merchant} پر جا کر نئے سرے سے شروع کریں۔',
  canceledTitle: 'یہ ادائیگی منسوخ کر دی گئی',
  canceledText: 'دوبارہ کوشش کرنے کے لیے {merchant} پر جا کر نئے سرے سے شروع کریں۔',
  returningOne: 'آپ کو {count} سیکنڈ میں {merchant} پر واپس لے جایا جائے گا۔',
  returningOther: 'آپ کو {count} سیکنڈ میں {merchant} پر واپس لے جایا جائے گا۔',
  returnNow: '{merchant} پر واپس جائیں',
  stayHere: 'اسی پیج پر رہیں',
  close: 'بند کریں',
  mayClose: 'اب آپ یہ پیج بند کر سکتے ہیں۔',

  connectionLost: 'کنکشن نہیں ہے۔ آپ کی بھری ہوئی معلومات باقی رہیں گی۔ ہم دوبارہ کوشش کر رہے ہیں۔',
  unknownTitle: 'ادائیگی نہیں ملی',
  unknownText:
    'شاید لنک ادھورا ہے۔ اگر آپ ادائیگی کر چکے ہیں تو دوبارہ ادائیگی کرنے سے پہلے دکان سے پوچھ لیں۔',
  busyTitle: 'براہ کرم تھوڑا انتظار کریں',
  busyText:
    'آپ کے نیٹ ورک سے بہت زیادہ کوششیں ہوئی ہیں۔ یہ کوشش نہیں بھیجی گئی۔ ایک منٹ بعد دوبارہ کوشش کریں۔',
  badTitle: 'یہ درخواست درست نہیں تھی',
  badText: 'ادائیگی نہیں بھیجی گئی۔ واپس جا کر دوبارہ کوشش کریں۔',
  outageTitle: 'ادائیگیاں تھوڑی دیر کے لیے رکی ہوئی ہیں',
  outageText:
    'ہو سکتا ہے کہ آپ کی ادائیگی ہو گئی ہو۔ ایک منٹ بعد یہ صفحہ دوبارہ کھولیں، اور دوبارہ ادائیگی کرنے سے پہلے دیکھ لیں۔',
  faultTitle: 'ہماری طرف سے کچھ گڑبڑ ہو گئی',
  faultText:
    'ہو سکتا ہے کہ آپ کی ادائیگی ہو گئی ہو۔ دوبارہ ادائیگی کرنے سے پہلے یہ پیج پھر سے کھول کر دیکھ لیں۔',
}
