import type { Logger } from 'pino'
import { guardMessenger } from '../messengers/guarded-messenger.ts'
import { isMessenger, type Messenger } from '../messengers/messenger.ts'
import { CannotStart } from './cannot-start.ts'
import { importNamedModule } from './import-named-module.ts'
import type { Settings } from './settings/read-settings.ts'

/** Undefined: no messenger is set. Throws as `loadMessengerModule`. */
export async function loadMessenger({
  messenger,
}: Pick<Settings, 'messenger'>): Promise<Messenger | undefined> {
  if (messenger === undefined) return undefined
  if (messenger.kind === 'module') return loadMessengerModule(messenger.path)
  // Loaded only here, because most servers do not send e-mails.
  const { createSmtpMessenger } = await import('../messengers/smtp.ts')
  return createSmtpMessenger(messenger.server)
}

/** Loads the messenger that is a module's default export. Throws as `importNamedModule`. */
export async function loadMessengerModule(
  path: string,
  source = '--messenger',
): Promise<Messenger> {
  const { default: moduleValue } = await importNamedModule('messenger module', path, source)
  if (!isMessenger(moduleValue)) {
    throw new CannotStart(
      `The messenger module ${path} must have a default export with the members name, channels (one or more of email, sms and upi_app) and send.`,
    )
  }
  return moduleValue
}

/** Makes the guard of a messenger, which logs its faults and keeps them from the program. */
export function guardedMessenger(messenger: Messenger, logger: Logger): Messenger {
  return guardMessenger(messenger, {
    report: ({ id, trouble }) =>
      logger.warn({ message: id, trouble }, 'a message was not sent, or its outcome is unknown'),
  })
}
