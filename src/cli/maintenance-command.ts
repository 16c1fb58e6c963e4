import type { Command } from 'commander'
import { readFileCommandSettings } from '../server/settings/read-settings.ts'
import { loadFileFor } from '../server/settings/settings-file.ts'
import type { Engine } from '../store/engine/engine.ts'
import type { Environment, Flags } from './arguments.ts'
import { CommandRefused } from './command-refused.ts'
import { requireDataFile, withSettings } from './database-command.ts'
import { EXIT_CODES } from './exit-codes.ts'

/** Commands for the tables of a database read no sealed value, and need no secret key. */
const MAINTENANCE_SETTINGS: ReadonlySet<string> = new Set([
  'config',
  'data',
  'database-url',
  'live',
])

/** Makes a command for the tables of a database, with the flags that name the database. */
export function onTables(parent: Command, name: string): Command {
  return withSettings(parent.command(name), (setting) => MAINTENANCE_SETTINGS.has(setting.name))
}

/**
 * Opens the database of a maintenance command on one connection, without changing its schema, and closes it afterwards.
 * `refusal`: the sentence for an embedded database, if the command needs PostgreSQL. Throws CommandRefused if no database
 * is named, and DatabaseUnusable.
 */
export async function withEngine(
  flags: Flags,
  environment: Environment,
  work: (engine: Engine) => Promise<void>,
  refusal?: string,
): Promise<void> {
  const { database } = readFileCommandSettings(
    flags,
    environment,
    await loadFileFor(flags, environment),
  )
  const unusable =
    database === undefined
      ? 'Name the database with --database-url, or its data file with --data.'
      : database.kind === 'sqlite'
        ? refusal
        : undefined
  if (database === undefined || unusable !== undefined) {
    throw new CommandRefused(unusable ?? '', EXIT_CODES.usage.code)
  }
  requireDataFile({ database, mode: flags.live === true ? 'live' : 'sandbox' })
  const { openEngine } = await import('../server/core.ts')
  const engine = await openEngine({
    database: database.kind === 'postgres' ? { ...database, connectionCountMax: 1 } : database,
  })
  try {
    await work(engine)
  } finally {
    await engine.close()
  }
}
