-- What a live processor reports: transfers to virtual accounts, and payouts.

-- How far each list of reports was read.
create table processor_feeds (
  name text not null primary key check (name in ('transfers', 'payouts')),
  -- The processor's mark after the last recorded page. Null: no page was recorded.
  read_up_to text,
  -- When the list is read again. A reader moves it ahead, so that one server reads at a time.
  next_read_at_ms bigint not null
);

-- The processor's name for a payout that it has reported.
alter table payouts add column processor_reference text;
create unique index payouts_by_processor_reference on payouts (processor_reference)
  where processor_reference is not null;

-- When the processor is told next that an account is closed. Null: it knows, or need not know.
alter table virtual_accounts add column close_due_at_ms bigint;
create index virtual_accounts_to_close on virtual_accounts (close_due_at_ms)
  where close_due_at_ms is not null;

-- When the processor is told next whether a transfer was accepted. Null: it knows, or need not know.
alter table bank_transfers add column decision_due_at_ms bigint;
create index bank_transfers_to_decide on bank_transfers (decision_due_at_ms)
  where decision_due_at_ms is not null;
