-- Mandates: permissions of customers for debits. They have the bucket of their enrollment session.
create table mandates (
  bucket smallint not null,
  id bigint not null,
  account_id bigint not null references accounts (id),
  customer_id bigint not null,
  -- The customer's data at the enrollment.
  customer_name text not null,
  customer_email text,
  customer_phone text,
  -- The payment by which the customer approves the mandate.
  enrollment_attempt_id bigint not null,
  created_at_ms bigint not null,
  amount_rule text not null check (amount_rule in ('fixed', 'variable')),
  frequency text not null,
  description text not null,
  -- The amount of each debit, or the largest one, in paise.
  amount_minor bigint not null check (amount_minor > 0),
  -- The first and the last day of debits: 2026-11-29.
  start_on text not null,
  end_on text,
  debit_day smallint,
  debit_rule text check (debit_rule in ('on', 'before', 'after')),
  upi_id text,
  status text not null check (status in ('processing', 'active', 'paused', 'inactive')),
  inactive_reason text
    check (inactive_reason in ('declined', 'revoked', 'canceled', 'expired', 'completed')),
  changed_at_ms bigint not null,
  -- A mandate that is active or paused after this time has expired, and its end has to be recorded.
  ends_at_ms bigint,
  -- The time of the next query to the processor.
  ask_at_ms bigint,
  asked_count smallint not null,
  primary key (bucket, id),
  check ((status = 'inactive') = (inactive_reason is not null)),
  check ((debit_day is null) = (debit_rule is null)),
  check (ask_at_ms is null or status in ('active', 'paused'))
);
create index mandates_by_status on mandates (account_id, status, created_at_ms, id, ends_at_ms);
create index mandates_by_customer
  on mandates (account_id, customer_id, status, created_at_ms, id, ends_at_ms);
create index mandates_by_upi_id
  on mandates (account_id, upi_id, status, created_at_ms, id, ends_at_ms, customer_id)
  where upi_id is not null;
create index mandates_due on mandates (ends_at_ms) where status in ('active', 'paused');
create index mandates_to_ask on mandates (ask_at_ms) where ask_at_ms is not null;

-- The notices of debits to customers. They have the bucket of their mandate.
create table mandate_notifications (
  bucket smallint not null,
  id bigint not null,
  mandate_id bigint not null,
  account_id bigint not null references accounts (id),
  amount_minor bigint not null check (amount_minor > 0),
  -- The announced day of the debit: 2026-11-29.
  execution_on text not null,
  description text not null,
  invoice_number text not null,
  created_at_ms bigint not null,
  status text not null check (status in ('initiated', 'succeeded', 'failed')),
  processor_reference text,
  ask_at_ms bigint,
  asked_count smallint not null,
  primary key (bucket, id),
  foreign key (bucket, mandate_id) references mandates (bucket, id),
  check ((status = 'initiated') = (ask_at_ms is not null))
);
create index mandate_notifications_to_ask on mandate_notifications (ask_at_ms)
  where ask_at_ms is not null;

-- The debits of mandates that are with the processor, wait for their notice, or have succeeded. A debit that fails is
-- deleted. The id is that of the payment, the bucket that of the mandate.
create table mandate_debits (
  bucket smallint not null,
  id bigint not null,
  mandate_id bigint not null,
  payment_session_id bigint not null,
  -- The first day of the cycle. Null: the mandate has no cycles.
  cycle_on text,
  notification_id bigint,
  created_at_ms bigint not null,
  status text not null check (status in ('waiting', 'sent', 'succeeded')),
  -- The time at which the charge is sent.
  ask_at_ms bigint,
  primary key (bucket, id),
  foreign key (bucket, mandate_id) references mandates (bucket, id),
  foreign key (bucket, notification_id) references mandate_notifications (bucket, id),
  check ((status = 'waiting') = (ask_at_ms is not null))
);
-- A mandate is debited once in a cycle, and once for a notice.
create unique index mandate_debits_of_cycle on mandate_debits (bucket, mandate_id, cycle_on)
  where cycle_on is not null;
create unique index mandate_debits_of_notification on mandate_debits (bucket, notification_id)
  where notification_id is not null;
create index mandate_debits_to_charge on mandate_debits (ask_at_ms) where ask_at_ms is not null;

-- The mandates in the records of the sandbox's processor.
create table sandbox_mandates (
  bucket smallint not null,
  mandate_id bigint not null,
  upi_id text not null,
  status text not null check (status in ('active', 'paused', 'revoked')),
  -- The time at which the customer cancels it.
  revoke_at_ms bigint,
  primary key (bucket, mandate_id)
);
