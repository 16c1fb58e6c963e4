import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { type MailServer, startMailServer } from '../../test/support/mail-server.ts'
import type { MessageId } from '../domain/id.ts'
import type { OutgoingMessage } from './messenger.ts'
import { createSmtpMessenger, type SmtpOptions } from './smtp.ts'
import { messengerSuite } from './suite.ts'

const LOGIN = { user: 'paydesk', password: 'correct horse' }
const MESSAGE: OutgoingMessage = {
  id: '5000000051033' as MessageId,
  kind: 'receipt',
  channel: 'email',
  to: 'asha@shop.example',
  language: 'hi',
  merchantName: 'दुकान "Test", Ltd.',
  subject: 'दुकान की रसीद: ₹100.50',
  text: 'पेमेंट हो गया\n.\nEnd\n',
  html: '<p>पेमेंट हो गया</p>',
  createdAtMs: Date.UTC(2026, 10, 22, 6, 30),
}

let server: MailServer | undefined
afterEach(() => server?.close())

async function serve(plan: Parameters<typeof startMailServer>[0] = {}): Promise<MailServer> {
  server = await startMailServer(plan)
  return server
}

const messengerFor = ({ authority, port }: MailServer, more: Partial<SmtpOptions> = {}) =>
  createSmtpMessenger({
    host: '127.0.0.1',
    port,
    tls: 'starttls',
    from: 'receipts@shop.example',
    tlsOptions: { ca: authority },
    ...more,
  })

