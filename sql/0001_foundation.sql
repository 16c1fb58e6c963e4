-- One subset of SQL for SQLite and PostgreSQL. Times are milliseconds since 1970, money is whole
-- minor units, JSON is text. `bucket` comes first in the key of every large table, so that related
-- rows can be stored together (docs/decisions/0009-ids-carry-their-bucket.md).

-- Facts about the whole database: its mode, and a check value of its secret key.
create table installation (
  name text not null primary key,
  value text not null
);

create table accounts (
  id bigint not null primary key,
  name text not null,
  edition text not null check (edition in ('IN', 'US')),
  payment_methods text not null,
  fee_rate_bps integer not null check (fee_rate_bps between 0 and 10000),
  tax_rate_bps integer not null check (tax_rate_bps between 0 and 10000),
  -- Signs redirects and widget answers, so it must be read back: sealed, not hashed.
  signing_key_sealed text not null,
  api_key_hash text not null,
  -- The hash of the key with which the account's owner answers a consent page in live mode.
  owner_key_hash text not null,
  created_at_ms bigint not null
);

create table connected_accounts (
  account_id bigint not null references accounts (id),
  id bigint not null,
  name text not null,
  created_at_ms bigint not null,
  primary key (account_id, id)
);

create table clients (
  id text not null primary key,
  name text not null,
  secret_hash text not null,
  account_ids text not null,
  redirect_uris text not null,
  -- 1: the client may request a token for itself (client_credentials).
  is_machine smallint not null check (is_machine in (0, 1)),
  created_at_ms bigint not null
);

create table authorization_codes (
  code_hash text not null primary key,
  client_id text not null references clients (id) on delete cascade,
  account_ids text not null,
  scopes text not null,
  redirect_uri text not null,
  code_challenge text,
  grant_id text not null,
  expires_at_ms bigint not null,
  used_at_ms bigint
);

create table refresh_tokens (
  token_hash text not null primary key,
  client_id text not null references clients (id) on delete cascade,
  account_ids text not null,
  scopes text not null,
  grant_id text not null,
  -- The number of the token among the client's tokens for the same accounts. The oldest ones above
  -- the limit are deleted.
  sequence bigint not null,
  created_at_ms bigint not null
);
create index refresh_tokens_by_client on refresh_tokens (client_id, account_ids, sequence);

create table access_tokens (
  token_hash text not null primary key,
  client_id text not null references clients (id) on delete cascade,
  account_ids text not null,
  scopes text not null,
  grant_id text not null,
  refresh_token_hash text,
  -- Null: it never expires, like a sandbox's well-known token.
  expires_at_ms bigint
);
create index access_tokens_by_refresh_token on access_tokens (refresh_token_hash);
create index access_tokens_by_grant on access_tokens (grant_id);
create index access_tokens_by_expiry on access_tokens (expires_at_ms);

create table payment_sessions (
  bucket smallint not null,
  id bigint not null,
  account_id bigint not null references accounts (id),
  status text not null check (status in ('created', 'in_progress', 'succeeded', 'failed', 'canceled')),
  currency text not null,
  amount_minor bigint not null check (amount_minor > 0),
  created_at_ms bigint not null,
  expires_at_ms bigint not null,
  attempt_count smallint not null default 0,
  attempt_count_max smallint not null,
  current_attempt_id bigint,
  invoice_number text,
  reference_number text,
  -- The fields of the request that the answers repeat, as JSON text.
  echoed_json text not null,
  configurations_json text,
  transfer_details_json text,
  primary key (bucket, id),
  check ((status = 'in_progress') = (current_attempt_id is not null)),
  check (attempt_count between 0 and attempt_count_max)
);
create index payment_sessions_by_account on payment_sessions (account_id, created_at_ms);
create index payment_sessions_by_reference on payment_sessions (account_id, reference_number)
  where reference_number is not null;
create index payment_sessions_by_invoice on payment_sessions (account_id, invoice_number)
  where invoice_number is not null;

create table payment_attempts (
  bucket smallint not null,
  id bigint not null,
  payment_session_id bigint not null,
  number smallint not null,
  status text not null check (status in ('initiated', 'pending', 'succeeded', 'failed')),
  decline_code text,
  created_at_ms bigint not null,
  deadline_at_ms bigint not null,
  primary key (bucket, id),
  unique (bucket, payment_session_id, number),
  foreign key (bucket, payment_session_id) references payment_sessions (bucket, id),
  check ((status = 'failed') = (decline_code is not null))
);
-- At most one success for each session, enforced by the database.
create unique index payment_attempts_one_success on payment_attempts (bucket, payment_session_id)
  where status = 'succeeded';

create table idempotency_keys (
  bucket smallint not null,
  -- SHA-256 of account, path and key: a key applies only to its account and path.
  identity_hash text not null,
  -- SHA-256 of the body of the first request with the key.
  request_hash text not null,
  status smallint not null,
  -- The whole answer, sealed, because it may contain an access key.
  answer_sealed text not null,
  resource_id bigint not null,
  created_at_ms bigint not null,
  primary key (bucket, identity_hash)
);
create index idempotency_keys_by_age on idempotency_keys (bucket, created_at_ms);
