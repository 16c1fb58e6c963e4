-- The passkeys of operators (WebAuthn).
create table operator_passkeys (
  -- The credential's id in base64url, as authenticators make it.
  credential_id text not null primary key,
  operator_id text not null references operators (id) on delete cascade,
  -- The operator's own name for it.
  name text not null,
  -- The public key in COSE form, in base64url.
  public_key text not null,
  -- The authenticator's count of signatures. 0: it does not count.
  sign_count bigint not null,
  created_at_ms bigint not null,
  -- Null: it has not been used.
  used_at_ms bigint
);
create index operator_passkeys_by_operator on operator_passkeys (operator_id);
