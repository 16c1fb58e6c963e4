import type { Logger } from 'pino'
import { accessWarnings } from './access-settings.ts'
import type { Settings } from './read-settings.ts'
import { secretFileWarnings } from './secret-files.ts'

/**
 * Returns the warnings about valid but risky settings, a sentence each. They do not prevent a
 * start.
 */
export function settingWarnings(settings: Settings): readonly string[] {
  return [...accessWarnings(settings), ...secretFileWarnings(settings.secretFiles)]
}

/** Writes the warnings of `settingWarnings` into the log. */
export function warnOfSettings(settings: Settings, logger: Pick<Logger, 'warn'>): void {
  for (const warning of settingWarnings(settings)) logger.warn(warning)
}
