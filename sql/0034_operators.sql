-- The people who sign in to the console of a live server.
create table operators (
  id text not null primary key,
  -- In lower case.
  email text not null unique,
  name text not null,
  role text not null check (role in ('viewer', 'support', 'manager', 'administrator')),
  -- A JSON list. Null: all accounts, also later ones.
  account_ids text,
  -- In minor units. Null: no limit.
  refund_max bigint check (refund_max >= 0),
  created_at_ms bigint not null,
  -- Null: the operator may sign in.
  disabled_at_ms bigint,
  -- An Argon2id hash with its parameters. Null: the operator has no password.
  password_hash text,
  -- The secret of the time-based codes.
  code_secret_sealed text,
  -- The number of the time step of the last accepted code: each code is accepted once.
  last_code_step bigint not null,
  -- A JSON list of the hashes of the unused recovery codes.
  recovery_hashes text not null,
  -- Null: no invitation is open.
  invitation_hash text unique,
  invitation_ends_at_ms bigint,
  check ((password_hash is null) = (code_secret_sealed is null)),
  check ((invitation_hash is null) = (invitation_ends_at_ms is null))
);

-- The sessions of signed-in operators.
create table operator_sessions (
  -- The SHA-256 of the cookie's token.
  token_hash text not null primary key,
  operator_id text not null references operators (id) on delete cascade,
  created_at_ms bigint not null,
  seen_at_ms bigint not null
);
create index operator_sessions_by_operator on operator_sessions (operator_id);
create index operator_sessions_by_time on operator_sessions (created_at_ms);

-- The failed sign-ins by browser, address or operator, within their time windows.
create table sign_in_counts (
  key text not null primary key,
  failure_count bigint not null,
  started_at_ms bigint not null
);
create index sign_in_counts_by_time on sign_in_counts (started_at_ms);
