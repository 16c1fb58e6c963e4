import { existsSync } from 'node:fs'
import { type Command, Option } from 'commander'
import { COMMAND_NAME, quote } from '../program/command-name.ts'
import type { Core } from '../server/core.ts'
import type { Settings } from '../server/settings/read-settings.ts'
import { defaultText, environmentName, flagName, type Setting } from '../server/settings/setting.ts'
import { loadSettings } from '../server/settings/settings-file.ts'
import { SETTING_GROUPS } from '../server/settings/settings-table.ts'
import { withoutPassword } from '../server/settings/shown-value.ts'
import type { Environment, Flags } from './arguments.ts'
import { CommandRefused } from './command-refused.ts'
import { EXIT_CODES } from './exit-codes.ts'

/** The settings by which a command finds, opens and reads a database. */
export const DATABASE_SETTINGS: ReadonlySet<string> = new Set([
  'config',
  'data',
  'database-url',
  'fix-permissions',
  'live',
  'secret-key',
  'previous-secret-key',
])

/** Makes a command that works on a database, with the flags that name the database. */
export function onDatabase(parent: Command, name: string): Command {
  return withSettings(parent.command(name), (setting) => DATABASE_SETTINGS.has(setting.name))
}

/** Gives a command the flags of a server's settings. */
export function withSettings(command: Command, isWanted?: (setting: Setting) => boolean): Command {
  const groups = SETTING_GROUPS.map(({ heading, settings }) => ({
    heading,
    settings: Object.values(settings).filter(isWanted ?? (() => true)),
  }))
  for (const { heading, settings } of groups) {
    for (const setting of settings) {
      if (setting.isSecret !== true && setting.isSandboxValue !== true) {
        command.addOption(optionFor(setting, isWanted !== undefined).helpGroup(`${heading}:`))
      }
    }
  }
  const variables = groups.flatMap(({ settings }) => settings.map(environmentName))
  return command.addHelpText(
    'after',
    `\nEnvironment variables of the command. A flag wins over its variable:\n  ${variables.join('\n  ')}`,
  )
}

function optionFor(setting: Setting, isOnDatabase: boolean): Option {
  const { databaseDescription, isRepeatable, placeholder } = setting
  const description = (isOnDatabase ? databaseDescription : undefined) ?? setting.description
  const name = flagName(setting)
  const flag = placeholder === undefined ? name : `${name} ${placeholder}`
  const option = new Option(flag, `${description} Default: ${plainDefault(setting)}.`)
  return isRepeatable === true ? option.argParser(joinValues) : option
}

/** Writes the default of a setting for the help, which shows no backquotes. */
export function plainDefault(setting: Setting): string {
  return defaultText(setting).replaceAll('`', '')
}

/** Joins the values of a repeated flag in the form of its environment variable. */
function joinValues(value: string, before?: string): string {
  return before === undefined ? value : `${before},${value}`
}

/**
 * Writes a command for a tip, which a person can paste: it works on the database that `flags` name. A password is
 * hidden.
 */
export function pastableOnDatabase(words: string, flags: Flags): string {
  const { config, data, databaseUrl, live } = flags
  const value = (flag: string, text: unknown) =>
    typeof text === 'string' ? ` --${flag} ${quote(withoutPassword(text))}` : ''
  return [
    `${COMMAND_NAME} ${words}`,
    value('config', config),
    live === true ? ' --live' : '',
    value('data', data),
    value('database-url', databaseUrl),
  ].join('')
}

/** Reads the settings of a command that works on a database and serves nothing. */
export function settingsFor(flags: Flags, environment: Environment): Promise<Settings> {
  return loadSettings({ ...flags, logLevel: 'warn' }, environment, { processor: false })
}

/**
 * Opens the database for a command that prepares an installation, and closes it afterwards. In live mode the database
 * may be empty. In a sandbox it must exist, because the server of a sandbox creates it. Otherwise a person who forgets
 * --live would turn the empty database of a live installation into the database of a sandbox.
 */
export async function withCore(
  flags: Flags,
  environment: Environment,
  work: (core: Core) => Promise<void>,
): Promise<void> {
  const settings = await settingsFor(flags, environment)
  if (settings.mode === 'sandbox') requireDataFile(settings)
  await workOnCore(settings, settings.mode === 'live', work)
}

async function workOnCore(
  settings: Settings,
  makesInstallation: boolean,
  work: (core: Core) => Promise<void>,
): Promise<void> {
  // Loaded only here: commands that call a server start without a database.
  const { openCore } = await import('../server/core.ts')
  const core = await openCore(settings, { makesInstallation })
  try {
    await work(core)
  } finally {
    await core.store.close()
  }
}

/** Opens the database for a command, and closes it afterwards. A misspelled file name creates no database. */
export async function withExistingCore(
  flags: Flags,
  environment: Environment,
  work: (core: Core) => Promise<void>,
): Promise<void> {
  const settings = await settingsFor(flags, environment)
  requireDataFile(settings)
  await workOnCore(settings, false, work)
}

/** Refuses a data file that does not exist. Throws CommandRefused. */
export function requireDataFile({ database, mode }: Pick<Settings, 'database' | 'mode'>): void {
  if (database.kind !== 'sqlite' || existsSync(database.file)) return
  const next =
    mode === 'live'
      ? `To create it: ${COMMAND_NAME} serve --live`
      : `To create it: ${COMMAND_NAME} serve. For real payments add --live.`
  throw new CommandRefused(
    `There is no data file ${database.file}. If the data is in another file, name it with --data. ${next}`,
    EXIT_CODES.usage.code,
  )
}
