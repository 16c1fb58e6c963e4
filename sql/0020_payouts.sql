-- Payouts, and the balance transactions that they consist of.

alter table accounts add column payout_schedule text not null default 'daily';
-- The parts of the bank account that are set. Null: the sandbox's bank account.
alter table accounts add column bank_account_json text;

-- Each change of the balance of a merchant or a connected account: one row for each cause, written together with its
-- posting. `net_minor` is amount - fee - tax.
create table balance_transactions (
  bucket smallint not null,
  kind text not null check (kind in ('charge', 'refund', 'transfer', 'transfer_reversal',
    'connected_transfer', 'connected_reversal')),
  -- The payment, refund, transfer or reversal.
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

create table payouts (
  id bigint not null primary key,
  account_id bigint not null references accounts (id),
  -- The owner of the balance. 0: the merchant.
  connected_account_id bigint not null,
  -- A payout of many transactions takes them in batches (collecting). One without a positive sum is abandoned.
  status text not null check (status in ('collecting', 'initiated', 'paid', 'failed', 'abandoned')),
  currency text not null,
  amount_minor bigint not null check (amount_minor > 0 or status in ('collecting', 'abandoned')),
  -- The sums of its transactions by type.
  summary_json text not null,
  created_at_ms bigint not null,
  arrives_at_ms bigint not null,
  -- The time of the next step: a batch of transactions, or the decision of the bank.
  next_step_at_ms bigint,
  decided_at_ms bigint,
  failure_code text,
  bank_reference text,
  statement_descriptor text not null,
  bank_account_json text not null,
  check ((status in ('paid', 'failed')) = (decided_at_ms is not null)),
  check ((status = 'failed') = (failure_code is not null)),
  check ((status = 'paid') = (bank_reference is not null))
);
create index payouts_by_status
  on payouts (account_id, connected_account_id, status, created_at_ms, id);
create index payouts_by_account on payouts (account_id, created_at_ms, id);
create index payouts_by_step on payouts (next_step_at_ms) where next_step_at_ms is not null;
create unique index payouts_by_reference on payouts (bank_reference)
  where bank_reference is not null;

-- The transactions of each payout. A transaction can be in any number of failed payouts, and in one other.
create table payout_transactions (
  payout_id bigint not null references payouts (id),
  created_at_ms bigint not null,
  transaction_id bigint not null,
  kind text not null,
  primary key (payout_id, created_at_ms, transaction_id, kind)
);

-- The next run of each account. During a run: the last balance that it paid.
create table payout_runs (
  account_id bigint not null primary key references accounts (id),
  next_run_at_ms bigint not null,
  after_connected_account_id bigint not null default -1,
  after_currency text not null default ''
);
create index payout_runs_by_time on payout_runs (next_run_at_ms);

-- Payments of earlier versions. They are available from the beginning of a business day: the numbers of days are those
-- of src/domain/business-day.ts. Day 0 of 1970 was a Thursday, so (day + 3) % 7 is 0 on Mondays.
insert into balance_transactions
select bucket, 'charge', id, null, account_id, 0, id, currency, captured_minor, fee_minor, tax_minor,
  captured_minor - fee_minor - tax_minor, at_ms,
  (day + day_count + case (day + 3) % 7 when 5 then 1 when 6 then 0
     else case when (day + 3) % 7 + day_count >= 5 then 2 else 0 end end) * 86400000 - ahead_ms,
  null
from (
  select a.bucket, a.id, a.account_id, s.currency, a.captured_minor, a.fee_minor, a.tax_minor,
    coalesce(a.decided_at_ms, a.created_at_ms) as at_ms,
    case c.edition when 'IN' then 19800000 else 0 end as ahead_ms,
    (coalesce(a.decided_at_ms, a.created_at_ms)
      + case c.edition when 'IN' then 19800000 else 0 end) / 86400000 as day,
    case a.payment_method when 'upi' then 1 when 'bank_transfer' then 1 when 'ach_debit' then 4
      else 2 end as day_count
  from payment_attempts a
    join payment_sessions s on s.bucket = a.bucket and s.id = a.payment_session_id
    join accounts c on c.id = a.account_id
  where a.status = 'succeeded') charges;

insert into balance_transactions
select r.bucket, 'refund', r.id, r.payment_attempt_id, r.account_id, 0, r.payment_attempt_id,
  r.currency, -r.amount_minor, 0, 0, -r.amount_minor, coalesce(r.decided_at_ms, r.created_at_ms),
  coalesce(r.decided_at_ms, r.created_at_ms), null
from refunds r
  join payment_attempts a on a.bucket = r.bucket and a.id = r.payment_attempt_id
where r.status = 'succeeded' and a.status = 'succeeded';

insert into balance_transactions
select t.bucket, 'transfer', t.id, t.payment_attempt_id, t.account_id, 0, t.payment_attempt_id,
  t.currency, -t.amount_minor, 0, 0, -t.amount_minor, t.created_at_ms, b.available_at_ms, null
from transfers t
  join balance_transactions b
    on b.bucket = t.bucket and b.kind = 'charge' and b.id = t.payment_attempt_id;

-- A connected account waits two days.
insert into balance_transactions
select t.bucket, 'connected_transfer', t.id, t.payment_attempt_id, t.account_id,
  t.connected_account_id, t.payment_attempt_id, t.currency, t.amount_minor, 0, 0, t.amount_minor,
  t.created_at_ms,
  ((t.created_at_ms + case c.edition when 'IN' then 19800000 else 0 end) / 86400000 + 2) * 86400000
    - case c.edition when 'IN' then 19800000 else 0 end, null
from transfers t join accounts c on c.id = t.account_id;

insert into balance_transactions
select v.bucket, 'transfer_reversal', v.id, v.transfer_id, v.account_id, 0, t.payment_attempt_id,
  v.currency, v.amount_minor, 0, 0, v.amount_minor, v.created_at_ms, v.created_at_ms, null
from transfer_reversals v join transfers t on t.bucket = v.bucket and t.id = v.transfer_id;

insert into balance_transactions
select v.bucket, 'connected_reversal', v.id, v.transfer_id, v.account_id, t.connected_account_id,
  t.payment_attempt_id, v.currency, -v.amount_minor, 0, 0, -v.amount_minor, v.created_at_ms,
  v.created_at_ms, null
from transfer_reversals v join transfers t on t.bucket = v.bucket and t.id = v.transfer_id;

-- The free transactions of each balance, with all columns that a sum needs.
create index balance_transactions_free on balance_transactions
  (account_id, connected_account_id, currency, available_at_ms, id, kind, net_minor, payout_id)
  where payout_id is null;
create index balance_transactions_paid on balance_transactions (payout_id)
  where payout_id is not null;
create index balance_transactions_connected on balance_transactions
  (account_id, connected_account_id, created_at_ms, id) where connected_account_id > 0;
