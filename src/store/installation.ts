import type { Installation, Transaction } from '../operations/store.ts'
import type { TransactionContext } from './context.ts'
import type { Engine, Sql } from './engine/engine.ts'

/** Makes a store's functions for the facts of an installation. */
export function installationOn(engine: Engine): Installation {
  return {
    stateFact: (name, value) =>
      engine.transaction(async (sql) => {
        await sql.run(
          'insert into installation (name, value) values ($1, $2) on conflict do nothing',
          [name, value],
        )
        const [row] = await sql.all('select value from installation where name = $1', [name])
        return String(row?.value)
      }),
    findFact: (name) => findFact(engine.read, name),
    replaceFact: async (name, value) => {
      await engine.transaction((sql) => putFact(sql, name, value))
    },
    advanceExpiryTime: async (fromMs, toMs) => {
      const count = await engine.transaction((sql) =>
        sql.run("update installation set value = $1 where name = 'expiry_time_ms' and value = $2", [
          String(toMs),
          String(fromMs),
        ]),
      )
      return count === 1
    },
  }
}

/** Returns true if a program has recorded its mode in a database. The database may have no schema. */
export async function hasInstallation({ read }: Pick<Engine, 'read'>): Promise<boolean> {
  try {
    return (await findFact(read, 'mode')) !== undefined
  } catch {
    // A new database has no such table.
    return false
  }
}

async function findFact(sql: Sql, name: string, lock = ''): Promise<string | undefined> {
  const [row] = await sql.all(`select value from installation where name = $1${lock}`, [name])
  return row && String(row.value)
}

/** Makes a transaction's functions for the facts of an installation. */
export const installationIn = ({
  engine,
  sql,
}: TransactionContext): Transaction['installation'] => ({
  lockFact: (name) => findFact(sql, name, engine.rowLock),
  putFact: (name, value) => putFact(sql, name, value),
})

/** The size of the test write, in characters: some pages. */
const WRITE_CHECK_LENGTH = 16_384

/** Writes as much as a request does and deletes it, to check that the database accepts writes. */
export async function writeAndDelete(sql: Sql): Promise<void> {
  const name = 'write_check'
  await putFact(sql, name, 'x'.repeat(WRITE_CHECK_LENGTH))
  await sql.run('delete from installation where name = $1', [name])
}

async function putFact(sql: Sql, name: string, value: string): Promise<void> {
  await sql.run(
    `insert into installation (name, value) values ($1, $2)
     on conflict (name) do update set value = excluded.value`,
    [name, value],
  )
}
