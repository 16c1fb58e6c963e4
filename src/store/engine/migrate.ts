import { COMMAND_NAME } from '../../program/command-name.ts'
import { listProgramFiles, readProgramText } from '../../program/program-files.ts'
import { distributedScript } from '../distribution/distributed-script.ts'
import { isPlaced } from '../distribution/placed-tables.ts'
import { TABLE_KINDS } from '../distribution/table-kinds.ts'
import { isDistributionUnfinished } from '../distribution/unfinished.ts'
import { DatabaseUnusable, type Engine, type MaintenanceSql } from './engine.ts'

const SQL_FOLDER = 'sql/'
const MIGRATION_FILE = /^(\d{4})_([a-z_]+)\.sql$/

type Migration = { readonly version: number; readonly name: string; readonly text: string }

/** Reads the migrations of this program, in order. Throws if a number is missing or repeated. */
export function readMigrations(): readonly Migration[] {
  const migrations = listProgramFiles(SQL_FOLDER).flatMap((file) => {
    const match = MIGRATION_FILE.exec(file)
    if (match === null) return []
    const [, version = '', name = ''] = match
    return [{ version: Number(version), name, text: readProgramText(`${SQL_FOLDER}${file}`) }]
  })
  migrations.forEach(({ version }, index) => {
    if (version !== index + 1) throw new Error(`sql/ lacks migration ${index + 1}, or has it twice`)
  })
  return migrations
}

/**
 * Brings the schema up to date and returns the names of the applied migrations.
 *
 * It may run repeatedly, and in several processes at the same time: they take turns, and the later ones find nothing
 * to do. On a distributed database each new table is placed by its kind in `kinds`. Throws DatabaseUnusable, for example for a
 * database of a newer version of the program.
 */
export async function migrate(
  engine: Engine,
  migrations = readMigrations(),
  kinds = TABLE_KINDS,
): Promise<readonly string[]> {
  try {
    return await makeMissing(engine, migrations, kinds)
  } catch (error) {
    throw error instanceof DatabaseUnusable ? error : new DatabaseUnusable(sentenceFrom(error))
  }
}

/** Returns true if the schema has every migration of this program, or newer ones. Changes nothing. */
export async function isUpToDate(
  { read }: Pick<Engine, 'read'>,
  migrations = readMigrations(),
): Promise<boolean> {
  try {
    const rows = await read.all('select max(version) as version from schema_migrations', [])
    return Number(rows[0]?.version ?? 0) >= (migrations.at(-1)?.version ?? 0)
  } catch {
    // A new database has no such table.
    return false
  }
}

/** The line before statements that only one engine understands. They end at the next such line. */
const ONLY_ON = /^-- Only on (sqlite|postgres):$/m

function partsFor(engineName: Engine['name'], text: string): string {
  const [common = '', ...parts] = text.split(ONLY_ON)
  const own = parts.filter((_, index) => parts[index - 1] === engineName)
  return [common, ...own].join('\n')
}

function sentenceFrom(error: unknown): string {
  const { code, message } = error as { code?: string; message: string }
  // SQLSTATE insufficient_privilege.
  if (code === '42501') {
    return 'The database does not let this user create tables. Allow it: grant create on schema public to this user.'
  }
  if (message.includes('already exists')) {
    return `The database has tables of another program (${message}). Name a separate database for Paydesk.`
  }
  return `The database's schema cannot be brought up to date: ${message}.`
}

async function makeMissing(
  engine: Engine,
  migrations: readonly Migration[],
  kinds: typeof TABLE_KINDS,
): Promise<readonly string[]> {
  const names: string[] = []
  await engine.migrate(async (sql) => {
    const isDistributed = engine.isDistributed && (await readDistribution(sql))
    await sql.script(
      'create table if not exists schema_migrations (version integer not null primary key, name text not null)',
    )
    const rows = await sql.all('select version, name from schema_migrations order by version', [])
    const last = rows.at(-1)
    const newestVersion = migrations.at(-1)?.version ?? 0
    if (last !== undefined && Number(last.version) > newestVersion) {
      throw new DatabaseUnusable(
        `The database was made by a newer Paydesk: it has schema ${last.version}, this program knows up to ${newestVersion}. Update Paydesk, or use another database.`,
      )
    }
    for (const { version, name, text } of migrations.slice(rows.length)) {
      const script = partsFor(engine.name, text)
      for (const part of isDistributed ? distributedScript(script, kinds) : [script]) {
        await sql.script(part)
      }
      await sql.run('insert into schema_migrations (version, name) values ($1, $2)', [
        version,
        name,
      ])
      names.push(name)
    }
  })
  return names
}

/** Returns true if the rows of a Citus database are distributed. Throws DatabaseUnusable if a distribution is unfinished. */
async function readDistribution(sql: MaintenanceSql): Promise<boolean> {
  if (await isDistributionUnfinished(sql)) {
    throw new DatabaseUnusable(
      `The distribution of the database over machines has not ended. To continue it: ${COMMAND_NAME} database distribute`,
    )
  }
  return isPlaced(sql)
}
