import { join } from 'node:path'
import type { Logger } from 'pino'
import type { Impersonator } from '../sandbox/drop-in/impersonate.ts'
import { systemClock } from './clock.ts'
import type { ServerHandlers } from './http-server.ts'
import { keepPrivate } from './private-files.ts'
import { createRandom } from './random.ts'
import type { ServerCore } from './server-core.ts'

/** Answers under the real host names, if the settings ask for it. Throws ImpersonationRefused. */
export async function openDropIn(
  { logger, settings }: Pick<ServerCore, 'logger' | 'settings'>,
  handlers: ServerHandlers,
): Promise<Impersonator | undefined> {
  const { host, impersonation } = settings
  if (impersonation === undefined) return undefined
  // Loaded only here: most sandboxes make no certificates.
  const { impersonate } = await import('../sandbox/drop-in/impersonate.ts')
  await keepAuthorityPrivate(impersonation.caFolder, settings.fixesPermissions, logger)
  // Certificates need the machine's time and true randomness, even if the sandbox has its own clock and seed.
  return impersonate(handlers, { ...impersonation, host }, createRandom(), systemClock.nowMs())
}

async function keepAuthorityPrivate(
  caFolder: string,
  fixesPermissions: boolean,
  logger: Logger,
): Promise<void> {
  const { AUTHORITY_FILE, authorityFolder } = await import(
    '../sandbox/drop-in/certificate-authority.ts'
  )
  const folder = authorityFolder(caFolder)
  // Permissions are fixed first, because the authority refuses a key that other users may read.
  const paths = fixesPermissions ? [folder, join(folder, AUTHORITY_FILE)] : [folder]
  keepPrivate(paths, fixesPermissions, logger)
}
