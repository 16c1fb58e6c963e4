/** The texts of the console's pages without script in Hindi. The words are those of the checkout and of the console's script. */
export const HINDI_PAGES = {
  Language: 'भाषा',
  'Payments console': 'पेमेंट कंसोल',
  'The console needs JavaScript. Enable it for this page.':
    'कंसोल के लिए JavaScript ज़रूरी है। इस पेज के लिए इसे चालू करें।',
  'Temporarily unavailable': 'थोड़ी देर के लिए उपलब्ध नहीं',
  'The console cannot reach its database. Reload this page in a minute.':
    'कंसोल अपने डेटाबेस से जुड़ नहीं पा रहा है। एक मिनट बाद यह पेज फिर से लोड करें।',
  'Sign in': 'साइन इन करें',
  'Sign in#noun': 'साइन इन',
  'Sign in with {provider}': '{provider} से साइन इन करें',
  'Or with a password:': 'या पासवर्ड से:',
  'E-mail address': 'ईमेल पता',
  Password: 'पासवर्ड',
  Code: 'कोड',
  'From your authenticator app, or a recovery code': 'आपके ऑथेंटिकेटर ऐप से, या कोई रिकवरी कोड',
  'Sign in with a passkey': 'पासकी से साइन इन करें',
  'No access, or a lost phone? An administrator can send you a new invitation.':
    'एक्सेस नहीं है, या फ़ोन खो गया है? कोई एडमिन आपको नया निमंत्रण भेज सकता है।',
  'The e-mail address, the password or the code is wrong. Each code works once.':
    'ईमेल पता, पासवर्ड या कोड गलत है। हर कोड सिर्फ़ एक बार काम करता है।',
  'Too many wrong tries. Wait 15 minutes to one hour, or use a browser in which you have signed in before.':
    'बहुत बार गलत कोशिश हुई है। 15 मिनट से एक घंटे तक इंतज़ार करें, या वह ब्राउज़र इस्तेमाल करें जिसमें आप पहले साइन इन कर चुके हैं।',
  'Too many people are signing in. Try again in a few seconds.':
    'इस समय बहुत सारे लोग साइन इन कर रहे हैं। कुछ सेकंड बाद फिर से कोशिश करें।',
  'The request did not come from this page. Try again here.':
    'यह फ़ॉर्म इस पेज से नहीं भेजा गया था। यहां फिर से कोशिश करें।',
  'This passkey gives no access to the console. Try another passkey, or sign in with a password.':
    'इस पासकी से कंसोल नहीं खुलता। कोई दूसरी पासकी आज़माएं, या पासवर्ड से साइन इन करें।',
  'This sign-in has expired, or it started in another browser. Start again here.':
    'यह साइन इन एक्सपायर हो चुका है, या किसी दूसरे ब्राउज़र में शुरू हुआ था। यहां फिर से शुरू करें।',
  'The provider did not confirm this sign-in. Start again here.':
    'प्रोवाइडर ने इस साइन इन की पुष्टि नहीं की। यहां फिर से शुरू करें।',
  'The provider does not answer. Try again in a minute, or sign in with a password if you have one.':
    'प्रोवाइडर जवाब नहीं दे रहा है। एक मिनट बाद फिर से कोशिश करें, या पासवर्ड हो तो उससे साइन इन करें।',
  'The provider sent no usable id of your account. Ask an administrator.':
    'प्रोवाइडर ने आपके खाते की कोई काम की ID नहीं भेजी। किसी एडमिन से पूछें।',
  'Your account at the provider has no role in this console. Ask an administrator.':
    'प्रोवाइडर पर आपके खाते की इस कंसोल में कोई भूमिका नहीं है। किसी एडमिन से पूछें।',
  'Your account at the provider gives access to no merchant account of this console. Ask an administrator.':
    'प्रोवाइडर पर आपके खाते से इस कंसोल के किसी मर्चेंट खाते का एक्सेस नहीं मिलता। किसी एडमिन से पूछें।',
  'The provider sent no e-mail address. Ask an administrator.':
    'प्रोवाइडर ने कोई ईमेल पता नहीं भेजा। किसी एडमिन से पूछें।',
  'The provider has not verified your e-mail address. Verify it there, and start again.':
    'प्रोवाइडर ने आपके ईमेल पते की पुष्टि नहीं की है। वहां पुष्टि करें और फिर से शुरू करें।',
  'An operator with your e-mail address and a password exists. Sign in with that password, or ask an administrator to link that operator to your account at the provider.':
    'इस ईमेल पते और पासवर्ड वाला एक ऑपरेटर पहले से है। उस पासवर्ड से साइन इन करें, या किसी एडमिन से कहें कि उस ऑपरेटर को प्रोवाइडर पर आपके खाते से जोड़ दे।',
  'Your access is disabled. Ask an administrator.': 'आपका एक्सेस बंद है। किसी एडमिन से पूछें।',
  'Signed in': 'साइन इन हो गया',
  'You are signed in': 'आप साइन इन हैं',
  'Open the console': 'कंसोल खोलें',
  'This invitation does not exist any more.': 'यह निमंत्रण अब मौजूद नहीं है।',
  'The password must have at least {count} characters.': 'पासवर्ड में कम से कम {count} अक्षर होने चाहिए।',
  'The password must have at most {count} characters.':
    'पासवर्ड में ज़्यादा से ज़्यादा {count} अक्षर हो सकते हैं।',
  'The password is too easy to guess. Do not use only your name, your e-mail address, the word paydesk or a few different characters.':
    'इस पासवर्ड का अंदाज़ा लगाना बहुत आसान है। सिर्फ़ अपना नाम, अपना ईमेल पता, paydesk शब्द या गिने-चुने अक्षर इस्तेमाल न करें।',
  'The passkey was not accepted. Try again, or use another device.':
    'पासकी स्वीकार नहीं हुई। फिर से कोशिश करें, या कोई दूसरा डिवाइस इस्तेमाल करें।',
  'The code is wrong. Scan the QR code on this page with your authenticator app, and type the six digits that the app shows now.':
    'कोड गलत है। इस पेज का QR कोड अपने ऑथेंटिकेटर ऐप से स्कैन करें, और ऐप में अभी दिख रहे छह अंक डालें।',
  'Accept the invitation': 'निमंत्रण स्वीकार करें',
  'Welcome, {name}': '{name}, आपका स्वागत है',
  'Set up your access to the payments console as {email}.':
    'पेमेंट कंसोल के लिए {email} के रूप में अपना एक्सेस सेट करें।',
  'Choose a password': 'पासवर्ड चुनें',
  'At least {count} characters. A password manager can make one.':
    'कम से कम {count} अक्षर। पासवर्ड मैनेजर इसे बना सकता है।',
  'Codes on your phone': 'आपके फ़ोन पर कोड',
  'Scan this with an authenticator app, such as Aegis, Google Authenticator or 1Password.':
    'इसे किसी ऑथेंटिकेटर ऐप से स्कैन करें, जैसे Aegis, Google Authenticator या 1Password।',
  'QR code for an authenticator app': 'ऑथेंटिकेटर ऐप के लिए QR कोड',
  'Or type this key into the app: {key}': 'या ऐप में यह कुंजी डालें: {key}',
  'Code from the app': 'ऐप का कोड',
  'The six digits that the app shows now': 'ऐप में अभी दिख रहे छह अंक',
  'Use a passkey instead': 'इसके बजाय पासकी इस्तेमाल करें',
  'Your recovery codes': 'आपके रिकवरी कोड',
  'Store them in a safe place, such as a password manager. If you lose your phone, type one of them instead of the app’s code. Each works once. They are not shown again.':
    'इन्हें किसी सुरक्षित जगह रखें, जैसे पासवर्ड मैनेजर में। फ़ोन खो जाए तो ऐप के कोड की जगह इनमें से कोई एक डालें। हर कोड एक बार काम करता है। ये दोबारा नहीं दिखाए जाएंगे।',
  'I have stored them: sign in': 'मैंने इन्हें सुरक्षित रख लिया है: साइन इन करें',
  'I have stored them: continue': 'मैंने इन्हें सुरक्षित रख लिया है: आगे बढ़ें',
  'Your passkey is stored': 'आपकी पासकी सेव हो गई',
  'Add a second passkey on another device later: open “Your access” in the console. If you lose your only device, an administrator can send you a new invitation.':
    'बाद में कंसोल के “आपका एक्सेस” पेज पर किसी दूसरे डिवाइस की पासकी भी जोड़ें। अगर आपका इकलौता डिवाइस खो जाए, तो कोई एडमिन आपको नया निमंत्रण भेज सकता है।',
  'This invitation does not work': 'यह निमंत्रण काम नहीं करता',
  'It was already accepted, a newer one replaced it, it is older than a day, or your access was disabled. Ask an administrator for a new one.':
    'इसे स्वीकार किया जा चुका है, इसकी जगह नया भेजा गया है, यह एक दिन से पुराना है, या आपका एक्सेस बंद कर दिया गया है। किसी एडमिन से नया निमंत्रण मांगें।',
  'You are still signed in': 'आप अब भी साइन इन हैं',
  'The request did not come from the console. Open the console, and sign out there.':
    'यह फ़ॉर्म कंसोल से नहीं भेजा गया था। कंसोल खोलें और वहां साइन आउट करें।',
  'Name of the passkey': 'पासकी का नाम',
  Passkey: 'पासकी',
  'The dialog was closed, or took too long. Try again.':
    'डायलॉग बंद कर दिया गया, या बहुत देर लगी। फिर से कोशिश करें।',
  'This device already has one of your passkeys.': 'इस डिवाइस पर आपकी पासकी पहले से है।',
  'Passkeys do not work at this address. Open the console at its public address.':
    'इस पते पर पासकी काम नहीं करती। कंसोल को उसके सार्वजनिक पते पर खोलें।',
  'That did not work. Reload this page, and try again.':
    'यह नहीं हो पाया। यह पेज फिर से लोड करें और दोबारा कोशिश करें।',
  'You signed in more than ten minutes ago. Sign out and in again to change passkeys and recovery codes.':
    'आपको साइन इन किए दस मिनट से ज़्यादा हो गए हैं। पासकी और रिकवरी कोड बदलने के लिए साइन आउट करके फिर से साइन इन करें।',
  'The name must have 1 to {count} characters.': 'नाम में 1 से {count} अक्षर होने चाहिए।',
  'You can have at most {count} passkeys. Remove one first.':
    'आपकी अधिकतम {count} पासकी हो सकती हैं। पहले कोई एक हटाएं।',
  'This passkey is your only way to sign in. Add another one first.':
    'यह पासकी साइन इन करने का आपका इकलौता तरीका है। पहले कोई दूसरी जोड़ें।',
  'You have no password.': 'आपका कोई पासवर्ड नहीं है।',
  'The current password is wrong.': 'मौजूदा पासवर्ड गलत है।',
  'Too many wrong tries. Wait 15 minutes.': 'बहुत बार गलत कोशिश हुई है। 15 मिनट इंतज़ार करें।',
  'The change took too long, or it started in another browser. Try again here.':
    'इसमें बहुत देर लगी, या इसे किसी दूसरे ब्राउज़र में शुरू किया गया था। यहां फिर से कोशिश करें।',
  'Your access': 'आपका एक्सेस',
  '{name}, {email}, role: {role}.': '{name}, {email}, भूमिका: {role}।',
  'Back to the console': 'कंसोल पर वापस जाएं',
  viewer: 'दर्शक',
  support: 'सपोर्ट',
  manager: 'मैनेजर',
  administrator: 'एडमिन',
  Sessions: 'सेशन',
  '{browser}, signed in {start}, last request {last}':
    '{browser}, {start} को साइन इन, आखिरी रिक्वेस्ट {last}',
  'Unknown browser': 'अनजान ब्राउज़र',
  'End the session': 'सेशन खत्म करें',
  'End the session of {browser} from {start}': '{browser} का {start} वाला सेशन खत्म करें',
  'End all other sessions': 'बाकी सभी सेशन खत्म करें',
  'The session has ended.': 'सेशन खत्म हो गया है।',
  'Your other sessions have ended.': 'आपके बाकी सेशन खत्म हो गए हैं।',
  '(this one)': '(यही)',
  'Sign out everywhere': 'सभी जगह से साइन आउट करें',
  Passkeys: 'पासकी',
  'A passkey replaces the password and the code. Your device asks for its PIN, a fingerprint or your face.':
    'पासकी, पासवर्ड और कोड की जगह काम करती है। आपका डिवाइस अपना PIN, फ़िंगरप्रिंट या आपका चेहरा मांगता है।',
  '{name}, added {start}': '{name}, {start} को बनाई गई',
  'not used yet': 'अभी तक इस्तेमाल नहीं हुई',
  'last used {time}': 'आखिरी इस्तेमाल {time}',
  Remove: 'हटाएं',
  'Remove {name}': '{name} को हटाएं',
  'Add a passkey': 'पासकी जोड़ें',
  'Recovery codes': 'रिकवरी कोड',
  'Codes left: {count}. New codes replace them.': 'बचे हुए कोड: {count}। नए कोड इनकी जगह ले लेंगे।',
  'Make new recovery codes': 'नए रिकवरी कोड बनाएं',
  'Current password': 'मौजूदा पासवर्ड',
  'New password': 'नया पासवर्ड',
  'At least {count} characters. Your other sessions end.':
    'कम से कम {count} अक्षर। आपके बाकी सेशन खत्म हो जाएंगे।',
  'Change the password': 'पासवर्ड बदलें',
  'Your password has changed, and your other sessions have ended.':
    'आपका पासवर्ड बदल गया है, और आपके बाकी सेशन खत्म हो गए हैं।',
  'The passkey is stored.': 'पासकी सेव हो गई।',
  'The passkey is removed.': 'पासकी हटा दी गई।',
} as const
