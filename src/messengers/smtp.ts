import { Readable } from 'node:stream'
import MailComposer from 'nodemailer/lib/mail-composer'
import SMTPConnection from 'nodemailer/lib/smtp-connection'
import type { MessageOutcome } from '../domain/message.ts'
import { MESSENGER_CALL_MS_MAX } from './guarded-messenger.ts'
import type { Messenger, OutgoingMessage } from './messenger.ts'

/** The mail server and the sender of e-mails. */
export type SmtpOptions = {
  readonly host: string
  readonly port: number
  /**
   * `starttls`: the connection is upgraded before anything else, or ended. `tls`: it is encrypted from the start. `off`:
   * it is not encrypted; a user and a password are refused.
   */
  readonly tls: 'starttls' | 'tls' | 'off'
  /** Undefined: the server needs no password. */
  readonly login?: { readonly user: string; readonly password: string } | undefined
  /** The address of the sender: `receipts@shop.example`. */
  readonly from: string
  /** A certificate authority in PEM, and the name in the server's certificate. */
  readonly tlsOptions?: { readonly ca?: string; readonly servername?: string }
}

/** The longest waits for the connection and for the server's greeting, in milliseconds. */
const CONNECT_MS_MAX = 15_000
/** The longest silence of the server, in milliseconds. The guard's limit comes later, so that the reason is known. */
const SILENCE_MS_MAX = MESSENGER_CALL_MS_MAX - 30_000

/**
 * A single e-mail address that cannot end a command or a header, or add a second recipient. The API
 * has already checked addresses, but this adapter does not rely on that.
 */
const ADDRESS = /^[^\s<>,;:"()[\]\\@\p{Cc}]+@[^\s<>,;:"()\\@\p{Cc}]+$/u

/** Makes the messenger that sends e-mails to a mail server, one connection for each message. */
export function createSmtpMessenger(options: SmtpOptions): Messenger {
  if (options.tls === 'off' && options.login !== undefined) {
    throw new TypeError('a password must not be sent over a connection without TLS')
  }
  return {
    name: `SMTP server ${options.host}:${options.port}`,
    channels: ['email'],
    send: async (message) => {
      if (!ADDRESS.test(message.to))
        return { kind: 'refused', reason: 'not exactly one e-mail address' }
      return transmit(options, message, await compose(options, message))
    },
  }
}

/** Loads nothing from files or URLs. */
function compose({ from }: SmtpOptions, message: OutgoingMessage): Promise<Buffer> {
  const domain = from.slice(from.lastIndexOf('@') + 1)
  const mail = new MailComposer({
    from: { name: withoutControls(message.merchantName), address: from },
    to: { name: '', address: message.to },
    subject: withoutControls(message.subject),
    text: message.text,
    ...(message.html !== undefined && { html: message.html }),
    date: new Date(message.createdAtMs),
    // The same at each attempt: a mail server or program that gets a message twice can recognize
    // it.
    messageId: `<${message.id}.${message.createdAtMs}@${domain}>`,
    headers: {
      'Content-Language': message.language,
      // No vacation notices are sent back (RFC 3834).
      'Auto-Submitted': 'auto-generated',
    },
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return mail.compile().build()
}

function withoutControls(text: string): string {
  return text.replaceAll(/\p{Cc}+/gu, ' ')
}

type Step = (error?: Error | null) => void

async function transmit(
  options: SmtpOptions,
  message: OutgoingMessage,
  content: Buffer,
): Promise<MessageOutcome> {
  const connection = connectionTo(options)
  let hasContentStarted = false
  // The content is read only after the server has accepted the recipient and asked for it.
  const body = new Readable({
    read() {
      hasContentStarted = true
      this.push(content)
      this.push(null)
    },
  })
  const failure = Promise.withResolvers<never>()
  connection.on('error', failure.reject)
  // Without a listener, an error after the end would stop the program.
  failure.promise.catch(() => {})
  const step = (run: (done: Step) => void) =>
    Promise.race([
      failure.promise,
      new Promise<void>((resolve, reject) => {
        run((error) => (error ? reject(error) : resolve()))
      }),
    ])
  try {
    await step((done) => connection.connect(done))
    const { login } = options
    if (login !== undefined) {
      const credentials = { user: login.user, pass: login.password }
      await step((done) => connection.login({ credentials }, done))
    }
    const envelope = { from: options.from, to: [message.to] }
    let response = ''
    await step((done) =>
      connection.send(envelope, body, (error, info) => {
        response = info?.response ?? ''
        done(error)
      }),
    )
    connection.quit()
    return { kind: 'sent', reference: response.slice(0, 200) }
  } catch (error) {
    connection.close()
    return outcomeFrom(error, hasContentStarted)
  }
}

function connectionTo({ host, port, tls, tlsOptions }: SmtpOptions): SMTPConnection {
  return new SMTPConnection({
    host,
    port,
    secure: tls === 'tls',
    requireTLS: tls === 'starttls',
    ignoreTLS: tls === 'off',
    connectionTimeout: CONNECT_MS_MAX,
    greetingTimeout: CONNECT_MS_MAX,
    dnsTimeout: CONNECT_MS_MAX,
    socketTimeout: SILENCE_MS_MAX,
    tls: { minVersion: 'TLSv1.2', ...tlsOptions },
  })
}

function outcomeFrom(error: unknown, hasContentStarted: boolean): MessageOutcome {
  const field = (name: string): unknown => Reflect.get(Object(error), name)
  const reason = reasonOf(error)
  const responseCode = field('responseCode')
  if (typeof responseCode === 'number') {
    // The operator can correct a wrong password or a refused sender, so later tries can succeed. If
    // the server permanently refuses a recipient or a message, the outcome is `refused`.
    const isFinal = responseCode >= 500 && ['RCPT TO', 'DATA'].includes(String(field('command')))
    return isFinal ? { kind: 'refused', reason } : { kind: 'not_sent', reason }
  }
  // The server may have read the whole message, and its answer was lost.
  return hasContentStarted ? { kind: 'unknown', reason } : { kind: 'not_sent', reason }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
