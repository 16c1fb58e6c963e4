import { CARD_BRAND_NAMES } from '../domain/card-brand.ts'
import type { InstrumentFacts } from '../domain/instrument.ts'
import { DIRECTIONS, type Language, localeOf } from '../domain/language.ts'
import type {
  MandateNoticeContent,
  Message,
  MessageContent,
  PaymentLinkContent,
  ReceiptContent,
} from '../domain/message.ts'
import { readAmount } from '../domain/money.ts'
import type { Edition } from '../domain/payment-method.ts'
import { showMoney } from '../domain/show-money.ts'
import { Html, html } from '../pages/html.ts'
import { EN_TEXTS, type MessageTexts } from './texts/en.ts'
import { HI_TEXTS } from './texts/hi.ts'
import { UR_TEXTS } from './texts/ur.ts'

/** A message as the customer receives it. */
export type WrittenMessage = {
  /** One line without control characters. */
  readonly subject: string
  readonly text: string
  /** A whole document, for e-mails only. It loads nothing from anywhere. */
  readonly html?: string
  readonly link?: string
}

const TEXTS: Readonly<Record<Language, MessageTexts>> = {
  en: EN_TEXTS,
  hi: HI_TEXTS,
  ur: UR_TEXTS,
}

const SUBJECT_LENGTH_MAX = 150

/** Writes a message in its language: the subject, the text, and for an e-mail also HTML. */
export function writeMessage({
  channel,
  content,
  language,
  status,
}: Pick<Message, 'channel' | 'content' | 'language' | 'status'>): WrittenMessage {
  // Only a sandbox keeps messages.
  const page = pageOf(content, language, status === 'kept')
  const link = page.action?.url
  const linkPart = link === undefined ? {} : { link }
  const subject = [...oneLine(page.subject)].slice(0, SUBJECT_LENGTH_MAX).join('')
  if (channel !== 'email') return { subject, text: shortText(page), ...linkPart }
  return {
    subject,
    text: plainText(page, language),
    html: document(page, language).text,
    ...linkPart,
  }
}

type MessagePage = {
  readonly subject: string
  readonly title: string
  /** In a sandbox: the text about test mode. */
  readonly notice: string | undefined
  readonly intro: string
  readonly facts: readonly (readonly [name: string, value: string])[]
  readonly action:
    | { readonly label: string; readonly name: string; readonly url: string }
    | undefined
  readonly help: string
  readonly automatic: string
  /** The whole message in one line, for an SMS or a UPI app. */
  readonly short: string
}

function pageOf(content: MessageContent, language: Language, isTest: boolean): MessagePage {
  const texts = TEXTS[language]
  const write = (key: keyof MessageTexts, values: Readonly<Record<string, string>> = {}) =>
    texts[key].replaceAll(/\{(\w+)\}/g, (mark, name) => {
      const value = values[name]
      if (value === undefined) return mark
      // Programs that detect URLs in text would include the closing character.
      return name === 'url' ? value : isolate(oneLine(value), language)
    })
  const notice = isTest ? write('testMode') : undefined
  const common = { notice, automatic: write('automatic') }
  return { ...common, ...partsOf(content, language, write) }
}

function partsOf(content: MessageContent, language: Language, write: Write): PageParts {
  switch (content.kind) {
    case 'receipt':
      return receiptPage(content, language, write)
    case 'payment_link':
      return linkPage(content, language, write)
    case 'mandate_notice':
      return noticePage(content, language, write)
  }
}

type Write = (key: keyof MessageTexts, values?: Readonly<Record<string, string>>) => string
type PageParts = Omit<MessagePage, 'notice' | 'automatic'>

