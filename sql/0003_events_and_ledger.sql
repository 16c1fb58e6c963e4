-- Events and money: the amounts of a payment, merchants' refunds, reversals of transfers, the
-- ledger, and the webhooks.

-- Sums of an attempt, so that the database itself refuses refunds and transfers above the captured
-- amount.
alter table payment_attempts add column captured_minor bigint not null default 0
  check (captured_minor >= 0);
alter table payment_attempts add column fee_minor bigint not null default 0 check (fee_minor >= 0);
alter table payment_attempts add column tax_minor bigint not null default 0 check (tax_minor >= 0);
-- The refunded amount, and the amount of open refunds.
alter table payment_attempts add column refunded_minor bigint not null default 0
  check (refunded_minor >= 0);
alter table payment_attempts add column refunding_minor bigint not null default 0
  check (refunding_minor >= 0 and refunded_minor + refunding_minor <= captured_minor);
-- The transferred amount of connected accounts, without reversed parts.
alter table payment_attempts add column transferred_minor bigint not null default 0
  check (transferred_minor >= 0 and transferred_minor <= captured_minor);

update payment_attempts set captured_minor = (
    select s.amount_minor from payment_sessions s
    where s.bucket = payment_attempts.bucket and s.id = payment_attempts.payment_session_id)
  where status in ('succeeded', 'refunded');
update payment_attempts set fee_minor = (
    select (payment_attempts.captured_minor * a.fee_rate_bps + 5000) / 10000 from accounts a
    where a.id = payment_attempts.account_id)
  where status = 'succeeded';
update payment_attempts set tax_minor = (
    select (payment_attempts.fee_minor * a.tax_rate_bps + 5000) / 10000 from accounts a
    where a.id = payment_attempts.account_id)
  where status = 'succeeded';
update payment_attempts set refunded_minor = coalesce((
    select sum(r.amount_minor) from refunds r
    where r.bucket = payment_attempts.bucket and r.payment_attempt_id = payment_attempts.id
      and r.status = 'succeeded'), 0)
  where status = 'refunded';
update payment_attempts set refunding_minor = coalesce((
    select sum(r.amount_minor) from refunds r
    where r.bucket = payment_attempts.bucket and r.payment_attempt_id = payment_attempts.id
      and r.status in ('initiated', 'pending')), 0)
  where status = 'refunded';
update payment_attempts set transferred_minor = coalesce((
    select sum(t.amount_minor) from transfers t
    where t.bucket = payment_attempts.bucket and t.payment_attempt_id = payment_attempts.id), 0)
  where status = 'succeeded';

-- The fields by which payments are searched.
create index payment_attempts_by_email on payment_attempts (account_id, customer_email)
  where customer_email is not null;
create index payment_attempts_by_phone on payment_attempts (account_id, customer_phone)
  where customer_phone is not null;

alter table refunds add column description text;
alter table refunds add column meta_data_json text;
alter table refunds add column failure_reason text;
alter table refunds add column processor_reference text;
alter table refunds add column decided_at_ms bigint;
update refunds set decided_at_ms = created_at_ms where status in ('succeeded', 'failed');
update refunds set failure_reason = 'unknown' where status = 'failed';

alter table transfers add column description text;
alter table transfers add column reversed_minor bigint not null default 0
  check (reversed_minor >= 0 and reversed_minor <= amount_minor);
create index transfers_by_account on transfers (account_id, created_at_ms);
create index transfers_by_receiver on transfers (account_id, connected_account_id, created_at_ms);

create table transfer_reversals (
  bucket smallint not null,
  id bigint not null,
  account_id bigint not null references accounts (id),
  transfer_id bigint not null,
  currency text not null,
  amount_minor bigint not null check (amount_minor > 0),
  description text,
  created_at_ms bigint not null,
  primary key (bucket, id),
  foreign key (bucket, transfer_id) references transfers (bucket, id)
);
create index transfer_reversals_by_transfer on transfer_reversals (bucket, transfer_id);
create index transfer_reversals_by_account on transfer_reversals (account_id, created_at_ms);

-- The data of a connected account from its creation. Of its bank account only the last four digits.
alter table connected_accounts add column details_json text not null default '{}';

-- The ledger: each row moves an amount from one account of the books to another, so the books
-- always balance. Rows are added and never changed. The key prevents a second posting of the same
-- cause.
create table ledger_postings (
  bucket smallint not null,
  kind text not null,
  -- Its cause: a payment attempt, a refund, a transfer or a reversal.
  source_id bigint not null,
  payment_attempt_id bigint not null,
  account_id bigint not null references accounts (id),
  debit text not null,
  credit text not null,
  currency text not null,
  amount_minor bigint not null check (amount_minor > 0),
  created_at_ms bigint not null,
  primary key (bucket, kind, source_id),
  check (debit <> credit)
);
insert into ledger_postings
  select bucket, 'capture', id, id, account_id, 'processor', 'merchant',
    (select s.currency from payment_sessions s
      where s.bucket = a.bucket and s.id = a.payment_session_id), captured_minor, decided_at_ms
  from payment_attempts a where status = 'succeeded';
