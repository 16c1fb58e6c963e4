-- The last check of the ledger, so that every server reports it: one row.
create table ledger_checks (
  id smallint not null primary key check (id = 1),
  -- The start of the check, which is the time of the checked state.
  checked_at_ms bigint not null,
  duration_ms bigint not null,
  posting_count bigint not null,
  discrepancy_count integer not null
);