function receiptPage(content: ReceiptContent, language: Language, write: Write): PageParts {
  const { edition, merchantName: merchant } = content
  const amount = amountText(content)
  const facts: MessagePage['facts'] = [
    [write('amount'), amount],
    [write('paidTo'), merchant],
    [write('date'), timeText(content.paidAtMs, language, edition)],
    [write('method'), methodText(content.instrument, write)],
    [write('paymentId'), content.paymentId],
    ...optionalFact(write('description'), content.description),
    ...optionalFact(write('invoice'), content.invoiceNumber),
    ...optionalFact(write('statement'), content.statementDescriptor),
  ]
  const intro = write('receiptIntro', { merchant, amount })
  return {
    subject: write('receiptSubject', { merchant, amount }),
    title: write('receiptTitle'),
    intro,
    facts,
    action: undefined,
    help: write('receiptHelp', { merchant }),
    short: `${intro} ${write('paymentId')}: ${content.paymentId}`,
  }
}

function linkPage(content: PaymentLinkContent, language: Language, write: Write): PageParts {
  const { description, merchantName: merchant, url } = content
  const amount = amountText(content)
  const date = dayText(content.validUntil, language, content.edition)
  return {
    subject: write('linkSubject', { merchant, amount }),
    title: write('linkTitle'),
    intro: write('linkIntro', { merchant, amount }),
    facts: [
      [write('amount'), amount],
      [write('paidTo'), merchant],
      [write('description'), description],
      ...optionalFact(write('reference'), content.reference),
      [write('validUntil'), date],
    ],
    action: { label: write('linkPay', { amount }), name: write('linkAddress'), url },
    help: write('linkHelp', { merchant }),
    short: write('linkShort', { merchant, amount, description, date, url }),
  }
}

function noticePage(content: MandateNoticeContent, language: Language, write: Write): PageParts {
  const { description, invoiceNumber, mandateId, merchantName: merchant } = content
  const amount = amountText(content)
  const date = dayText(content.executionOn, language, content.edition)
  return {
    subject: write('noticeSubject', { merchant, amount, date }),
    title: write('noticeTitle'),
    intro: write('noticeIntro', { merchant, amount, date }),
    facts: [
      [write('amount'), amount],
      [write('paidTo'), merchant],
      [write('noticeDate'), date],
      [write('description'), description],
      [write('invoice'), invoiceNumber],
      [write('mandateId'), mandateId],
    ],
    action: undefined,
    help: write('noticeHelp', { date }),
    short: write('noticeShort', { merchant, amount, date, description }),
  }
}

function optionalFact(name: string, value: string | undefined): MessagePage['facts'] {
  return value === undefined ? [] : [[name, value]]
}

/** Replaces line ends and other control characters, so that a value never begins a further line or header. */
function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim()
}

/**
 * Encloses a value in Unicode's FSI and PDI in a language that runs from right to left, so that an amount or a Latin
 * name is not reordered.
 */
function isolate(value: string, language: Language): string {
  return DIRECTIONS[language] === 'rtl' ? `\u2068${value}\u2069` : value
}

function amountText({ amount, currency }: MessageContent): string {
  const money = readAmount(amount, currency)
  return 'refused' in money ? `${currency} ${amount}` : showMoney(money)
}

/** The time zone of an account's dates, with the name that messages show. */
const TIME_ZONES: Readonly<Record<Edition, readonly [zone: string, name: string]>> = {
  IN: ['Asia/Kolkata', 'IST'],
  US: ['UTC', 'UTC'],
}

function timeText(atMs: number, language: Language, edition: Edition): string {
  const [timeZone, name] = TIME_ZONES[edition]
  const format = new Intl.DateTimeFormat(localeOf(language, edition), {
    dateStyle: 'medium',
    timeStyle: 'short',
    timeZone,
  })
  return `${format.format(atMs)} ${name}`
}

/** Writes a calendar day, `2026-12-22`, in the language's form. */
function dayText(day: string, language: Language, edition: Edition): string {
  const format = new Intl.DateTimeFormat(localeOf(language, edition), {
    dateStyle: 'medium',
    timeZone: 'UTC',
  })
  return format.format(Date.parse(`${day}T00:00:00Z`))
}