function partOf(content: string, type: string): string {
  const [, part = ''] = content.split(`Content-Type: ${type}; charset=utf-8`)
  const [, encoding = ''] = /Content-Transfer-Encoding: ([\w-]+)/.exec(part) ?? []
  const [, body = ''] = /\r\n\r\n([\s\S]*?)\r\n-{4}/.exec(part) ?? []
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString('utf8')
  const bytes = body
    .replaceAll('=\r\n', '')
    .replaceAll(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString('utf8')
}

describe('the SMTP messenger', () => {
  test.each(['starttls', 'tls'] as const)(
    'sends an e-mail with text and HTML over %s, after a login',
    async (tls) => {
      const mails = await serve({ tls, login: LOGIN })
      const outcome = await messengerFor(mails, { tls, login: LOGIN }).send(MESSAGE)
      expect(outcome).toMatchObject({ kind: 'sent', reference: expect.stringMatching(/^250/) })
      const [mail] = mails.accepted
      expect(mail).toMatchObject({
        from: 'receipts@shop.example',
        to: ['asha@shop.example'],
        isEncrypted: true,
        user: 'paydesk',
      })
      const content = mail?.content ?? ''
      expect(partOf(content, 'text/plain').replaceAll('\r\n', '\n')).toBe(MESSAGE.text)
      expect(partOf(content, 'text/html').trim()).toBe(MESSAGE.html)
      expect(content).toContain('Auto-Submitted: auto-generated\r\n')
      expect(content).toContain('Date: Sun, 22 Nov 2026 06:30:00 +0000\r\n')
    },
  )

  test('gives a message the same Message-ID at each try', async () => {
    const mails = await serve()
    await messengerFor(mails).send(MESSAGE)
    await messengerFor(mails).send(MESSAGE)
    const ids = mails.accepted.map(({ content }) => /^Message-ID: (.*)$/m.exec(content)?.[1])
    expect(ids).toEqual([ids[0], ids[0]])
    expect(ids[0]).toMatch(/^<5000000051033\.\d+@shop\.example>\r?$/)
  })

  test.each<[what: string, more: Partial<OutgoingMessage>]>([
    ['the subject', { subject: 'Receipt\r\nBcc: eve@evil.example\r\n\r\nBody' }],
    ['the merchant’s name', { merchantName: 'Shop\r\nBcc: eve@evil.example' }],
    ['the merchant’s name as an address', { merchantName: 'x" <eve@evil.example>, "y' }],
    ['the text', { text: 'a\r\n.\r\nRCPT TO:<eve@evil.example>\r\n' }],
  ])('adds no header and no recipient for a hostile value in %s', async (_what, more) => {
    const mails = await serve()
    expect(await messengerFor(mails).send({ ...MESSAGE, ...more })).toMatchObject({ kind: 'sent' })
    expect(mails.accepted).toHaveLength(1)
    expect(mails.accepted[0]?.to).toEqual(['asha@shop.example'])
    const [headers = ''] = mails.accepted[0]?.content.split('\r\n\r\n') ?? []
    expect(headers).not.toMatch(/^Bcc:/im)
    expect(headers).toMatch(/^From: .*(?:\r\n .*)* <receipts@shop\.example>\r?$/m)
  })

  test.each([
    'asha@shop.example\r\nRCPT TO:<eve@evil.example>',
    'asha@shop.example, eve@evil.example',
    'Asha <asha@shop.example>',
    'group: asha@shop.example;',
    'asha',
    '@shop.example',
    'a b@shop.example',
    '',
  ])('refuses %j as a recipient without a connection', async (to) => {
    const mails = await serve()
    expect(await messengerFor(mails).send({ ...MESSAGE, to })).toMatchObject({ kind: 'refused' })
    expect(mails.read).toEqual([])
  })

  test('never sends a password without TLS, even if the server does not offer TLS but asks for a password', async () => {
    const mails = await serve({ tls: 'off', login: LOGIN })
    expect(() => messengerFor(mails, { tls: 'off', login: LOGIN })).toThrow('without TLS')
    // The server does not offer STARTTLS, or an attacker has removed the offer.
    const outcome = await messengerFor(mails, { login: LOGIN }).send(MESSAGE)
    expect(outcome).toMatchObject({ kind: 'not_sent' })
    expect(mails.read).toEqual([])
  })

  test('does not trust a certificate of an unknown authority, or of another host', async () => {
    const mails = await serve({ login: LOGIN })
    for (const more of [
      { tlsOptions: {} },
      { tlsOptions: { ca: mails.authority, servername: 'mail.shop.example' } },
    ]) {
      const outcome = await messengerFor(mails, { login: LOGIN, ...more }).send(MESSAGE)
      expect(outcome).toMatchObject({ kind: 'not_sent' })
    }
    expect(mails.read).toEqual([])
  })

  test.each<[what: string, plan: Parameters<typeof startMailServer>[0], kind: string]>([
    ['a mailbox that does not exist', { refuseRecipient: () => 550 }, 'refused'],
    ['a mailbox that is busy', { refuseRecipient: () => 450 }, 'not_sent'],
    ['a message that is refused after its content', { onMail: () => 554 }, 'refused'],
    ['a message that is refused for now after its content', { onMail: () => 451 }, 'not_sent'],
    ['a connection that ends after the content', { onMail: () => 'cut' }, 'unknown'],
    ['a wrong password', { login: { user: 'paydesk', password: 'other' } }, 'not_sent'],
  ])('reports the outcome of %s', async (_what, plan, kind) => {
    const mails = await serve(plan)
    const outcome = await messengerFor(mails, {
      login: plan?.login === undefined ? undefined : LOGIN,
    }).send(MESSAGE)
    expect(outcome).toMatchObject({ kind, reason: expect.any(String) })
    expect(JSON.stringify(outcome)).not.toContain(LOGIN.password)
    expect(mails.accepted).toEqual([])
  })

  test('returns not_sent if the server cannot be reached', async () => {
    const mails = await serve()
    const messenger = messengerFor(mails)
    await mails.close()
    server = undefined
    expect(await messenger.send(MESSAGE)).toMatchObject({ kind: 'not_sent' })
  })
})

describe('the published suite', () => {
  let mails: MailServer
  let isCut = false
  const refuseRecipient = (address: string) => (address.startsWith('nobody@') ? 550 : undefined)
  afterAll(() => mails.close())
  messengerSuite(
    'SMTP',
    async () => {
      mails = await startMailServer({ refuseRecipient, onMail: () => (isCut ? 'cut' : undefined) })
      return {
        messenger: messengerFor(mails),
        addresses: { email: 'asha@shop.example' },
        refusedAddress: { channel: 'email', address: 'nobody@shop.example' },
        withoutConnection: async (run) => {
          isCut = true
          const result = await run()
          isCut = false
          return result
        },
      }
    },
    test,
  )
})
