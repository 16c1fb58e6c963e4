import type { Command } from 'commander'
import type { Environment, Flags } from './arguments.ts'
import { onDatabase, pastableOnDatabase, settingsFor } from './database-command.ts'
import { jsonOption } from './json-option.ts'
import { print, printJson } from './output.ts'

/** Adds `paydesk migrate`. */
export function addMigrateCommand(program: Command, environment: Environment): void {
  onDatabase(program, 'migrate')
    .description('Update the database schema. `serve` does this, too.')
    .addOption(jsonOption())
    .action(async (flags: Flags) => {
      const settings = await settingsFor(flags, environment)
      const { bringUpToDate, keepDatabasePrivate, openEngine } = await import('../server/core.ts')
      const { createLogger } = await import('../server/logger.ts')
      const { isPlaced } = await import('../store/distribution/placed-tables.ts')
      const engine = await openEngine(settings)
      try {
        const migrations = await bringUpToDate(engine, settings)
        keepDatabasePrivate(settings, createLogger(settings))
        if (flags.json === true) return printJson({ migrations })
        print(
          migrations.length === 0
            ? 'The schema is up to date.'
            : `Migrated: ${migrations.join(', ')}`,
        )
        if (engine.isDistributed && !(await isPlaced(engine.read))) {
          print(
            `All rows of this Citus database are on the coordinator. To distribute them over the workers: ${pastableOnDatabase('database distribute', flags)}`,
          )
        }
      } finally {
        await engine.close()
      }
    })
}
