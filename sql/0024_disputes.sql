-- Disputes of payments: the customer's bank takes money back until it has decided.
create table disputes (
  bucket smallint not null,
  id bigint not null,
  account_id bigint not null references accounts (id),
  payment_attempt_id bigint not null,
  currency text not null,
  amount_minor bigint not null check (amount_minor > 0),
  fee_minor bigint not null check (fee_minor >= 0),
  reason text not null,
  created_at_ms bigint not null,
  -- The processor's reference of the dispute. Null: a sandbox's control API opened it.
  processor_reference text,
  status text not null check (status in ('open', 'won', 'lost')),
  decided_at_ms bigint,
  primary key (bucket, id),
  foreign key (bucket, payment_attempt_id) references payment_attempts (bucket, id),
  check ((status = 'open') = (decided_at_ms is null))
);
-- One open dispute of a payment, and one dispute for each report of the processor.
create unique index disputes_one_open on disputes (bucket, payment_attempt_id)
  where status = 'open';
create unique index disputes_by_reference
  on disputes (bucket, payment_attempt_id, processor_reference)
  where processor_reference is not null;
create index disputes_by_payment on disputes (bucket, payment_attempt_id, created_at_ms, id);

-- The amount of open and lost disputes.
alter table payment_attempts add column disputed_minor bigint not null default 0
  check (disputed_minor >= 0 and disputed_minor <= captured_minor);

-- In lists a disputed payment is only `disputed`.
drop index payment_attempts_by_method;
create index payment_attempts_by_method on payment_attempts (
  account_id, payment_method,
  (case when disputed_minor > 0 then 'disputed' when refunded_minor > 0 then 'refunded' else status end),
  created_at_ms, id, status, refunded_minor, disputed_minor);

-- New kinds of balance transactions. The program knows the kinds, so a new one needs no new table.
create table balance_transactions_of_any_kind (
  bucket smallint not null,
  kind text not null,
  -- The payment, refund, transfer, reversal or dispute.
  id bigint not null,
  parent_id bigint,
  account_id bigint not null references accounts (id),
  -- The owner of the balance. 0: the merchant.
  connected_account_id bigint not null,
  payment_attempt_id bigint not null,
  currency text not null,
  amount_minor bigint not null,
  fee_minor bigint not null,
  tax_minor bigint not null,
  net_minor bigint not null check (net_minor = amount_minor - fee_minor - tax_minor),
  created_at_ms bigint not null,
  available_at_ms bigint not null,
  -- The payout that contains it. Null: it is free.
  payout_id bigint,
  primary key (bucket, id, kind)
);
insert into balance_transactions_of_any_kind
select bucket, kind, id, parent_id, account_id, connected_account_id, payment_attempt_id, currency,
  amount_minor, fee_minor, tax_minor, net_minor, created_at_ms, available_at_ms, payout_id
from balance_transactions;
drop table balance_transactions;
alter table balance_transactions_of_any_kind rename to balance_transactions;
create index balance_transactions_free on balance_transactions
  (account_id, connected_account_id, currency, available_at_ms, id, kind, net_minor, payout_id)
  where payout_id is null;
create index balance_transactions_paid on balance_transactions (payout_id)
  where payout_id is not null;
create index balance_transactions_connected on balance_transactions
  (account_id, connected_account_id, created_at_ms, id) where connected_account_id > 0;

-- Transfers to virtual accounts can be disputed too.
create table bank_transfers_of_any_status (
  bucket smallint not null,
  id bigint not null,
  virtual_account_id bigint not null,
  -- The bank's reference. It identifies repeated reports of the transfer.
  utr text not null,
  amount_minor bigint not null check (amount_minor > 0),
  created_at_ms bigint not null,
  -- The payment's status in lists: a payment that was refunded in part is `refunded`.
  status text not null check (status in ('succeeded', 'failed', 'refunded', 'disputed')),
  -- The time at which the bank takes the money back. Null: never, or already done.
  reverse_at_ms bigint,
  primary key (bucket, id),
  unique (bucket, virtual_account_id, utr),
  foreign key (bucket, virtual_account_id) references virtual_accounts (bucket, id),
  foreign key (bucket, id) references payment_attempts (bucket, id)
);
insert into bank_transfers_of_any_status
select bucket, id, virtual_account_id, utr, amount_minor, created_at_ms, status, reverse_at_ms
from bank_transfers;
drop table bank_transfers;
alter table bank_transfers_of_any_status rename to bank_transfers;
create index bank_transfers_by_time
  on bank_transfers (bucket, virtual_account_id, status, created_at_ms, id);
create index bank_transfers_by_amount
  on bank_transfers (bucket, virtual_account_id, status, amount_minor, id);
create index bank_transfers_to_reverse on bank_transfers (reverse_at_ms)
  where reverse_at_ms is not null;
