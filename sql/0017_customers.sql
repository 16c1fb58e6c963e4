-- The customers whom merchants have stored. A deleted one keeps its id and name, for payments that were made before.
create table customers (
  bucket smallint not null,
  id bigint not null,
  account_id bigint not null references accounts (id),
  name text not null,
  email text,
  -- Digits without a known dialing code.
  phone text,
  dialing_code text,
  meta_data_json text,
  created_at_ms bigint not null,
  changed_at_ms bigint not null,
  deleted_at_ms bigint,
  primary key (bucket, id),
  check ((email is null) = (deleted_at_ms is not null)),
  check (deleted_at_ms is null or (phone is null and meta_data_json is null)),
  check (dialing_code is null or phone is not null)
);
-- SQLite reads an index alone only if it has the columns of its own condition too.
create index customers_by_account on customers (account_id, created_at_ms, id, deleted_at_ms)
  where deleted_at_ms is null;
create index customers_by_email on customers (account_id, email, created_at_ms, id, deleted_at_ms)
  where deleted_at_ms is null;
create index customers_by_phone on customers (account_id, phone, created_at_ms, id, deleted_at_ms)
  where deleted_at_ms is null;

create index payment_sessions_by_customer
  on payment_sessions (account_id, customer_id, created_at_ms, id)
  where customer_id is not null;
