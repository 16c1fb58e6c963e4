import type { MessageTexts } from './en.ts'

/** The texts of messages in Urdu. The words are those of the checkout: ادائیگی, رقم and رسید are feminine. */
export const UR_TEXTS: MessageTexts = {
  testMode: 'ٹیسٹ موڈ: اس میں اصلی پیسے نہیں لگتے',
  receiptSubject: '{merchant} کی رسید: {amount}',
  receiptTitle: 'ادائیگی ہو گئی',
  receiptIntro: '{merchant} کو آپ کی {amount} کی ادائیگی مل گئی ہے۔',
  receiptHelp: 'آرڈر کے بارے میں کوئی سوال ہو تو {merchant} سے رابطہ کریں اور ادائیگی ID بتائیں۔',
  amount: 'رقم',
  paidTo: 'کسے ادائیگی کی',
  date: 'تاریخ',
  method: 'ادائیگی کا طریقہ',
  paymentId: 'ادائیگی ID',
  invoice: 'انوائس',
  description: 'تفصیل',
  statement: 'آپ کے اسٹیٹمنٹ پر',
  reference: 'حوالہ',
  validUntil: 'کب تک کارآمد',
  linkSubject: '{merchant} نے {amount} کی ادائیگی مانگی ہے',
  linkTitle: 'ادائیگی کی درخواست',
  linkIntro: '{merchant} نے آپ سے {amount} کی ادائیگی مانگی ہے۔',
  linkPay: '{amount} ادا کریں',
  linkAddress: 'ادائیگی کا صفحہ',
  linkHelp: 'اگر آپ {merchant} کو نہیں جانتے تو ادائیگی نہ کریں اور اس پیغام کو نظر انداز کریں۔',
  linkShort: '{merchant} نے {amount} مانگے ہیں: {description}۔ {date} تک ادا کریں: {url}',
  noticeSubject: '{date} سے {merchant} کے لیے {amount} کٹیں گے',
  noticeTitle: 'آنے والی کٹوتی',
  noticeIntro:
    'آپ کی دی ہوئی اجازت کے مطابق {date} کو یا اس کے بعد 7 دنوں میں {merchant} کے لیے آپ کے اکاؤنٹ سے UPI کے ذریعے {amount} کٹیں گے۔',
  noticeDate: 'کٹوتی کی تاریخ',
  mandateId: 'مینڈیٹ ID',
  noticeHelp:
    'اگر آپ یہ کٹوتی نہیں چاہتے تو {date} سے پہلے اپنی UPI ایپ میں مینڈیٹ روکیں یا منسوخ کریں۔',
  noticeShort:
    '{date} سے {merchant} کے لیے UPI کے ذریعے {amount} کٹیں گے: {description}۔ روکنے کے لیے UPI ایپ میں مینڈیٹ منسوخ کریں۔',
  automatic: 'یہ پیغام خود بخود بھیجا گیا ہے۔ اس کے جواب کوئی نہیں پڑھتا۔',
  card: 'کارڈ',
  cardEnding: '{brand}، آخری ہندسے {digits}',
  bankTransfer: 'بینک ٹرانسفر',
  bankEnding: 'بینک اکاؤنٹ، آخری ہندسے {digits}',
}
