import type { HINDI_PAGES } from './hindi.ts'

/** The texts of the console's pages without script in Urdu. The words are those of the checkout and of the console's script. */
export const URDU_PAGES: Readonly<Record<keyof typeof HINDI_PAGES, string>> = {
  Language: 'زبان',
  'Payments console': 'ادائیگی کنسول',
  'The console needs JavaScript. Enable it for this page.':
    'کنسول کے لیے JavaScript ضروری ہے۔ اس پیج کے لیے اسے چالو کریں۔',
  'Temporarily unavailable': 'تھوڑی دیر کے لیے دستیاب نہیں',
  'The console cannot reach its database. Reload this page in a minute.':
    'کنسول اپنے ڈیٹابیس سے رابطہ نہیں کر پا رہا ہے۔ ایک منٹ بعد یہ پیج دوبارہ لوڈ کریں۔',
  'Sign in': 'سائن ان کریں',
  'Sign in#noun': 'سائن ان',
  'Sign in with {provider}': '{provider} سے سائن ان کریں',
  'Or with a password:': 'یا پاس ورڈ سے:',
  'E-mail address': 'ای میل پتا',
  Password: 'پاس ورڈ',
  Code: 'کوڈ',
  'From your authenticator app, or a recovery code': 'آپ کی آتھنٹیکیٹر ایپ سے، یا کوئی ریکوری کوڈ',
  'Sign in with a passkey': 'پاس کی سے سائن ان کریں',
  'No access, or a lost phone? An administrator can send you a new invitation.':
    'رسائی نہیں ہے، یا فون کھو گیا ہے؟ کوئی ایڈمن آپ کو نیا دعوت نامہ بھیج سکتا ہے۔',
  'The e-mail address, the password or the code is wrong. Each code works once.':
    'ای میل پتا، پاس ورڈ یا کوڈ غلط ہے۔ ہر کوڈ صرف ایک بار کام کرتا ہے۔',
  'Too many wrong tries. Wait 15 minutes to one hour, or use a browser in which you have signed in before.':
    'بہت زیادہ غلط کوششیں ہوئی ہیں۔ 15 منٹ سے ایک گھنٹے تک انتظار کریں، یا وہ براؤزر استعمال کریں جس میں آپ پہلے سائن ان کر چکے ہیں۔',
  'Too many people are signing in. Try again in a few seconds.':
    'اس وقت بہت سے لوگ سائن ان کر رہے ہیں۔ چند سیکنڈ بعد دوبارہ کوشش کریں۔',
  'The request did not come from this page. Try again here.':
    'یہ فارم اس پیج سے نہیں بھیجا گیا تھا۔ یہاں دوبارہ کوشش کریں۔',
  'This passkey gives no access to the console. Try another passkey, or sign in with a password.':
    'اس پاس کی سے کنسول نہیں کھلتا۔ کوئی دوسری پاس کی آزمائیں، یا پاس ورڈ سے سائن ان کریں۔',
  'This sign-in has expired, or it started in another browser. Start again here.':
    'اس سائن ان کی میعاد ختم ہو چکی ہے، یا یہ کسی دوسرے براؤزر میں شروع ہوا تھا۔ یہاں دوبارہ شروع کریں۔',
  'The provider did not confirm this sign-in. Start again here.':
    'فراہم کنندہ نے اس سائن ان کی تصدیق نہیں کی۔ یہاں دوبارہ شروع کریں۔',
  'The provider does not answer. Try again in a minute, or sign in with a password if you have one.':
    'فراہم کنندہ جواب نہیں دے رہا ہے۔ ایک منٹ بعد دوبارہ کوشش کریں، یا پاس ورڈ ہو تو اس سے سائن ان کریں۔',
  'The provider sent no usable id of your account. Ask an administrator.':
    'فراہم کنندہ نے آپ کے اکاؤنٹ کی کوئی قابلِ استعمال ID نہیں بھیجی۔ کسی ایڈمن سے پوچھیں۔',
  'Your account at the provider has no role in this console. Ask an administrator.':
    'فراہم کنندہ کے پاس آپ کے اکاؤنٹ کا اس کنسول میں کوئی کردار نہیں ہے۔ کسی ایڈمن سے پوچھیں۔',
  'Your account at the provider gives access to no merchant account of this console. Ask an administrator.':
    'فراہم کنندہ کے پاس آپ کے اکاؤنٹ سے اس کنسول کے کسی مرچنٹ اکاؤنٹ کی رسائی نہیں ملتی۔ کسی ایڈمن سے پوچھیں۔',
  'The provider sent no e-mail address. Ask an administrator.':
    'فراہم کنندہ نے کوئی ای میل پتا نہیں بھیجا۔ کسی ایڈمن سے پوچھیں۔',
  'The provider has not verified your e-mail address. Verify it there, and start again.':
    'فراہم کنندہ نے آپ کے ای میل پتے کی تصدیق نہیں کی ہے۔ وہاں تصدیق کریں اور دوبارہ شروع کریں۔',
  'An operator with your e-mail address and a password exists. Sign in with that password, or ask an administrator to link that operator to your account at the provider.':
    'اس ای میل پتے اور پاس ورڈ والا ایک آپریٹر پہلے سے ہے۔ اس پاس ورڈ سے سائن ان کریں، یا کسی ایڈمن سے کہیں کہ اس آپریٹر کو فراہم کنندہ کے پاس آپ کے اکاؤنٹ سے جوڑ دے۔',
  'Your access is disabled. Ask an administrator.': 'آپ کی رسائی بند ہے۔ کسی ایڈمن سے پوچھیں۔',
  'Signed in': 'سائن ان ہو گیا',
  'You are signed in': 'آپ سائن ان ہیں',
  'Open the console': 'کنسول کھولیں',
  'This invitation does not exist any more.': 'یہ دعوت نامہ اب موجود نہیں ہے۔',
  'The password must have at least {count} characters.':
    'پاس ورڈ میں کم از کم {count} حروف ہونے چاہئیں۔',
  'The password must have at most {count} characters.':
    'پاس ورڈ میں زیادہ سے زیادہ {count} حروف ہو سکتے ہیں۔',
  'The password is too easy to guess. Do not use only your name, your e-mail address, the word paydesk or a few different characters.':
    'اس پاس ورڈ کا اندازہ لگانا بہت آسان ہے۔ صرف اپنا نام، اپنا ای میل پتا، لفظ paydesk یا گنے چنے حروف استعمال نہ کریں۔',
  'The passkey was not accepted. Try again, or use another device.':
    'پاس کی قبول نہیں ہوئی۔ دوبارہ کوشش کریں، یا کوئی دوسرا ڈیوائس استعمال کریں۔',
  'The code is wrong. Scan the QR code on this page with your authenticator app, and type the six digits that the app shows now.':
    'کوڈ غلط ہے۔ اس پیج کا QR کوڈ اپنی آتھنٹیکیٹر ایپ سے اسکین کریں، اور ایپ میں ابھی نظر آنے والے چھ ہندسے درج کریں۔',
  'Accept the invitation': 'دعوت نامہ قبول کریں',
  'Welcome, {name}': '{name}، خوش آمدید',
  'Set up your access to the payments console as {email}.':
    'ادائیگی کنسول کے لیے {email} کے طور پر اپنی رسائی سیٹ کریں۔',
  'Choose a password': 'پاس ورڈ چنیں',
  'At least {count} characters. A password manager can make one.':
    'کم از کم {count} حروف۔ پاس ورڈ مینیجر اسے بنا سکتا ہے۔',
  'Codes on your phone': 'آپ کے فون پر کوڈ',
  'Scan this with an authenticator app, such as Aegis, Google Authenticator or 1Password.':
    'اسے کسی آتھنٹیکیٹر ایپ سے اسکین کریں، جیسے Aegis، Google Authenticator یا 1Password۔',
  'QR code for an authenticator app': 'آتھنٹیکیٹر ایپ کے لیے QR کوڈ',
  'Or type this key into the app: {key}': 'یا ایپ میں یہ کلید درج کریں: {key}',
  'Code from the app': 'ایپ کا کوڈ',
  'The six digits that the app shows now': 'ایپ میں ابھی نظر آنے والے چھ ہندسے',
  'Use a passkey instead': 'اس کے بجائے پاس کی استعمال کریں',
  'Your recovery codes': 'آپ کے ریکوری کوڈ',
  'Store them in a safe place, such as a password manager. If you lose your phone, type one of them instead of the app’s code. Each works once. They are not shown again.':
    'انہیں کسی محفوظ جگہ رکھیں، جیسے پاس ورڈ مینیجر میں۔ فون کھو جائے تو ایپ کے کوڈ کی جگہ ان میں سے کوئی ایک درج کریں۔ ہر کوڈ ایک بار کام کرتا ہے۔ یہ دوبارہ نہیں دکھائے جائیں گے۔',
  'I have stored them: sign in': 'میں نے انہیں محفوظ کر لیا ہے: سائن ان کریں',
  'I have stored them: continue': 'میں نے انہیں محفوظ کر لیا ہے: آگے بڑھیں',
  'Your passkey is stored': 'آپ کی پاس کی محفوظ ہو گئی',
  'Add a second passkey on another device later: open “Your access” in the console. If you lose your only device, an administrator can send you a new invitation.':
    'بعد میں کنسول کے “آپ کی رسائی” پیج پر کسی دوسرے ڈیوائس کی پاس کی بھی شامل کریں۔ اگر آپ کا واحد ڈیوائس کھو جائے تو کوئی ایڈمن آپ کو نیا دعوت نامہ بھیج سکتا ہے۔',
  'This invitation does not work': 'یہ دعوت نامہ کام نہیں کرتا',
  'It was already accepted, a newer one replaced it, it is older than a day, or your access was disabled. Ask an administrator for a new one.':
    'اسے قبول کیا جا چکا ہے، اس کی جگہ نیا بھیجا گیا ہے، یہ ایک دن سے پرانا ہے، یا آپ کی رسائی بند کر دی گئی ہے۔ کسی ایڈمن سے نیا دعوت نامہ مانگیں۔',
  'You are still signed in': 'آپ اب بھی سائن ان ہیں',
  'The request did not come from the console. Open the console, and sign out there.':
    'یہ فارم کنسول سے نہیں بھیجا گیا تھا۔ کنسول کھولیں اور وہاں سائن آؤٹ کریں۔',
  'Name of the passkey': 'پاس کی کا نام',
  Passkey: 'پاس کی',
  'The dialog was closed, or took too long. Try again.':
    'ڈائیلاگ بند کر دیا گیا، یا بہت دیر لگی۔ دوبارہ کوشش کریں۔',
  'This device already has one of your passkeys.': 'اس ڈیوائس پر آپ کی پاس کی پہلے سے ہے۔',
  'Passkeys do not work at this address. Open the console at its public address.':
    'اس پتے پر پاس کی کام نہیں کرتی۔ کنسول کو اس کے عوامی پتے پر کھولیں۔',
  'That did not work. Reload this page, and try again.':
    'یہ نہیں ہو سکا۔ یہ پیج دوبارہ لوڈ کریں اور پھر کوشش کریں۔',
  'You signed in more than ten minutes ago. Sign out and in again to change passkeys and recovery codes.':
    'آپ کو سائن ان کیے دس منٹ سے زیادہ ہو گئے ہیں۔ پاس کی اور ریکوری کوڈ بدلنے کے لیے سائن آؤٹ کر کے دوبارہ سائن ان کریں۔',
  'The name must have 1 to {count} characters.': 'نام میں 1 سے {count} حروف ہونے چاہئیں۔',
  'You can have at most {count} passkeys. Remove one first.':
    'آپ کی زیادہ سے زیادہ {count} پاس کی ہو سکتی ہیں۔ پہلے کوئی ایک ہٹائیں۔',
  'This passkey is your only way to sign in. Add another one first.':
    'یہ پاس کی سائن ان کرنے کا آپ کا واحد طریقہ ہے۔ پہلے کوئی دوسری شامل کریں۔',
  'You have no password.': 'آپ کا کوئی پاس ورڈ نہیں ہے۔',
  'The current password is wrong.': 'موجودہ پاس ورڈ غلط ہے۔',
  'Too many wrong tries. Wait 15 minutes.': 'بہت زیادہ غلط کوششیں ہوئی ہیں۔ 15 منٹ انتظار کریں۔',
  'The change took too long, or it started in another browser. Try again here.':
    'اس میں بہت دیر لگی، یا اسے کسی دوسرے براؤزر میں شروع کیا گیا تھا۔ یہاں دوبارہ کوشش کریں۔',
  'Your access': 'آپ کی رسائی',
  '{name}, {email}, role: {role}.': '{name}، {email}، کردار: {role}۔',
  'Back to the console': 'کنسول پر واپس جائیں',
  viewer: 'ناظر',
  support: 'سپورٹ',
  manager: 'مینیجر',
  administrator: 'ایڈمن',
  Sessions: 'سیشن',
  '{browser}, signed in {start}, last request {last}':
    '{browser}، {start} کو سائن ان، آخری درخواست {last}',
  'Unknown browser': 'نامعلوم براؤزر',
  'End the session': 'سیشن ختم کریں',
  'End the session of {browser} from {start}': '{browser} کا {start} والا سیشن ختم کریں',
  'End all other sessions': 'باقی تمام سیشن ختم کریں',
  'The session has ended.': 'سیشن ختم ہو گیا ہے۔',
  'Your other sessions have ended.': 'آپ کے باقی سیشن ختم ہو گئے ہیں۔',
  '(this one)': '(یہی)',
  'Sign out everywhere': 'ہر جگہ سے سائن آؤٹ کریں',
  Passkeys: 'پاس کی',
  'A passkey replaces the password and the code. Your device asks for its PIN, a fingerprint or your face.':
    'پاس کی، پاس ورڈ اور کوڈ کی جگہ کام کرتی ہے۔ آپ کا ڈیوائس اپنا PIN، فنگر پرنٹ یا آپ کا چہرہ مانگتا ہے۔',
  '{name}, added {start}': '{name}، {start} کو بنائی گئی',
  'not used yet': 'ابھی تک استعمال نہیں ہوئی',
  'last used {time}': 'آخری استعمال {time}',
  Remove: 'ہٹائیں',
  'Remove {name}': '{name} کو ہٹائیں',
  'Add a passkey': 'پاس کی شامل کریں',
  'Recovery codes': 'ریکوری کوڈ',
  'Codes left: {count}. New codes replace them.': 'باقی کوڈ: {count}۔ نئے کوڈ ان کی جگہ لے لیں گے۔',
  'Make new recovery codes': 'نئے ریکوری کوڈ بنائیں',
  'Current password': 'موجودہ پاس ورڈ',
  'New password': 'نیا پاس ورڈ',
  'At least {count} characters. Your other sessions end.':
    'کم از کم {count} حروف۔ آپ کے باقی سیشن ختم ہو جائیں گے۔',
  'Change the password': 'پاس ورڈ بدلیں',
  'Your password has changed, and your other sessions have ended.':
    'آپ کا پاس ورڈ بدل گیا ہے، اور آپ کے باقی سیشن ختم ہو گئے ہیں۔',
  'The passkey is stored.': 'پاس کی محفوظ ہو گئی۔',
  'The passkey is removed.': 'پاس کی ہٹا دی گئی۔',
}
