import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import type { Core } from '../server/core.ts'
import { type Config, readConfig } from '../server/settings/read-settings.ts'
import { environmentName, flagName, type Setting } from '../server/settings/setting.ts'
import { SETTINGS } from '../server/settings/settings-table.ts'
import type { Environment, Flags } from './arguments.ts'
import { CommandRefused } from './command-refused.ts'

/** The settings by which a command finds and opens a database. */
const DATABASE_SETTINGS: ReadonlySet<string> = new Set([
  'data',
  'database-url',
  'fix-permissions',
  'live',
])

/** Makes a command that works on a database, with the flags by which it finds it. */
export function onDatabase(parent: Command, name: string): Command {
  return withSettings(parent.command(name), (setting) => DATABASE_SETTINGS.has(setting.name))
}

/** Gives a command the flags of the settings that are wanted. */
export function withSettings(
  command: Command,
  isWanted: (setting: Setting) => boolean = () => true,
): Command {
  const wanted = (Object.values(SETTINGS) as readonly Setting[]).filter(isWanted)
  for (const setting of wanted) {
    const { placeholder, description, defaultText, isSecret, isSandboxValue, isRepeatable } =
      setting
    if (isSecret === true || isSandboxValue === true) continue
    const name = flagName(setting)
    const flag = placeholder === undefined ? name : `${name} ${placeholder}`
    const text = `${description} Default: ${defaultText.replaceAll('`', '')}.`
    if (isRepeatable === true) command.option(flag, text, joinValues)
    else command.option(flag, text)
  }
  const variables = wanted.map(environmentName)
  return command.addHelpText(
    'after',
    `\nEach of these has an environment variable too; flags win:\n  ${variables.join('\n  ')}`,
  )
}

/** Joins the values of a flag that was given several times, as its environment variable has them. */
function joinValues(value: string, before?: string): string {
  return before === undefined ? value : `${before},${value}`
}

/** The configuration of a command that works on a database and serves nothing. */
export function configFor(flags: Flags, environment: Environment): Config {
  return readConfig({ ...flags, logLevel: 'warn' }, environment, { processor: false })
}

/** Opens the database for a command, and closes it after. */
export async function withCore(
  flags: Flags,
  environment: Environment,
  work: (core: Core) => Promise<void>,
): Promise<void> {
  const config = configFor(flags, environment)
  // Loaded only here: commands that call a server start without a database.
  const { openCore } = await import('../server/core.ts')
  const core = await openCore(config)
  try {
    await work(core)
  } finally {
    await core.store.close()
  }
}

/** For commands that only look: a misspelt file should not become a database. */
export async function withExistingCore(
  flags: Flags,
  environment: Environment,
  work: (core: Core) => Promise<void>,
): Promise<void> {
  const { database } = configFor(flags, environment)
  if (database.kind === 'sqlite' && !existsSync(database.file)) {
    throw new CommandRefused(
      `There is no data file ${database.file}. Name one with --data, or make one: paydesk serve`,
    )
  }
  await withCore(flags, environment, work)
}