function methodText(instrument: InstrumentFacts, write: Write): string {
  switch (instrument.type) {
    case 'card': {
      const brand = CARD_BRAND_NAMES[instrument.brand] ?? write('card')
      return write('cardEnding', { brand, digits: instrument.lastFourDigits })
    }
    case 'upi':
      return 'UPI'
    case 'netbanking':
      return instrument.bankName
    case 'wallet':
      return instrument.walletName
    case 'bank_transfer':
      return write('bankTransfer')
    case 'ach_debit':
      return write('bankEnding', { digits: instrument.lastFourDigits })
    case 'terminal':
      return write('card')
  }
}

function shortText({ notice, short }: MessagePage): string {
  return notice === undefined ? short : `${notice}. ${short}`
}

function plainText(
  { action, automatic, facts, help, intro, notice, title }: MessagePage,
  language: Language,
): string {
  const address = action === undefined ? [] : [`${action.name}: ${action.url}`, '']
  const lines = [
    ...(notice === undefined ? [] : [notice, '']),
    title,
    '',
    intro,
    '',
    ...facts.map(([name, value]) => `${name}: ${isolate(oneLine(value), language)}`),
    '',
    ...address,
    help,
    automatic,
  ]
  return `${lines.join('\n')}\n`
}

/** Mail programs keep a style element, but load no files. Colors follow the reader's theme. */
const STYLE = new Html(`
body { margin: 0; padding: 24px; background: #f4f5f7; color: #16181d;
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
main { max-width: 520px; margin: 0 auto; padding: 24px; background: #fff; border-radius: 12px; }
h1 { margin: 0 0 8px; font-size: 22px; }
table { width: 100%; margin: 16px 0; border-collapse: collapse; }
th, td { padding: 8px 0; border-bottom: 1px solid #e3e5ea; font-weight: normal; text-align: start;
  vertical-align: top; overflow-wrap: anywhere; }
th { width: 30%; min-width: 6.5em; padding-inline-end: 12px; color: #565d6b;
  overflow-wrap: break-word; }
a { color: #1a56db; overflow-wrap: anywhere; }
a.pay { display: inline-block; padding: 12px 20px; border-radius: 8px; background: #1a56db; color: #fff;
  text-decoration: none; }
.notice { margin: 0 0 16px; padding: 8px 12px; border-radius: 8px; background: #fff4d6; color: #5c4300; }
.soft { margin: 8px 0 0; color: #565d6b; font-size: 14px; }
@media (max-width: 480px) {
  body { padding: 0; background: #fff; }
  main { padding: 16px; border-radius: 0; }
}
@media (prefers-color-scheme: dark) {
  body { background: #121418; color: #e8eaee; }
  main { background: #1c1f25; }
  th, .soft { color: #a9b0bd; }
  th, td { border-color: #31353e; }
  a { color: #8ab4ff; }
  a.pay { background: #8ab4ff; color: #10131a; }
}`)

function document(page: MessagePage, language: Language): Html {
  const { action, automatic, facts, help, intro, notice, subject, title } = page
  const rows = facts.map(
    ([
      name,
      value,
    ]) => html`<tr><th scope="row">${name}</th><td><bdi>${oneLine(value)}</bdi></td></tr>
`,
  )
  return html`<!doctype html>
<html lang="${language}" dir="${DIRECTIONS[language]}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${subject}</title>
<style>${STYLE}
</style>
</head>
<body>
<main>
${notice === undefined ? undefined : html`<p class="notice">${notice}</p>`}
<h1>${title}</h1>
<p>${intro}</p>
<table>
${rows}</table>
${
  action &&
  html`<p><a class="pay" href="${action.url}" target="_blank" rel="noopener">${action.label}</a></p>
<p class="soft">${action.name}: <a href="${action.url}" target="_blank" rel="noopener"><bdi dir="ltr">${action.url}</bdi></a></p>`
}
<p class="soft">${help}</p>
<p class="soft">${automatic}</p>
</main>
</body>
</html>
`
}