insert into ledger_postings
  select bucket, 'late_capture', id, id, account_id, 'processor', 'customers',
    (select s.currency from payment_sessions s
      where s.bucket = a.bucket and s.id = a.payment_session_id), captured_minor, decided_at_ms
  from payment_attempts a where status = 'refunded';
insert into ledger_postings
  select bucket, 'fee', id, id, account_id, 'merchant', 'fees',
    (select s.currency from payment_sessions s
      where s.bucket = a.bucket and s.id = a.payment_session_id), fee_minor, decided_at_ms
  from payment_attempts a where fee_minor > 0;
insert into ledger_postings
  select bucket, 'tax', id, id, account_id, 'merchant', 'taxes',
    (select s.currency from payment_sessions s
      where s.bucket = a.bucket and s.id = a.payment_session_id), tax_minor, decided_at_ms
  from payment_attempts a where tax_minor > 0;
insert into ledger_postings
  select bucket, 'late_refund', id, payment_attempt_id, account_id, 'customers', 'processor', currency,
    amount_minor, decided_at_ms
  from refunds where status = 'succeeded';
insert into ledger_postings
  select bucket, 'transfer', id, payment_attempt_id, account_id, 'merchant',
    'connected_account/' || connected_account_id, currency, amount_minor, created_at_ms
  from transfers;

create table webhook_endpoints (
  id bigint not null primary key,
  account_id bigint not null references accounts (id),
  name text not null,
  url text not null,
  description text,
  -- `inactive`: the merchant has deactivated it. `disabled`: Paydesk has, after a whole failed
  -- schedule.
  status text not null check (status in ('active', 'inactive', 'disabled', 'deleted')),
  enabled_events text not null,
  signing_key_sealed text not null,
  -- The time until which the old key also signs after a change of the key.
  previous_key_sealed text,
  previous_key_until_ms bigint,
  -- The time of the last accepted delivery, to the minute.
  accepted_at_ms bigint,
  -- The time of the last activation: earlier failures do not count.
  activated_at_ms bigint,
  created_at_ms bigint not null,
  changed_at_ms bigint not null,
  check ((previous_key_sealed is null) = (previous_key_until_ms is null))
);
create index webhook_endpoints_by_account on webhook_endpoints (account_id);

create table webhook_events (
  bucket smallint not null,
  id bigint not null,
  account_id bigint not null references accounts (id),
  type text not null,
  payment_session_id bigint not null,
  -- The whole body. Each attempt sends exactly this text.
  body_json text not null,
  created_at_ms bigint not null,
  primary key (bucket, id)
);
create index webhook_events_by_account on webhook_events (account_id, created_at_ms);
create index webhook_events_by_type on webhook_events (account_id, type, created_at_ms);
create index webhook_events_by_session on webhook_events (bucket, payment_session_id);

-- One event for one endpoint. `held` waits until the endpoint is active again. The endpoint's
-- status decides: a row that disagrees with it is corrected when it is read.
create table webhook_deliveries (
  bucket smallint not null,
  event_id bigint not null,
  endpoint_id bigint not null,
  account_id bigint not null,
  event_type text not null,
  status text not null check (status in ('pending', 'delivered', 'given_up', 'held', 'canceled')),
  attempt_count integer not null,
  -- The number of failed attempts since the schedule began, and the time of the first one.
  failure_count smallint not null,
  failing_since_ms bigint,
  -- The time of the next attempt. A claim moves it ahead: that is the lease.
  next_attempt_at_ms bigint,
  attempted_at_ms bigint,
  http_status smallint,
  created_at_ms bigint not null,
  primary key (bucket, event_id, endpoint_id),
  foreign key (bucket, event_id) references webhook_events (bucket, id),
  check ((status = 'pending') = (next_attempt_at_ms is not null))
);
create index webhook_deliveries_due on webhook_deliveries (next_attempt_at_ms)
  where next_attempt_at_ms is not null;
create index webhook_deliveries_by_endpoint on webhook_deliveries (endpoint_id, created_at_ms);
create index webhook_deliveries_held on webhook_deliveries (endpoint_id) where status = 'held';

create table webhook_delivery_attempts (
  bucket smallint not null,
  event_id bigint not null,
  endpoint_id bigint not null,
  number integer not null,
  started_at_ms bigint not null,
  duration_ms integer not null,
  -- Null: there was no answer, and `failure` has the reason.
  http_status smallint,
  failure text,
  -- The beginning of the answer's body.
  response_body text,
  primary key (bucket, event_id, endpoint_id, number),
  foreign key (bucket, event_id, endpoint_id)
    references webhook_deliveries (bucket, event_id, endpoint_id)
);
create index webhook_delivery_attempts_by_age on webhook_delivery_attempts (bucket, started_at_ms);
