-- Payment links: URLs at which one amount can be paid once. Their sessions have the same bucket.
create table payment_links (
  bucket smallint not null,
  id bigint not null,
  account_id bigint not null references accounts (id),
  currency text not null,
  amount_minor bigint not null check (amount_minor > 0),
  url text not null,
  created_at_ms bigint not null,
  description text not null,
  email text,
  -- As the merchant sent it, and its digits without the dialing code, by which lists find it.
  phone text,
  phone_digits text,
  phone_country_code text,
  reference_id text,
  return_url text,
  notify_customer_json text,
  configurations_json text,
  -- A link that is active after this time is expired, unless a payment is with the processor.
  expires_at_ms bigint not null,
  status text not null check (status in ('active', 'paid', 'expired', 'canceled')),
  newest_session_id bigint,
  current_session_id bigint,
  paid_attempt_id bigint,
  -- The time at which its expiry has to be recorded. Null: it does not expire now.
  due_at_ms bigint,
  primary key (bucket, id),
  check ((status = 'paid') = (paid_attempt_id is not null)),
  check (current_session_id is null or status = 'active'),
  check ((due_at_ms is not null) = (status = 'active' and current_session_id is null))
);

create index payment_links_by_status
  on payment_links (account_id, status, created_at_ms, id, due_at_ms);
create index payment_links_by_reference
  on payment_links (account_id, reference_id, status, created_at_ms, id, due_at_ms)
  where reference_id is not null;
-- With the reference, because the search already lists the links with an equal reference
-- separately.
create index payment_links_by_email
  on payment_links (account_id, email, status, created_at_ms, id, due_at_ms, reference_id)
  where email is not null;
create index payment_links_by_phone
  on payment_links (account_id, phone_digits, status, created_at_ms, id, due_at_ms, reference_id)
  where phone_digits is not null;
create index payment_links_due on payment_links (due_at_ms) where due_at_ms is not null;

create index payment_sessions_by_link on payment_sessions (bucket, payment_link_id, created_at_ms, id)
  where payment_link_id is not null;
