/** The distribution of a database over the workers of a Citus cluster: filled, interrupted, refused. */
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { openCore } from '../../src/server/core.ts'
import { distribute } from '../../src/store/distribution/distribute.ts'
import { findMisplacedTables } from '../../src/store/distribution/placed-tables.ts'
import type { Engine } from '../../src/store/engine/engine.ts'
import { migrate } from '../../src/store/engine/migrate.ts'
import { openPostgres } from '../../src/store/engine/postgres.ts'
import { createStore } from '../../src/store/store.ts'
import { ask, urlOfDatabase } from '../support/citus-databases.ts'
import { paydesk, startPaydesk } from '../support/command-line.ts'
import { settingsAt } from '../support/engines.ts'
import { createDatabase } from '../support/postgres-cluster.ts'
import { writeBooks } from '../support/stored-books.ts'
import { ACCOUNT, account, NOW_MS, OTHER_ACCOUNT, random } from '../support/stored-rows.ts'

const cluster = inject('postgresUrl')

/** The time limit of a test with many runs of the command on a busy machine, in milliseconds. */
const PATIENCE_MS = 240_000

/** Makes a database of the cluster with the books of some payments, all on the coordinator. */
async function fillDatabase(): Promise<string> {
  const url = await createDatabase(cluster)
  const engine = await openPostgres(url, 4)
  await migrate(engine)
  const store = createStore(engine, random)
  for (const id of [ACCOUNT, OTHER_ACCOUNT]) {
    await store.transaction((tx) => tx.accounts.insert(account(id), NOW_MS))
  }
  await writeBooks(store)
  await store.close()
  return url
}

/** A second look at a database, without the code under test. */
class Look {
  readonly #client: pg.Client

  constructor(url: string) {
    this.#client = new pg.Client({ connectionString: url })
    // A failed test leaves the connection open until its database is dropped.
    this.#client.on('error', () => {})
  }

  async open(): Promise<this> {
    await this.#client.connect()
    return this
  }

