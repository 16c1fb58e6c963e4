/** A real SMTP server in the test's process, on a separate port. */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { makeAuthority, makeServerIdentity } from '../../src/sandbox/drop-in/certificates.ts'
import { createRandom } from '../../src/server/random.ts'

/** An e-mail that the server has read. */
export type ReceivedMail = {
  readonly from: string
  readonly to: readonly string[]
  /** The headers and the body, as sent. */
  readonly content: string
  readonly isEncrypted: boolean
  readonly user: string | undefined
}

/** The behavior of the server. Undefined: it accepts everything. */
type MailServerPlan = {
  /** `starttls`: the server offers STARTTLS. `tls`: connections are encrypted from the start. `off`: neither. */
  readonly tls?: 'starttls' | 'tls' | 'off'
  readonly login?: { readonly user: string; readonly password: string }
  /** Returns the answer to a recipient, such as 550. Undefined: it is accepted. */
  readonly refuseRecipient?: (address: string) => number | undefined
  /**
   * Called with each mail that was read, before the answer. A number is the code of a refusal; `cut` ends the
   * connection without an answer.
   */
  readonly onMail?: (mail: ReceivedMail) => number | 'cut' | undefined
}

/** A running mail server. */
export type MailServer = {
  readonly port: number
  /** The certificate of the authority that signed the server's. */
  readonly authority: string
  /** The mails that were accepted. */
  readonly accepted: ReceivedMail[]
  /** The mails that were read, even those that were refused or not answered. */
  readonly read: ReceivedMail[]
  readonly close: () => Promise<void>
}

const refusal = (code: number) =>
  Object.assign(new Error(`refused by the test with ${code}`), { responseCode: code })

/** Starts a mail server. The caller closes it. */
export async function startMailServer({
  login,
  onMail,
  refuseRecipient,
  tls = 'starttls',
}: MailServerPlan = {}): Promise<MailServer> {
  const random = createRandom()
  // TLS compares the validity of certificates with the real time.
  const nowMs = Date.now()
  const authority = makeAuthority(random, nowMs)
  const identity = makeServerIdentity(authority, random, nowMs)
  const mails: ReceivedMail[] = []
  const read: ReceivedMail[] = []
  const options: SMTPServerOptions = {
    secure: tls === 'tls',
    key: identity.key.export({ type: 'pkcs8', format: 'pem' }),
    cert: identity.certificate,
    authOptional: login === undefined,
    // A server without TLS that asks for a password, as an attacker would.
    allowInsecureAuth: tls === 'off',
    disabledCommands: [
      ...(tls === 'off' ? ['STARTTLS'] : []),
      ...(login === undefined ? ['AUTH'] : []),
    ],
    disableReverseLookup: true,
    onAuth: ({ password, username }, _session, callback) => {
      const isRight = username === login?.user && password === login?.password
      if (isRight) callback(null, { user: username })
      else callback(refusal(535))
    },
    onRcptTo: ({ address }, _session, callback) => {
      const code = refuseRecipient?.(address)
      callback(code === undefined ? null : refusal(code))
    },
    onData: (stream, session, callback) => {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const { envelope, secure, user } = session
        const mail: ReceivedMail = {
          from: envelope.mailFrom === false ? '' : envelope.mailFrom.address,
          to: envelope.rcptTo.map(({ address }) => address),
          content: Buffer.concat(chunks).toString('utf8'),
          isEncrypted: secure,
          user: typeof user === 'string' ? user : undefined,
        }
        read.push(mail)
        const answer = onMail?.(mail)
        if (answer === 'cut') {
          for (const connection of server.connections) connection._socket.destroy()
          return
        }
        if (answer === undefined) mails.push(mail)
        callback(answer === undefined ? null : refusal(answer))
      })
    },
  }
  const server = new SMTPServer(options)
  // A connection that the test or the client ends early is no fault.
  server.on('error', () => {})
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  const { port } = server.server.address() as AddressInfo
  return {
    port,
    authority: authority.certificate,
    accepted: mails,
    read,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
