import { expect, test } from 'vitest'
import { readMigrations } from '../engine/migrate.ts'
import { distributedScript, splitStatements } from './distributed-script.ts'
import { TABLE_KINDS } from './table-kinds.ts'

test('a script is split at the ends of its statements only', () => {
  expect(
    splitStatements(`-- A comment; with a semicolon.
      insert into a values ('x;y', 'it''s; so'); -- The end.
      create function f() returns trigger as $$ begin return new; end $$ language plpgsql;

      ;select 1 as "a;b"`),
  ).toEqual([
    "insert into a values ('x;y', 'it''s; so')",
    'create function f() returns trigger as $$ begin return new; end $$ language plpgsql',
    'select 1 as "a;b"',
  ])
})

test('a new table is placed and then gets its foreign keys to distributed tables, before it gets rows', () => {
  const text = `create table disputes_of_any_kind (
      bucket smallint not null,
      id bigint not null,
      account_id bigint not null references accounts (id),
      payment_attempt_id bigint not null,
      primary key (bucket, id),
      foreign key (bucket, payment_attempt_id) references payment_attempts (bucket, id),
      check (id > 0)
    );
    insert into disputes_of_any_kind select bucket, id, account_id, payment_attempt_id from disputes;
    drop table disputes;
    alter table disputes_of_any_kind rename to disputes;
    create table notes (id bigint not null primary key);`
  const [, create, ...others] = distributedScript(text, TABLE_KINDS)
  expect(create).not.toContain('foreign key')
  expect(create).toMatch(
    /references accounts \(id\)[\s\S]*primary key \(bucket, id\),\s+check \(id > 0\)\s+\)$/,
  )
  expect(others).toEqual([
    "select create_distributed_table('disputes_of_any_kind', 'bucket', colocate_with => 'payment_sessions')",
    'alter table disputes_of_any_kind add foreign key (bucket, payment_attempt_id) references payment_attempts (bucket, id)',
    'insert into disputes_of_any_kind select bucket, id, account_id, payment_attempt_id from disputes',
    'drop table disputes',
    'alter table disputes_of_any_kind rename to disputes',
    'create table notes (id bigint not null primary key)',
  ])
})

test('a column with a check is added in two statements, because Citus refuses them in one', () => {
  const text = `alter table refunds add column note text default 'check (x)' check (note <> '');
    alter table clients add column note text check (note <> '');`
  expect(distributedScript(text, TABLE_KINDS).slice(1)).toEqual([
    "alter table refunds add column note text default 'check (x)'",
    "alter table refunds add constraint refunds_note_check check (note <> '')",
    "alter table clients add column note text check (note <> '')",
  ])
})

test('no released migration loses a foreign key', () => {
  for (const { name, text } of readMigrations()) {
    const count = (script: string) => script.match(/foreign key|references/gi)?.length ?? 0
    const statements = splitStatements(text).join(';')
    expect([name, count(distributedScript(text, TABLE_KINDS).join(';'))]).toEqual([
      name,
      count(statements),
    ])
  }
})
