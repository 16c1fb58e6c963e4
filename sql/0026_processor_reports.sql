-- The reports of a live processor: transfers to virtual accounts, and payouts.

-- The read position of each list of reports.
create table processor_feeds (
  name text not null primary key check (name in ('transfers', 'payouts')),
  -- The processor's mark after the last recorded page. Null: no page was recorded.
  read_up_to text,
  -- The time of the next read. A reader moves it ahead, so that one server reads at a time.
  next_read_at_ms bigint not null
);

-- The processor's reference of a reported payout.
alter table payouts add column processor_reference text;
create unique index payouts_by_processor_reference on payouts (processor_reference)
  where processor_reference is not null;

-- The time of the next call that reports the closing of an account to the processor. Null: none is
-- needed.
alter table virtual_accounts add column close_due_at_ms bigint;
create index virtual_accounts_to_close on virtual_accounts (close_due_at_ms)
  where close_due_at_ms is not null;

-- The time of the next call that reports the decision about a transfer to the processor. Null: none
-- is needed.
alter table bank_transfers add column decision_due_at_ms bigint;
create index bank_transfers_to_decide on bank_transfers (decision_due_at_ms)
  where decision_due_at_ms is not null;
