-- The balances of the ledger at its checks: a page shows them without adding up the postings. Only those of the last
-- check are shown; older ones are deleted after the next check.
create table ledger_balances (
  account_id bigint not null,
  checked_at_ms bigint not null,
  -- 0: the balance belongs to no connected account.
  connected_account_id bigint not null,
  currency text not null,
  ledger_account text not null,
  -- Whole minor units as text, because sums can exceed 64 bits.
  debit_minor text not null,
  credit_minor text not null,
  primary key (account_id, checked_at_ms, connected_account_id, currency, ledger_account)
);
create index ledger_balances_by_check on ledger_balances (checked_at_ms);

-- Examples of discrepancies at the last check, as JSON. Null: a program that did not store them made the check.
alter table ledger_checks add column discrepancies_json text;

-- The check that an operator has started in the console: one row, so only one runs at a time.
create table ledger_check_runs (
  id smallint not null primary key check (id = 1),
  started_at_ms bigint not null,
  -- The server moves it ahead while it works. After this time the run has ended, perhaps because the server ended.
  alive_until_ms bigint not null,
  part text not null,
  has_failed smallint not null check (has_failed in (0, 1))
);
