import { DatabaseUnusable, type Sql } from './engine/engine.ts'
import { readMigrations } from './engine/migrate.ts'

const COUNTED_TABLES = {
  accounts: 'accounts',
  payment_sessions: 'payment_sessions',
  payments: 'payment_attempts',
  refunds: 'refunds',
  transfers: 'transfers',
  events: 'webhook_events',
  ledger_postings: 'ledger_postings',
} as const

const PROBLEM_COUNT_MAX = 20

/** The facts about a copy of a data file. */
export type CopyFacts = {
  /** Undefined: no server has used the database yet. */
  readonly mode: string | undefined
  readonly schemaVersion: number
  /** The newest schema of this program. */
  readonly programSchemaVersion: number
  /** The check value of its secret key. Undefined: it has none yet. */
  readonly secretKeyCheck: string | undefined
  readonly newestSessionAtMs: number | undefined
  readonly counts: Readonly<Record<keyof typeof COUNTED_TABLES, number>>
}

/** Reads the schema of a data file. Throws DatabaseUnusable for another database, and for one of a newer Paydesk. */
export async function readSchemaVersions(
  sql: Sql,
  file: string,
): Promise<{ readonly schemaVersion: number; readonly programSchemaVersion: number }> {
  const tables = await sql.all(
    `select name from sqlite_schema where type = 'table' and name in ('installation', 'schema_migrations')`,
    [],
  )
  if (tables.length < 2) throw new DatabaseUnusable(`${file} is not a Paydesk database.`)
  const [row] = await sql.all('select max(version) as version from schema_migrations', [])
  const schemaVersion = Number(row?.version ?? 0)
  const programSchemaVersion = readMigrations().at(-1)?.version ?? 0
  if (schemaVersion > programSchemaVersion) {
    throw new DatabaseUnusable(
      `${file} was made by a newer Paydesk: it has schema ${schemaVersion}, this program knows up to ${programSchemaVersion}. Update Paydesk first.`,
    )
  }
  return { schemaVersion, programSchemaVersion }
}

/** Reads the facts about a copy. Throws DatabaseUnusable, as `readSchemaVersions` does. */
export async function readCopyFacts(sql: Sql, file: string): Promise<CopyFacts> {
  const versions = await readSchemaVersions(sql, file)
  const counts = Object.entries(COUNTED_TABLES).map(async ([name, table]) => {
    const [row] = await sql.all(`select count(*) as total from ${table}`, [])
    return [name, Number(row?.total)] as const
  })
  const [newest] = await sql.all('select max(created_at_ms) as at_ms from payment_sessions', [])
  const facts = await sql.all(
    `select name, value from installation where name in ('mode', 'secret_key_check')`,
    [],
  )
  const factOf = (name: string) => {
    const factRow = facts.find((fact) => fact.name === name)
    return factRow && String(factRow.value)
  }
  return {
    ...versions,
    mode: factOf('mode'),
    secretKeyCheck: factOf('secret_key_check'),
    newestSessionAtMs: newest?.at_ms == null ? undefined : Number(newest.at_ms),
    counts: Object.fromEntries(await Promise.all(counts)) as CopyFacts['counts'],
  }
}

/** Checks all pages and indexes of a copy and, if they are sound, its references. Returns at most 20 problems. */
export async function findDamage(sql: Sql): Promise<readonly string[]> {
  const pages = await sql.all(`pragma integrity_check(${PROBLEM_COUNT_MAX})`, [])
  const damage = pages.map(({ integrity_check }) => String(integrity_check))
  if (damage.join() !== 'ok') return damage
  const rows = await sql.all('select * from pragma_foreign_key_check limit $1', [PROBLEM_COUNT_MAX])
  return rows.map(
    ({ parent, rowid, table }) => `row ${rowid} of ${table} refers to a missing row of ${parent}`,
  )
}
