import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Place } from '../support/engines.ts'
import type { Haystack } from '../support/secret-search.ts'
import { findPostgresBin } from '../support/system-tools.ts'

/** Returns all content of a database, as text. */
export function dumpOf({ flags: { data, databaseUrl } }: Place): Haystack {
  if (databaseUrl !== undefined) {
    const program = join(findPostgresBin() ?? '', 'pg_dump')
    const text = execFileSync(program, ['--inserts', '--dbname', String(databaseUrl)], {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    })
    // Newer versions write a random key around the statements.
    return { where: 'dump', text: text.replaceAll(/^\\(?:un)?restrict .*$/gm, '') }
  }
  const database = new DatabaseSync(String(data), { readOnly: true })
  const tables = database.prepare("select name from sqlite_master where type = 'table'").all()
  const rows = tables.flatMap(({ name }) => database.prepare(`select * from ${name}`).all())
  database.close()
  return { where: 'dump', text: rows.map((one) => JSON.stringify(one)).join('\n') }
}
