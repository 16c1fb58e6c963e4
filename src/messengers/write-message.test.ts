import { describe, expect, test } from 'vitest'
import { messageOf } from '../../test/support/stored-rows.ts'
import type { MandateId, PaymentAttemptId } from '../domain/id.ts'
import type { InstrumentFacts } from '../domain/instrument.ts'
import { LANGUAGE_CODES } from '../domain/language.ts'
import type {
  MandateNoticeContent,
  Message,
  PaymentLinkContent,
  ReceiptContent,
} from '../domain/message.ts'
import { EN_TEXTS } from './texts/en.ts'
import { HI_TEXTS } from './texts/hi.ts'
import { UR_TEXTS } from './texts/ur.ts'
import { writeMessage } from './write-message.ts'

const AMOUNT = {
  amount: '129999.90',
  currency: 'INR',
  merchantName: 'Shop Test',
  edition: 'IN',
} as const
const RECEIPT: ReceiptContent = {
  ...AMOUNT,
  kind: 'receipt',
  paymentId: '5000000051033' as PaymentAttemptId,
  paidAtMs: Date.UTC(2026, 10, 22, 6, 30),
  instrument: {
    type: 'card',
    brand: 'visa',
    lastFourDigits: '1111',
    expiryMonth: 9,
    expiryYear: 2028,
    holderName: '',
  },
  description: 'Order 8841',
  invoiceNumber: 'INV-8841',
  statementDescriptor: 'SHOP TEST',
}
const LINK: PaymentLinkContent = {
  ...AMOUNT,
  kind: 'payment_link',
  description: 'Order 8841',
  validUntil: '2026-12-22',
  url: 'https://pay.shop.test/paymentlink/01b3?a=1&b=2',
  reference: 'INV-8841',
}
const NOTICE: MandateNoticeContent = {
  ...AMOUNT,
  kind: 'mandate_notice',
  mandateId: '5000000062001' as MandateId,
  executionOn: '2026-12-05',
  description: 'December',
  invoiceNumber: 'INV-9001',
}
const render = (content: Message['content'], more: Partial<Message> = {}) =>
  writeMessage(messageOf({ content, ...more }))

describe('a receipt', () => {
  test('has the amount, the merchant, the time, the method and the payment id as text', () => {
    const { subject, text } = render(RECEIPT)
    expect(subject).toBe('Receipt from Shop Test: ₹1,29,999.90')
    expect(text).toBe(
      [
        'Payment complete',
        '',
        'Shop Test received your payment of ₹1,29,999.90.',
        '',
        'Amount: ₹1,29,999.90',
        'Paid to: Shop Test',
        'Date: 22 Nov 2026, 12:00 pm IST',
        'Paid with: Visa ending 1111',
        'Payment ID: 5000000051033',
        'Description: Order 8841',
        'Invoice: INV-8841',
        'On your statement: SHOP TEST',
        '',
        'For questions about your order, contact Shop Test and mention the payment ID.',
        'This message was sent automatically. Nobody reads replies to it.',
        '',
      ].join('\n'),
    )
  })

  test('shows the time of a US account in UTC', () => {
    const content = { ...RECEIPT, edition: 'US', currency: 'USD' } as const
    expect(render(content).text).toContain('Date: Nov 22, 2026, 6:30 AM UTC')
    expect(render(content).subject).toContain('$129,999.90')
  })

  test.each<[expected: string, instrument: InstrumentFacts]>([
    ['UPI', { type: 'upi', channel: 'collect', upiId: 'asha@bank' }],
    ['State Bank', { type: 'netbanking', bankName: 'State Bank' }],
    ['Purse', { type: 'wallet', walletName: 'Purse' }],
    ['Bank transfer', { type: 'bank_transfer', virtualAccountNumber: '123456789' }],
    [
      'Bank account ending 6789',
      {
        type: 'ach_debit',
        accountHolderName: 'Asha Rao',
        lastFourDigits: '6789',
        accountType: 'checking',
        routingNumber: '110000000',
      },
    ],
  ])('names the method %s and nothing more of it', (expected, instrument) => {
    const { html, text } = render({ ...RECEIPT, instrument })
    expect(text).toContain(`Paid with: ${expected}\n`)
    for (const secret of ['asha@bank', 'Asha Rao', '110000000', '123456789']) {
      expect(`${text}${html}`).not.toContain(secret)
    }
  })
})

