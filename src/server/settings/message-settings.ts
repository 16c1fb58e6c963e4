import { isLoopbackHost } from '../../domain/loopback.ts'
import type { SmtpOptions } from '../../messengers/smtp.ts'
import { always, oneOf, type Setting, type SettingReading, text, wholeNumber } from './setting.ts'

/** The messenger of the settings: a module by its path, or a mail server. */
export type MessengerAddress =
  | { readonly kind: 'module'; readonly path: string }
  | { readonly kind: 'smtp'; readonly server: SmtpOptions }

const mailAddress = (value: string): SettingReading<string> =>
  /^[^\s<>,;:"()[\]\\@\p{Cc}]+@[^\s<>,;:"()\\@\p{Cc}]+$/u.test(value) && value.length <= 254
    ? { value }
    : { mustBe: 'one e-mail address such as receipts@example.com' }

const hostName = (value: string): SettingReading<string> =>
  /^[a-z\d.:-]{1,253}$/i.test(value)
    ? { value }
    : { mustBe: 'a host name such as smtp.example.com, without a port' }

/** The settings of messages to customers. */
export const MESSAGE_SETTINGS = {
  messenger: {
    name: 'messenger',
    placeholder: '<module|smtp>',
    read: text,
    description:
      'Live mode only. Sends receipts, payment links and notices of debits to customers: `smtp` for a mail server, or the path of a module whose default export is a messenger. Without this setting, the checkout does not mention a receipt. A sandbox sends nothing and keeps messages in its outbox.',
  } satisfies Setting<string>,
  smtpHost: {
    name: 'smtp-host',
    placeholder: '<host>',
    read: hostName,
    description: 'The mail server.',
  } satisfies Setting<string>,
  smtpPort: {
    name: 'smtp-port',
    placeholder: '<number>',
    read: wholeNumber(1, 65_535),
    defaults: always(587),
    description: 'The port of the mail server; usually 465 with `--smtp-tls tls`.',
  } satisfies Setting<number>,
  smtpTls: {
    name: 'smtp-tls',
    placeholder: '<when>',
    read: oneOf('starttls', 'tls', 'off'),
    defaults: always('starttls'),
    description:
      '`starttls` begins without encryption, encrypts the connection before it sends the password or a message, and fails if the server offers no encryption. `tls` encrypts the connection from the start. `off` is only for a mail server that is on this machine and needs no password.',
  } satisfies Setting<'starttls' | 'tls' | 'off'>,
  smtpUser: {
    name: 'smtp-user',
    placeholder: '<name>',
    read: text,
    description: 'The user at the mail server.',
  } satisfies Setting<string>,
  smtpPassword: {
    name: 'smtp-password',
    placeholder: '<text>',
    read: text,
    description: 'The password at the mail server.',
    isSecret: true,
  } satisfies Setting<string>,
  mailFrom: {
    name: 'mail-from',
    placeholder: '<address>',
    read: mailAddress,
    description:
      'The sender of e-mails. Customers see it with the name of the merchant. Its domain must allow the mail server to send for it (SPF, DKIM).',
  } satisfies Setting<string>,
} as const

type MessageValues = {
  readonly messenger?: string
  readonly smtpHost?: string
  readonly smtpPort?: number
  readonly smtpTls?: 'starttls' | 'tls' | 'off'
  readonly smtpUser?: string
  readonly smtpPassword?: string
  readonly mailFrom?: string
}

/** The settings that only a mail server has, with their flags. */
const SMTP_FLAGS = [
  ['smtpHost', '--smtp-host'],
  ['smtpPort', '--smtp-port'],
  ['smtpTls', '--smtp-tls'],
  ['smtpUser', '--smtp-user'],
  ['smtpPassword', 'PAYDESK_SMTP_PASSWORD'],
  ['mailFrom', '--mail-from'],
] as const

/** Reads the messenger, and adds the problems of its settings. Undefined: none is set, or it has problems. */
export function readMessenger(
  values: MessageValues,
  mode: 'sandbox' | 'live',
  problems: string[],
): MessengerAddress | undefined {
  const { messenger } = values
  if (messenger !== undefined && mode === 'sandbox') {
    problems.push(
      '--messenger works only in live mode, because a sandbox sends no messages: remove it.',
    )
    return undefined
  }
  if (messenger === 'smtp') return readMailServer(values, mode, problems)
  for (const [key, flag] of SMTP_FLAGS) {
    if (values[key] !== undefined)
      problems.push(`${flag} needs --messenger smtp: add it, or remove ${flag}.`)
  }
  return messenger === undefined ? undefined : { kind: 'module', path: messenger }
}

function readMailServer(
  values: MessageValues,
  mode: 'sandbox' | 'live',
  problems: string[],
): MessengerAddress | undefined {
  const { mailFrom: from, smtpHost: host, smtpPassword: password, smtpUser: user } = values
  const tls = values.smtpTls ?? MESSAGE_SETTINGS.smtpTls.defaults[mode]
  const problemCount = problems.length
  if (host === undefined) problems.push('--messenger smtp needs a mail server: set --smtp-host.')
  if (from === undefined) problems.push('--messenger smtp needs a sender: set --mail-from.')
  if ((user === undefined) !== (password === undefined)) {
    problems.push('--smtp-user and PAYDESK_SMTP_PASSWORD belong together: set both, or none.')
  }
  if (tls === 'off' && password !== undefined) {
    problems.push('--smtp-tls off would send the password unencrypted: use starttls or tls.')
  }
  if (tls === 'off' && host !== undefined && !isLoopbackHost(host)) {
    problems.push(
      '--smtp-tls off is only for a mail server on this machine (127.0.0.1, ::1, localhost): use starttls or tls.',
    )
  }
  if (problems.length > problemCount || host === undefined || from === undefined) return undefined
  const port = values.smtpPort ?? MESSAGE_SETTINGS.smtpPort.defaults[mode]
  const login = user !== undefined && password !== undefined ? { user, password } : undefined
  return { kind: 'smtp', server: { host, port, tls, login, from } }
}
