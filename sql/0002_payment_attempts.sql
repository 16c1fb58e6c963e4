-- The instrument of an attempt and its next step; transfers and refunds, which follow a success or
-- a late payment. The table of attempts is created again, because SQLite cannot change a check.

create table payment_attempts_with_instrument (
  bucket smallint not null,
  id bigint not null,
  payment_session_id bigint not null,
  account_id bigint not null references accounts (id),
  number smallint not null,
  status text not null check (status in ('initiated', 'pending', 'succeeded', 'failed', 'refunded')),
  payment_method text not null,
  -- The storable facts of the customer's card or account, which are never enough for a payment.
  instrument_json text not null,
  -- The customer's contact data, if given.
  customer_email text,
  customer_phone text,
  processor_reference text,
  -- The customer's next step, before the processor can decide.
  action_json text,
  decline_code text,
  created_at_ms bigint not null,
  deadline_at_ms bigint not null,
  decided_at_ms bigint,
  -- The time of the next query of the processor. A claim moves it ahead: that is the lease.
  ask_at_ms bigint,
  asked_count smallint not null,
  primary key (bucket, id),
  unique (bucket, payment_session_id, number),
  foreign key (bucket, payment_session_id) references payment_sessions (bucket, id),
  check ((status = 'failed') = (decline_code is not null)),
  check ((status in ('initiated', 'pending')) = (ask_at_ms is not null)),
  check ((status in ('initiated', 'pending')) = (decided_at_ms is null))
);
insert into payment_attempts_with_instrument
  select a.bucket, a.id, a.payment_session_id, s.account_id, a.number, a.status, 'bank_transfer',
    '{"type":"bank_transfer"}', null, null, null, null, a.decline_code, a.created_at_ms, a.deadline_at_ms,
    case when a.status in ('initiated', 'pending') then null else a.created_at_ms end,
    case when a.status in ('initiated', 'pending') then a.created_at_ms else null end,
    0
  from payment_attempts a
    join payment_sessions s on s.bucket = a.bucket and s.id = a.payment_session_id;
drop table payment_attempts;
alter table payment_attempts_with_instrument rename to payment_attempts;
-- At most one success for each session, enforced by the database.
create unique index payment_attempts_one_success on payment_attempts (bucket, payment_session_id)
  where status = 'succeeded';
create index payment_attempts_by_account on payment_attempts (account_id, created_at_ms);
create index payment_attempts_to_ask on payment_attempts (ask_at_ms, bucket) where ask_at_ms is not null;

create table refunds (
  bucket smallint not null,
  id bigint not null,
  account_id bigint not null references accounts (id),
  payment_attempt_id bigint not null,
  currency text not null,
  amount_minor bigint not null check (amount_minor > 0),
  type text not null,
  reason text not null,
  status text not null check (status in ('initiated', 'pending', 'succeeded', 'failed')),
  created_at_ms bigint not null,
  ask_at_ms bigint,
  asked_count smallint not null,
  primary key (bucket, id),
  foreign key (bucket, payment_attempt_id) references payment_attempts (bucket, id),
  check ((status in ('initiated', 'pending')) = (ask_at_ms is not null))
);
create index refunds_by_attempt on refunds (bucket, payment_attempt_id);
create index refunds_to_ask on refunds (ask_at_ms, bucket) where ask_at_ms is not null;

create table transfers (
  bucket smallint not null,
  id bigint not null,
  account_id bigint not null references accounts (id),
  payment_attempt_id bigint not null,
  -- The order in the request. Ids do not show it, because their counter wraps around.
  number smallint not null,
  connected_account_id bigint not null,
  currency text not null,
  amount_minor bigint not null check (amount_minor > 0),
  created_at_ms bigint not null,
  primary key (bucket, id),
  unique (bucket, payment_attempt_id, number),
  foreign key (bucket, payment_attempt_id) references payment_attempts (bucket, id)
);

-- The origins that may embed the widget, and the color of the merchant's button.
alter table accounts add column frame_origins text not null default '[]';
alter table accounts add column brand_color text;

-- The sandbox processor's own records: its charges and refunds, independent of Paydesk's.
create table sandbox_charges (
  bucket smallint not null,
  attempt_id bigint not null,
  currency text not null,
  amount_minor bigint not null,
  instrument_json text not null,
  -- The customer's next step, and the URL for the customer's return.
  action_json text,
  return_url text not null,
  -- The outcome after the customer's consent: approved, or the code of a decline.
  outcome_on_consent text not null,
  -- The time from the consent to the decision.
  decide_after_ms bigint not null,
  outcome text,
  -- Null: the customer has not decided. In the future: pending until then.
  decided_at_ms bigint,
  created_at_ms bigint not null,
  primary key (bucket, attempt_id),
  check ((outcome is null) = (decided_at_ms is null))
);
create table sandbox_refunds (
  bucket smallint not null,
  refund_id bigint not null,
  attempt_id bigint not null,
  amount_minor bigint not null,
  decided_at_ms bigint not null,
  primary key (bucket, refund_id)
);