describe('a payment link', () => {
  test('has the amount, the last day and the address', () => {
    const { html, link, text } = render(LINK)
    expect(link).toBe(LINK.url)
    expect(text).toContain('Valid until: 22 Dec 2026\n')
    expect(text).toContain(`Payment page: ${LINK.url}\n`)
    expect(html).toContain('href="https://pay.shop.test/paymentlink/01b3?a=1&amp;b=2"')
  })

  test('is one line by SMS, without HTML', () => {
    const { html, text } = render(LINK, { channel: 'sms' })
    expect(html).toBeUndefined()
    expect(text).toBe(
      `Shop Test requests ₹1,29,999.90: Order 8841. Pay by 22 Dec 2026: ${LINK.url}`,
    )
  })
})

describe('a notice of a debit', () => {
  test('has the amount, the day, the invoice, the mandate and the way to stop it', () => {
    const { link, subject, text } = render(NOTICE)
    expect(link).toBeUndefined()
    expect(subject).toBe('Shop Test will debit ₹1,29,999.90 from 5 Dec 2026')
    expect(text).toBe(
      [
        'Upcoming debit',
        '',
        'Shop Test will debit ₹1,29,999.90 from your account by UPI on 5 Dec 2026 or in the 7 days after it, as you allowed.',
        '',
        'Amount: ₹1,29,999.90',
        'Paid to: Shop Test',
        'Debit from: 5 Dec 2026',
        'Description: December',
        'Invoice: INV-9001',
        'Mandate ID: 5000000062001',
        '',
        'If you do not want this debit, pause or cancel the mandate in your UPI app before 5 Dec 2026.',
        'This message was sent automatically. Nobody reads replies to it.',
        '',
      ].join('\n'),
    )
  })

  test.each(['sms', 'upi_app'] as const)('is one line by %s, without HTML', (channel) => {
    const { html, text } = render(NOTICE, { channel })
    expect(html).toBeUndefined()
    expect(text).toBe(
      'Shop Test will debit ₹1,29,999.90 by UPI from 5 Dec 2026: December. To stop it, cancel the mandate in your UPI app.',
    )
  })
})

describe.each(LANGUAGE_CODES)('each message in %s', (language) => {
  test.each([
    ['receipt', RECEIPT],
    ['payment link', LINK],
    ['notice of a debit', NOTICE],
  ])('replaces every placeholder of a %s and loads nothing from elsewhere', (_kind, content) => {
    const { html = '', subject, text } = render(content, { language })
    for (const one of [subject, text, html]) expect(one).not.toMatch(/\{\w+\}/)
    expect(html).toContain(`<html lang="${language}" dir="${language === 'ur' ? 'rtl' : 'ltr'}">`)
    expect(html).not.toMatch(/<(?:img|link|script|iframe|object|video)\b|url\(|@import|\bsrc=/i)
    const addresses = [...html.matchAll(/https?:[^"<\s]*/g)].map(([address]) => address)
    const own = LINK.url.replace('&', '&amp;')
    expect(new Set(addresses)).toEqual(new Set(content.kind === 'payment_link' ? [own] : []))
  })

  test('escapes hostile values in HTML and keeps the subject and each fact on one line', () => {
    const hostile = '<img src=x onerror=alert(1)>"\r\nBcc: eve@evil.example\u2028'
    const content = { ...RECEIPT, merchantName: hostile, description: hostile }
    const { html = '', subject, text } = render(content, { language })
    expect(html).not.toContain('<img')
    expect(subject).not.toMatch(/[\r\n\u2028]/)
    expect(text).not.toMatch(/^Bcc:/m)
  })

  test('of a sandbox says that it is test mode, and others do not', () => {
    const notice = { en: EN_TEXTS, hi: HI_TEXTS, ur: UR_TEXTS }[language].testMode
    const keptMessage = render(RECEIPT, { language, status: 'kept' })
    expect(keptMessage.text).toContain(notice)
    expect(keptMessage.html).toContain(notice)
    expect(render(LINK, { language, status: 'kept', channel: 'sms' }).text).toContain(notice)
    expect(render(RECEIPT, { language }).html).not.toContain(notice)
  })
})

test('all languages have the same placeholders in each text', () => {
  const marks = (text: string) => (text.match(/\{\w+\}/g) ?? []).toSorted()
  for (const key of Object.keys(EN_TEXTS) as (keyof typeof EN_TEXTS)[]) {
    for (const texts of [HI_TEXTS, UR_TEXTS])
      expect(marks(texts[key])).toEqual(marks(EN_TEXTS[key]))
  }
})

test('an address in an SMS ends the text and has no invisible character beside it', () => {
  for (const language of LANGUAGE_CODES) {
    const { text } = render(LINK, { channel: 'sms', language })
    expect(text.split(' ').at(-1)).toBe(LINK.url)
  }
})

test('in Urdu, an amount is isolated from the direction of the sentence', () => {
  expect(render(RECEIPT, { language: 'ur' }).text).toContain('\u2068₹1,29,999.90\u2069')
})
