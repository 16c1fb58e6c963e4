/** Migrations of later versions on a distributed database with rows. */
import { expect, inject, test } from 'vitest'
import { distribute } from '../../src/store/distribution/distribute.ts'
import {
  findMisplacedTables,
  readPlacedTables,
} from '../../src/store/distribution/placed-tables.ts'
import { TABLE_KINDS } from '../../src/store/distribution/table-kinds.ts'
import { migrate, readMigrations } from '../../src/store/engine/migrate.ts'
import { openPostgres } from '../../src/store/engine/postgres.ts'
import { createStore } from '../../src/store/store.ts'
import { createDatabase, createMigratedDatabase } from '../support/postgres-cluster.ts'
import { writeBooks } from '../support/stored-books.ts'
import { ACCOUNT, account, NOW_MS, OTHER_ACCOUNT, random } from '../support/stored-rows.ts'

/** The number of migrations in the first version of Paydesk that could distribute a database. */
const FIRST_DISTRIBUTED_VERSION = 25

const LATER = `-- A column with a constraint, and an index; both for rows that exist.
  alter table payment_sessions add column note text not null default 'none;' check (note <> '');
  create index payment_sessions_by_note on payment_sessions (account_id, note, created_at_ms);
  create table refund_notes (
    bucket smallint not null,
    id bigint not null,
    account_id bigint not null references accounts (id),
    refund_id bigint not null,
    kind text not null,
    primary key (bucket, id),
    foreign key (bucket, refund_id) references refunds (bucket, id)
  );
  insert into refund_notes (bucket, id, account_id, refund_id, kind)
    select bucket, id, account_id, id, 'first' from refunds;
  create table note_kinds (kind text not null primary key, title text not null);
  insert into note_kinds (kind, title) values ('first', 'First note');
  create table note_counts (name text not null primary key, total bigint not null);
  -- SQLite cannot change a constraint, so a table is copied.
  create table disputes_of_any_kind (
    bucket smallint not null,
    id bigint not null,
    account_id bigint not null references accounts (id),
    payment_attempt_id bigint not null,
    primary key (bucket, id),
    foreign key (bucket, payment_attempt_id) references payment_attempts (bucket, id)
  );
  insert into disputes_of_any_kind (bucket, id, account_id, payment_attempt_id)
    select bucket, id, account_id, payment_attempt_id from disputes;
  drop table disputes;
  alter table disputes_of_any_kind rename to disputes;
  create unique index disputes_of_payments on disputes (bucket, payment_attempt_id, id);
-- Only on postgres:
  create function refuse_note() returns trigger as $$ begin raise exception 'no; not now'; end $$ language plpgsql;
  create trigger note_counts_are_kept before delete on note_counts for each row execute function refuse_note();
-- Only on sqlite:
  select nonsense;`

test('the migrations after the first version that could distribute a database run on a distributed database', async () => {
  const engine = await openPostgres(await createDatabase(inject('postgresUrl')), 2)
  const migrations = readMigrations()
  await migrate(engine, migrations.slice(0, FIRST_DISTRIBUTED_VERSION))
  const missing = await findMisplacedTables(engine.read)
  // The command of that version had only these migrations: the tables of later ones do not exist yet.
  await distribute(engine, {
    shardCount: 2,
    onStep: () => {},
    migrations: migrations.slice(0, FIRST_DISTRIBUTED_VERSION),
  })
  expect(missing.length).toBeGreaterThan(20)
  const names = migrations.slice(FIRST_DISTRIBUTED_VERSION).map(({ name }) => name)
  expect(await migrate(engine)).toEqual(names)
  expect(await findMisplacedTables(engine.read)).toEqual([])
  await engine.close()
})

test('a later migration changes distributed tables with rows, and distributes new tables by their kinds', async () => {
  const engine = await openPostgres(await createMigratedDatabase(inject('postgresUrl')), 4)
  const store = createStore(engine, random)
  for (const id of [ACCOUNT, OTHER_ACCOUNT]) {
    await store.transaction((tx) => tx.accounts.insert(account(id), NOW_MS))
  }
  await writeBooks(store)
  const count = async (text: string) => Number((await engine.read.all(text, []))[0]?.total)
  const refunds = await count('select count(*) as total from refunds')
  const disputes = await count('select count(*) as total from disputes')
  expect(refunds).toBeGreaterThan(0)

  const migrations = readMigrations()
  const version = migrations.length + 1
  const all = [...migrations, { version, name: 'notes', text: LATER }]
  const kinds = {
    ...TABLE_KINDS,
    refund_notes: 'distributed',
    note_kinds: 'reference',
    note_counts: 'local',
  } as const
  expect(await migrate(engine, all, kinds)).toEqual(['notes'])
  expect(await migrate(engine, all, kinds)).toEqual([])

  const placements = await readPlacedTables(engine.read)
  expect(
    ['payment_sessions', 'refund_notes', 'disputes', 'note_kinds', 'note_counts'].map((name) => [
      name,
      placements.get(name),
    ]),
  ).toEqual([
    ['payment_sessions', 'distributed'],
    ['refund_notes', 'distributed'],
    ['disputes', 'distributed'],
    ['note_kinds', 'reference'],
    ['note_counts', undefined],
  ])
  expect(await count("select count(*) as total from payment_sessions where note <> 'none;'")).toBe(
    0,
  )
  expect(
    await count(
      `select count(*) as total from refund_notes n
         join refunds r on r.bucket = n.bucket and r.id = n.refund_id
         join note_kinds k on k.kind = n.kind`,
    ),
  ).toBe(refunds)
  expect(await count('select count(*) as total from disputes')).toBe(disputes)
  await expect(
    engine.transaction((sql) =>
      sql.run(
        "insert into refund_notes (bucket, id, account_id, refund_id, kind) values (3, 1, $1, 5, 'first')",
        [Number(ACCOUNT)],
      ),
    ),
  ).rejects.toThrow(/foreign key/)
  await store.close()
})
