-- The payments and refunds of an account that began in a quarter of an hour, counted for the overview of the console. A
-- quarter without any has no row.
create table payment_counts (
  account_id bigint not null,
  from_ms bigint not null,
  counts_json text not null,
  -- The time of the next count. Null: everything in it has ended, so it never changes again.
  recount_at_ms bigint,
  primary key (account_id, from_ms)
);
create index payment_counts_to_recount on payment_counts (account_id, recount_at_ms)
  where recount_at_ms is not null;

-- The accounts whose payments are counted: those whose overview an operator has opened.
create table payment_count_runs (
  account_id bigint not null primary key,
  -- All quarters before this time are counted.
  counted_to_ms bigint not null,
  -- The time of the next step. A claim moves it ahead: that is the lease.
  next_run_at_ms bigint not null
);
create index payment_count_runs_by_time on payment_count_runs (next_run_at_ms);