  async all(text: string): Promise<readonly Record<string, unknown>[]> {
    return (await this.#client.query(text)).rows
  }

  /** Returns the rows of every table, and the definitions of all foreign keys, without those of shards. */
  async content(): Promise<unknown> {
    const tables = await this.all(
      "select tablename as name from pg_tables where schemaname = 'public' order by 1",
    )
    const rows: Record<string, unknown> = {}
    for (const { name } of tables) {
      const tableRows = await this.all(`select cast(t as text) as row from ${name} t`)
      rows[String(name)] = tableRows.map(({ row }) => row).sort()
    }
    const keys = await this.all(
      `select cast(conrelid as regclass) || ': ' || conname || ' ' || pg_get_constraintdef(oid) as key
       from pg_constraint where contype = 'f' and conname !~ '_[0-9]{6}$' order by 1`,
    )
    return { rows, keys }
  }

  /** Returns a number that grows with each finished step of a distribution. */
  async progress(): Promise<number> {
    const [row] = await this.all(
      `select (select count(*) from pg_dist_partition) * 1000
         + (select count(*) from pg_constraint where contype = 'f') as progress`,
    )
    return Number(row?.progress)
  }

  close(): Promise<void> {
    return this.#client.end()
  }
}

const look = (url: string) => new Look(url).open()

async function withEngine<Result>(
  url: string,
  work: (engine: Engine) => Promise<Result>,
): Promise<Result> {
  const engine = await openPostgres(url, 1)
  try {
    return await work(engine)
  } finally {
    await engine.close()
  }
}

/** Starts a server's core on the database, which checks the schema as a server does. */
async function openServerCore(databaseUrl: string): Promise<void> {
  const { store } = await openCore(settingsAt({ flags: { databaseUrl }, remove: () => {} }))
  await store.close()
}

describe('a distribution', () => {
  test(
    'that is stopped before each of its steps keeps every row and every foreign key, and servers refuse the database until its end',
    async () => {
      const url = await fillDatabase()
      const watcher = await look(url)
      const before = await watcher.content()
      let stopCount = 0
      for (let isDone = false; !isDone; ) {
        isDone = await withEngine(url, async (engine) => {
          let stepCount = 0
          const running = distribute(engine, {
            shardCount: 4,
            onStep: ({ kind }) => {
              stepCount += 1
              // Each foreign key is a step, so this kind has many steps.
              if (stepCount > (kind === 'foreign_key' ? 8 : 1)) throw new Error('stopped')
            },
          })
          return running.then(
            () => true,
            (error: Error) => {
              // PostgreSQL may not have closed the connection of the last run yet.
              if (!/^stopped$|connections to the database|Another paydesk/.test(error.message))
                throw error
              if (error.message === 'stopped') stopCount += 1
              return false
            },
          )
        })
        if (!isDone && stopCount % 20 === 1) {
          await expect(openServerCore(url)).rejects.toThrow(/database distribute/)
        }
      }
      expect(stopCount).toBeGreaterThan(35)
      expect(await watcher.content()).toEqual(before)
      await withEngine(url, async (engine) => {
        expect(await findMisplacedTables(engine.read)).toEqual([])
        const store = createStore(engine, random)
        expect((await store.ledger.check()).discrepancies).toEqual([])
        const again = await distribute(engine, { shardCount: 8, onStep: () => {} })
        expect(again).toMatchObject({ hasChanged: false, nodeCount: 2, shardCount: 4 })
      })
      await openServerCore(url)
      await watcher.close()
    },
    PATIENCE_MS,
  )

  test(
    'that is killed in the middle of its steps, many times, ends with every row and every foreign key',
    async () => {
      const url = await fillDatabase()
      const watcher = await look(url)
      const before = await watcher.content()
      let killCount = 0
      for (;;) {
        const start = await watcher.progress()
        const running = startPaydesk(['database', 'distribute', '--database-url', url])
        let exitCode: number | null | undefined
        void running.exit.then(({ code }) => {
          exitCode = code
        })
        // The step after the seventh change is under way when the kill arrives.
        let changeCount = 0
        for (let last = start; exitCode === undefined && changeCount < 7; ) {
          const now = await watcher.progress()
          if (now !== last) changeCount += 1
          last = now
        }
        if (exitCode === undefined) {
          running.process.kill('SIGKILL')
          killCount += 1
        }
        const { code, err } = await running.exit
        if (code === 0) break
        // PostgreSQL may not have noticed yet that the killed command has ended.
        if (code !== null)
          expect(err).toMatch(/database distribute is already running|connections to the database/)
      }
      expect(killCount).toBeGreaterThan(5)
      expect(await watcher.content()).toEqual(before)
      await watcher.close()
      await openServerCore(url)
    },
    PATIENCE_MS,
  )
})

describe('a distribution is refused', () => {
  let url: string
  let watcher: Look
  beforeAll(async () => {
    url = await createDatabase(cluster)
    watcher = await look(url)
  })
  afterAll(() => watcher.close())

  const refusal = async (databaseUrl: string) => {
    const { code, err } = await paydesk(['database', 'distribute', '--database-url', databaseUrl])
    expect(code).toBe(1)
    return err
  }

  test('without the extension', async () => {
    const name = `paydesk_plain_${process.pid}`
    await ask(cluster, `create database ${name} template template0`)
    expect(await refusal(urlOfDatabase(cluster, name))).toMatch(
      /has no Citus extension\. Install Citus/,
    )
    await ask(cluster, `drop database ${name} with (force)`)
  })

  test('without worker nodes, and without the address of the coordinator', async () => {
    const name = `paydesk_alone_${process.pid}`
    const alone = urlOfDatabase(cluster, name)
    await ask(cluster, `create database ${name} template template0`)
    await ask(alone, 'create extension citus')
    expect(await refusal(alone)).toMatch(/has no worker node\. Add each one: select citus_add_node/)
    await ask(
      alone,
      "insert into pg_dist_node (nodeid, groupid, nodename, nodeport) values (9, 9, '127.0.0.1', 1)",
    )
    expect(await refusal(alone)).toMatch(
      /address of the coordinator\. Set it: select citus_set_coordinator_host/,
    )
    await ask(cluster, `drop database ${name} with (force)`)
  })

  test('for the embedded database', async () => {
    const { code, err } = await paydesk(['database', 'distribute', '--data', 'absent.db'])
    expect([code, err]).toEqual([
      2,
      expect.stringMatching(/embedded database stays on one machine/),
    ])
  })

  test('while another one runs', async () => {
    await watcher.all('select pg_advisory_lock(7239452772)')
    expect(await refusal(url)).toMatch(/database distribute is already running/)
    await watcher.all('select pg_advisory_unlock_all()')
  })

  test('while a server or a command is connected', async () => {
    const server = await openPostgres(url, 1)
    expect(await refusal(url)).toMatch(
      /connections to the database: 127\.0\.0\.1 \(1\)\. Stop them/,
    )
    await server.close()
  })
})
