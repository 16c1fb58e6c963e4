-- What an attempt was paid with and what has to happen to it next; and what success and lateness
-- bring: transfers and refunds. The table of attempts is made anew, for SQLite cannot change a check.

create table payment_attempts_with_instrument (
  bucket smallint not null,
  id bigint not null,
  payment_session_id bigint not null,
  account_id bigint not null references accounts (id),
  number smallint not null,
  status text not null check (status in ('initiated', 'pending', 'succeeded', 'failed', 'refunded')),
  payment_method text not null,
  -- What may be kept of the customer's card or account: never enough to pay with.
  instrument_json text not null,
  -- How the customer can be reached, as far as that was said.
  customer_email text,
  customer_phone text,
  processor_reference text,
  -- What the customer has to do before the processor can decide.
  action_json text,
  decline_code text,
  created_at_ms bigint not null,
  deadline_at_ms bigint not null,
  decided_at_ms bigint,
  -- When the processor is asked next. Claiming an attempt moves it on: that is the lease.
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
-- At most one success a session, whatever the program believes.
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
  -- The order of the request. Ids do not tell it: their counter wraps round.
  number smallint not null,
  connected_account_id bigint not null,
  currency text not null,
  amount_minor bigint not null check (amount_minor > 0),
  created_at_ms bigint not null,
  primary key (bucket, id),
  unique (bucket, payment_attempt_id, number),
  foreign key (bucket, payment_attempt_id) references payment_attempts (bucket, id)
);

-- Which pages may embed the widget, and the colour of the merchant's button.
alter table accounts add column frame_origins text not null default '[]';
alter table accounts add column brand_color text;

-- The sandbox processor's own books: what it took and gave back, whatever we believe.
create table sandbox_charges (
  bucket smallint not null,
  attempt_id bigint not null,
  currency text not null,
  amount_minor bigint not null,
  instrument_json text not null,
  -- What the customer has to do, and where to be sent back to.
  action_json text,
  return_url text not null,
  -- What happens when the customer consents: approved, or the code of a decline.
  outcome_on_consent text not null,
  -- How long after consent it is decided.
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
