-- Printed by npm run print, from a database to which all migrations were applied. Do not edit.

CREATE TABLE access_tokens (
  token_hash text not null primary key,
  client_id text not null references clients (id) on delete cascade,
  account_ids text not null,
  scopes text not null,
  grant_id text not null,
  refresh_token_hash text,
  -- Null: it never expires, like a sandbox's well-known token.
  expires_at_ms bigint
);

CREATE INDEX access_tokens_by_expiry on access_tokens (expires_at_ms);

CREATE INDEX access_tokens_by_grant on access_tokens (grant_id);

CREATE INDEX access_tokens_by_refresh_token on access_tokens (refresh_token_hash);

CREATE TABLE account_logos (
  file text not null primary key,
  content text not null,
  created_at_ms bigint not null
, unused_since_ms bigint);

CREATE INDEX account_logos_by_use on account_logos (unused_since_ms, file);

CREATE TABLE accounts (
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
, frame_origins text not null default '[]', brand_color text, statement_descriptor text, logo_file text, terms_url text, privacy_url text, hides_powered_by smallint not null default 0, closed_at_ms bigint, fee_changes text not null default '[]', previous_signing_key_sealed text, previous_signing_key_until_ms bigint, previous_api_key_hash text, previous_api_key_until_ms bigint, previous_owner_key_hash text, previous_owner_key_until_ms bigint, payout_schedule text not null default 'daily', bank_account_json text);

CREATE INDEX accounts_by_logo on accounts (logo_file) where logo_file is not null;

CREATE TABLE audit_log (
  -- 1, 2, 3 and so on: a missing row leaves a gap.
  number bigint not null primary key,
  at_ms bigint not null,
  actor_kind text not null,
  actor_name text not null,
  action text not null,
  object_id text not null,
  before_json text not null,
  after_json text not null
);

CREATE TRIGGER audit_log_keeps_numbers before insert on audit_log
when exists (select 1 from audit_log where number = new.number)
begin
  select raise(abort, 'a row of the audit log cannot be replaced');
end;

CREATE TRIGGER audit_log_keeps_rows before delete on audit_log
begin
  select raise(abort, 'a row of the audit log cannot be deleted');
end;

CREATE TRIGGER audit_log_keeps_values before update on audit_log
begin
  select raise(abort, 'a row of the audit log cannot be changed');
end;

CREATE INDEX audit_log_by_action on audit_log (action, number);

CREATE INDEX audit_log_by_object on audit_log (object_id, number);

CREATE TABLE authorization_codes (
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

CREATE INDEX authorization_codes_by_expiry on authorization_codes (expires_at_ms);

CREATE TABLE "balance_transactions" (
  bucket smallint not null,
  kind text not null,
  -- The payment, refund, transfer, reversal or dispute.
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

CREATE INDEX balance_transactions_connected on balance_transactions
  (account_id, connected_account_id, created_at_ms, id) where connected_account_id > 0;

CREATE INDEX balance_transactions_free on balance_transactions
  (account_id, connected_account_id, currency, available_at_ms, id, kind, net_minor, payout_id)
  where payout_id is null;

CREATE INDEX balance_transactions_paid on balance_transactions (payout_id)
  where payout_id is not null;

CREATE TABLE "bank_transfers" (
  bucket smallint not null,
  id bigint not null,
  virtual_account_id bigint not null,
  -- The bank's reference. It identifies repeated reports of the transfer.
  utr text not null,
  amount_minor bigint not null check (amount_minor > 0),
  created_at_ms bigint not null,
  -- The payment's status in lists: a payment that was refunded in part is `refunded`.
  status text not null check (status in ('succeeded', 'failed', 'refunded', 'disputed')),
  -- The time at which the bank takes the money back. Null: never, or already done.
  reverse_at_ms bigint, decision_due_at_ms bigint,
  primary key (bucket, id),
  unique (bucket, virtual_account_id, utr),
  foreign key (bucket, virtual_account_id) references virtual_accounts (bucket, id),
  foreign key (bucket, id) references payment_attempts (bucket, id)
);

CREATE INDEX bank_transfers_by_amount
  on bank_transfers (bucket, virtual_account_id, status, amount_minor, id);

CREATE INDEX bank_transfers_by_time
  on bank_transfers (bucket, virtual_account_id, status, created_at_ms, id);

CREATE INDEX bank_transfers_to_decide on bank_transfers (decision_due_at_ms)
  where decision_due_at_ms is not null;

CREATE INDEX bank_transfers_to_reverse on bank_transfers (reverse_at_ms)
  where reverse_at_ms is not null;

CREATE TABLE clients (
  id text not null primary key,
  name text not null,
  secret_hash text not null,
  account_ids text not null,
  redirect_uris text not null,
  -- 1: the client may request a token for itself (client_credentials).
  is_machine smallint not null check (is_machine in (0, 1)),
  created_at_ms bigint not null
, previous_secret_hash text, previous_secret_until_ms bigint);

CREATE TABLE connected_accounts (
  account_id bigint not null references accounts (id),
  id bigint not null,
  name text not null,
  created_at_ms bigint not null, details_json text not null default '{}',
  primary key (account_id, id)
);

CREATE INDEX connected_accounts_by_account
  on connected_accounts (account_id, created_at_ms desc, id);

CREATE TABLE customers (
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

CREATE INDEX customers_by_account on customers (account_id, created_at_ms, id, deleted_at_ms)
  where deleted_at_ms is null;

CREATE INDEX customers_by_email on customers (account_id, email, created_at_ms, id, deleted_at_ms)
  where deleted_at_ms is null;

CREATE INDEX customers_by_phone on customers (account_id, phone, created_at_ms, id, deleted_at_ms)
  where deleted_at_ms is null;

CREATE TABLE disputes (
  bucket smallint not null,
  id bigint not null,
  account_id bigint not null references accounts (id),
  payment_attempt_id bigint not null,
  currency text not null,
  amount_minor bigint not null check (amount_minor > 0),
  fee_minor bigint not null check (fee_minor >= 0),
  reason text not null,
  created_at_ms bigint not null,
  -- The processor's reference of the dispute. Null: a sandbox's control API opened it.
  processor_reference text,
  status text not null check (status in ('open', 'won', 'lost')),
  decided_at_ms bigint,
  primary key (bucket, id),
  foreign key (bucket, payment_attempt_id) references payment_attempts (bucket, id),
  check ((status = 'open') = (decided_at_ms is null))
);

CREATE INDEX disputes_by_payment on disputes (bucket, payment_attempt_id, created_at_ms, id);

CREATE UNIQUE INDEX disputes_by_reference
  on disputes (bucket, payment_attempt_id, processor_reference)
  where processor_reference is not null;

CREATE INDEX disputes_by_status on disputes (account_id, status, created_at_ms, id);

CREATE UNIQUE INDEX disputes_one_open on disputes (bucket, payment_attempt_id)
  where status = 'open';

CREATE TABLE idempotency_keys (
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

CREATE INDEX idempotency_keys_by_age on idempotency_keys (bucket, created_at_ms);

CREATE TABLE installation (
  name text not null primary key,
  value text not null
);

CREATE TABLE ledger_balances (
  account_id bigint not null,
  checked_at_ms bigint not null,
  -- 0: the balance belongs to no connected account.
  connected_account_id bigint not null,
  currency text not null,
  ledger_account text not null,
  -- Whole minor units as text, because sums can exceed 64 bits.
  debit_minor text not null,
  credit_minor text not null,
  primary key (account_id, checked_at_ms, connected_account_id, currency, ledger_account)
);

CREATE INDEX ledger_balances_by_check on ledger_balances (checked_at_ms);

CREATE TABLE ledger_check_runs (
  id smallint not null primary key check (id = 1),
  started_at_ms bigint not null,
  -- The server moves it ahead while it works. After this time the run has ended, perhaps because the server ended.
  alive_until_ms bigint not null,
  part text not null,
  has_failed smallint not null check (has_failed in (0, 1))
);

CREATE TABLE ledger_checks (
  id smallint not null primary key check (id = 1),
  -- The start of the check, which is the time of the checked state.
  checked_at_ms bigint not null,
  duration_ms bigint not null,
  posting_count bigint not null,
  discrepancy_count integer not null
, discrepancies_json text);

CREATE TABLE ledger_postings (
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

CREATE INDEX ledger_postings_by_account
  on ledger_postings (account_id, created_at_ms, source_id, kind);

CREATE TABLE mandate_debits (
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

CREATE UNIQUE INDEX mandate_debits_of_cycle on mandate_debits (bucket, mandate_id, cycle_on)
  where cycle_on is not null;

CREATE UNIQUE INDEX mandate_debits_of_notification on mandate_debits (bucket, notification_id)
  where notification_id is not null;

CREATE INDEX mandate_debits_to_charge on mandate_debits (ask_at_ms) where ask_at_ms is not null;

CREATE TABLE mandate_notifications (
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

CREATE INDEX mandate_notifications_by_mandate
  on mandate_notifications (bucket, mandate_id, created_at_ms, id);

CREATE INDEX mandate_notifications_to_ask on mandate_notifications (ask_at_ms)
  where ask_at_ms is not null;

CREATE TABLE mandates (
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

CREATE INDEX mandates_by_customer
  on mandates (account_id, customer_id, status, created_at_ms, id, ends_at_ms);

CREATE INDEX mandates_by_status on mandates (account_id, status, created_at_ms, id, ends_at_ms);

CREATE INDEX mandates_by_upi_id
  on mandates (account_id, upi_id, status, created_at_ms, id, ends_at_ms, customer_id)
  where upi_id is not null;

CREATE INDEX mandates_due on mandates (ends_at_ms) where status in ('active', 'paused');

CREATE INDEX mandates_to_ask on mandates (ask_at_ms) where ask_at_ms is not null;

CREATE TABLE messages (
  -- The bucket of its subject.
  bucket smallint not null,
  id bigint not null,
  account_id bigint not null references accounts (id),
  kind text not null,
  channel text not null,
  -- The object that it is about: a payment, or a payment link.
  subject_id bigint not null,
  -- Distinguishes several messages about one subject.
  occasion bigint not null,
  recipient text not null,
  language text not null,
  content_json text not null,
  created_at_ms bigint not null,
  -- `kept`: in a sandbox's outbox. `sending` is written before the messenger is called.
  status text not null check (status in ('kept', 'queued', 'sending', 'sent', 'failed', 'unknown')),
  attempt_count smallint not null,
  -- The time of the next attempt. A claim moves it ahead: that is the lease.
  next_attempt_at_ms bigint,
  ended_at_ms bigint,
  failure text,
  messenger_reference text,
  primary key (bucket, id),
  check ((status in ('queued', 'sending')) = (next_attempt_at_ms is not null))
);

CREATE INDEX messages_by_account on messages (account_id, created_at_ms, id);

CREATE UNIQUE INDEX messages_by_cause on messages (bucket, subject_id, kind, channel, occasion);

CREATE INDEX messages_due on messages (next_attempt_at_ms) where next_attempt_at_ms is not null;

CREATE TABLE operator_passkeys (
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

CREATE INDEX operator_passkeys_by_operator on operator_passkeys (operator_id);

CREATE TABLE operator_sessions (
  -- The SHA-256 of the cookie's token.
  token_hash text not null primary key,
  operator_id text not null references operators (id) on delete cascade,
  created_at_ms bigint not null,
  seen_at_ms bigint not null
, browser text);

CREATE INDEX operator_sessions_by_operator on operator_sessions (operator_id);

CREATE INDEX operator_sessions_by_time on operator_sessions (created_at_ms);

CREATE TABLE operators (
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
  invitation_ends_at_ms bigint, provider_issuer text, provider_subject text, accepted_at_ms bigint, account_refund_max text,
  check ((password_hash is null) = (code_secret_sealed is null)),
  check ((invitation_hash is null) = (invitation_ends_at_ms is null))
);

CREATE UNIQUE INDEX operators_by_provider on operators (provider_issuer, provider_subject);

CREATE TABLE "payment_attempts" (
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
  asked_count smallint not null, captured_minor bigint not null default 0
  check (captured_minor >= 0), fee_minor bigint not null default 0 check (fee_minor >= 0), tax_minor bigint not null default 0 check (tax_minor >= 0), refunded_minor bigint not null default 0
  check (refunded_minor >= 0), refunding_minor bigint not null default 0
  check (refunding_minor >= 0 and refunded_minor + refunding_minor <= captured_minor), transferred_minor bigint not null default 0
  check (transferred_minor >= 0 and transferred_minor <= captured_minor), statement_descriptor text, customer_dialing_code text, is_foreign smallint not null default 0, customer_language text, mandate_id bigint, saved_method_id bigint, disputed_minor bigint not null default 0
  check (disputed_minor >= 0 and disputed_minor <= captured_minor), own_description text, own_reference text,
  primary key (bucket, id),
  unique (bucket, payment_session_id, number),
  foreign key (bucket, payment_session_id) references payment_sessions (bucket, id),
  check ((status = 'failed') = (decline_code is not null)),
  check ((status in ('initiated', 'pending')) = (ask_at_ms is not null)),
  check ((status in ('initiated', 'pending')) = (decided_at_ms is null))
);

CREATE INDEX payment_attempts_by_account on payment_attempts (account_id, created_at_ms, id);

CREATE INDEX payment_attempts_by_email
  on payment_attempts (account_id, customer_email, created_at_ms, id)
  where customer_email is not null;

CREATE INDEX payment_attempts_by_mandate
  on payment_attempts (account_id, mandate_id, created_at_ms, id)
  where mandate_id is not null;

CREATE INDEX payment_attempts_by_method on payment_attempts (
  account_id, payment_method,
  (case when disputed_minor > 0 then 'disputed' when refunded_minor > 0 then 'refunded' else status end),
  created_at_ms, id, status, refunded_minor, disputed_minor);

CREATE INDEX payment_attempts_by_own_reference
  on payment_attempts (account_id, own_reference, created_at_ms, id)
  where own_reference is not null;

CREATE INDEX payment_attempts_by_phone
  on payment_attempts (account_id, customer_phone, created_at_ms, id)
  where customer_phone is not null;

CREATE INDEX payment_attempts_by_saved_method
  on payment_attempts (account_id, saved_method_id, created_at_ms, id)
  where saved_method_id is not null;

CREATE UNIQUE INDEX payment_attempts_one_success on payment_attempts (bucket, payment_session_id)
  where status = 'succeeded';

CREATE INDEX payment_attempts_open_by_method on payment_attempts (bucket, saved_method_id)
  where saved_method_id is not null and ask_at_ms is not null;

CREATE INDEX payment_attempts_to_ask on payment_attempts (ask_at_ms, bucket) where ask_at_ms is not null;

CREATE TABLE payment_count_runs (
  account_id bigint not null primary key,
  -- All quarters before this time are counted.
  counted_to_ms bigint not null,
  -- The time of the next step. A claim moves it ahead: that is the lease.
  next_run_at_ms bigint not null
);

CREATE INDEX payment_count_runs_by_time on payment_count_runs (next_run_at_ms);

CREATE TABLE payment_counts (
  account_id bigint not null,
  from_ms bigint not null,
  counts_json text not null,
  -- The time of the next count. Null: everything in it has ended, so it never changes again.
  recount_at_ms bigint,
  primary key (account_id, from_ms)
);

CREATE INDEX payment_counts_to_recount on payment_counts (account_id, recount_at_ms)
  where recount_at_ms is not null;

CREATE TABLE payment_links (
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

CREATE INDEX payment_links_by_email
  on payment_links (account_id, email, status, created_at_ms, id, due_at_ms, reference_id)
  where email is not null;

CREATE INDEX payment_links_by_phone
  on payment_links (account_id, phone_digits, status, created_at_ms, id, due_at_ms, reference_id)
  where phone_digits is not null;

CREATE INDEX payment_links_by_reference
  on payment_links (account_id, reference_id, status, created_at_ms, id, due_at_ms)
  where reference_id is not null;

CREATE INDEX payment_links_by_status
  on payment_links (account_id, status, created_at_ms, id, due_at_ms);

CREATE INDEX payment_links_due on payment_links (due_at_ms) where due_at_ms is not null;

CREATE TABLE payment_method_sessions (
  bucket smallint not null,
  id bigint not null,
  account_id bigint not null references accounts (id),
  customer_id bigint not null,
  description text,
  status text not null check (status in ('created', 'in_progress', 'succeeded', 'failed')),
  created_at_ms bigint not null,
  expires_at_ms bigint not null,
  save_count smallint not null check (save_count >= 0),
  -- The method that the processor is saving, or the saved one.
  method_id bigint,
  primary key (bucket, id),
  foreign key (bucket, customer_id) references customers (bucket, id),
  check ((method_id is null) = (save_count = 0))
);

CREATE TABLE payment_methods (
  bucket smallint not null,
  id bigint not null,
  account_id bigint not null references accounts (id),
  customer_id bigint not null,
  -- Null: the sandbox's control API saved it.
  session_id bigint,
  status text not null
    check (status in ('saving', 'processing', 'active', 'blocked', 'refused', 'deleted')),
  source text not null check (source in ('widget', 'hosted_page')),
  -- The facts of the instrument, never its number.
  instrument_json text not null,
  checks_json text,
  address_id bigint not null,
  address_json text not null,
  -- The processor's token.
  token_sealed text,
  action_json text,
  decline_code text,
  created_at_ms bigint not null,
  changed_at_ms bigint not null,
  -- The time of the next call of the processor: a query, or the deletion of the token.
  ask_at_ms bigint,
  asked_count smallint not null,
  primary key (bucket, id),
  foreign key (bucket, customer_id) references customers (bucket, id),
  check ((status in ('saving', 'processing')) = (ask_at_ms is not null)
    or status in ('refused', 'deleted')),
  check (token_sealed is not null or status in ('saving', 'refused', 'deleted')),
  check ((decline_code is not null) or status not in ('refused', 'blocked'))
);

CREATE INDEX payment_methods_by_customer on payment_methods (bucket, customer_id, created_at_ms, id)
  where status in ('saving', 'processing', 'active', 'blocked');

CREATE INDEX payment_methods_to_ask on payment_methods (ask_at_ms) where ask_at_ms is not null;

CREATE TABLE payment_sessions (
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
  transfer_details_json text, opened_by_hash text, customer_id bigint, payment_link_id bigint, virtual_account_id bigint, type_json text, is_listed smallint not null default 1,
  primary key (bucket, id),
  check ((status = 'in_progress') = (current_attempt_id is not null)),
  check (attempt_count between 0 and attempt_count_max)
);

CREATE INDEX payment_sessions_by_amount
  on payment_sessions (account_id, amount_minor, currency, created_at_ms, id, is_listed, attempt_count)
  where attempt_count > 0;

CREATE INDEX payment_sessions_by_customer
  on payment_sessions (account_id, customer_id, created_at_ms, id)
  where customer_id is not null;

CREATE INDEX payment_sessions_by_invoice
  on payment_sessions (account_id, invoice_number, status, created_at_ms, id, expires_at_ms)
  where invoice_number is not null;

CREATE INDEX payment_sessions_by_link on payment_sessions (bucket, payment_link_id, created_at_ms, id)
  where payment_link_id is not null;

CREATE INDEX payment_sessions_by_reference
  on payment_sessions (account_id, reference_number, status, created_at_ms, id, expires_at_ms,
    is_listed)
  where reference_number is not null;

CREATE INDEX payment_sessions_by_status
  on payment_sessions (account_id, status, created_at_ms, id, expires_at_ms, is_listed)
  where is_listed = 1;

CREATE INDEX payment_sessions_to_show on payment_sessions (created_at_ms, bucket, id)
  where status = 'created' and type_json like '%"type":"pos_payment"%';

CREATE TABLE payout_runs (
  account_id bigint not null primary key references accounts (id),
  next_run_at_ms bigint not null,
  after_connected_account_id bigint not null default -1,
  after_currency text not null default ''
);

CREATE INDEX payout_runs_by_time on payout_runs (next_run_at_ms);

CREATE TABLE payout_transactions (
  payout_id bigint not null references payouts (id),
  created_at_ms bigint not null,
  transaction_id bigint not null,
  kind text not null,
  primary key (payout_id, created_at_ms, transaction_id, kind)
);

CREATE TABLE payouts (
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
  bank_account_json text not null, processor_reference text,
  check ((status in ('paid', 'failed')) = (decided_at_ms is not null)),
  check ((status = 'failed') = (failure_code is not null)),
  check ((status = 'paid') = (bank_reference is not null))
);

CREATE INDEX payouts_by_account on payouts (account_id, created_at_ms, id);

CREATE UNIQUE INDEX payouts_by_processor_reference on payouts (processor_reference)
  where processor_reference is not null;

CREATE UNIQUE INDEX payouts_by_reference on payouts (bank_reference)
  where bank_reference is not null;

CREATE INDEX payouts_by_status
  on payouts (account_id, connected_account_id, status, created_at_ms, id);

CREATE INDEX payouts_by_step on payouts (next_step_at_ms) where next_step_at_ms is not null;

CREATE TABLE "processor_feeds" (
  name text not null primary key,
  -- The processor's mark after the last recorded page. Null: no page was recorded.
  read_up_to text,
  -- The time of the next read. A reader moves it ahead, so that one server reads at a time.
  next_read_at_ms bigint not null
);

CREATE TABLE refresh_tokens (
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

CREATE INDEX refresh_tokens_by_client on refresh_tokens (client_id, account_ids, sequence);

CREATE TABLE refund_approvals (
  -- The bucket of the payment's session.
  bucket smallint not null,
  id bigint not null,
  account_id bigint not null,
  payment_attempt_id bigint not null,
  currency text not null,
  amount_minor bigint not null check (amount_minor > 0),
  reason text not null,
  -- The ids of operators.
  requested_by text not null,
  created_at_ms bigint not null,
  expires_at_ms bigint not null,
  status text not null check (status in ('waiting', 'approved', 'rejected', 'expired')),
  decided_by text,
  decided_at_ms bigint,
  refund_id bigint,
  primary key (bucket, id),
  check (decided_by is null or decided_by <> requested_by or status <> 'approved'),
  check ((status = 'approved') = (refund_id is not null))
);

CREATE INDEX refund_approvals_by_account on refund_approvals (account_id, created_at_ms, id);

CREATE UNIQUE INDEX refund_approvals_one_waiting on refund_approvals (bucket, payment_attempt_id)
  where status = 'waiting';

CREATE INDEX refund_approvals_waiting on refund_approvals (account_id, expires_at_ms)
  where status = 'waiting';

CREATE TABLE refunds (
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
  asked_count smallint not null, description text, meta_data_json text, failure_reason text, processor_reference text, decided_at_ms bigint,
  primary key (bucket, id),
  foreign key (bucket, payment_attempt_id) references payment_attempts (bucket, id),
  check ((status in ('initiated', 'pending')) = (ask_at_ms is not null))
);

CREATE INDEX refunds_by_account on refunds (account_id, created_at_ms, id);

CREATE INDEX refunds_by_attempt on refunds (bucket, payment_attempt_id, created_at_ms, id);

CREATE INDEX refunds_to_ask on refunds (ask_at_ms, bucket) where ask_at_ms is not null;

CREATE TABLE sandbox_charges (
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

CREATE TABLE sandbox_mandates (
  bucket smallint not null,
  mandate_id bigint not null,
  upi_id text not null,
  status text not null check (status in ('active', 'paused', 'revoked')),
  -- The time at which the customer cancels it.
  revoke_at_ms bigint,
  primary key (bucket, mandate_id)
);

CREATE TABLE sandbox_refunds (
  bucket smallint not null,
  refund_id bigint not null,
  attempt_id bigint not null,
  amount_minor bigint not null,
  decided_at_ms bigint not null,
  primary key (bucket, refund_id)
);

CREATE TABLE sandbox_saves (
  bucket smallint not null,
  payment_method_id bigint not null,
  -- The facts of the instrument, never its number.
  instrument_json text not null,
  checks_json text,
  return_url text not null,
  -- The outcome after the customer's consent: approved, or the code of a decline. Null: no consent
  -- is needed.
  outcome_on_consent text,
  decide_after_ms bigint not null,
  -- The outcome of each charge, and the time until it is decided.
  charge_outcome text not null,
  charge_after_ms bigint not null,
  outcome text,
  -- Null: the customer has not decided. In the future: pending until then.
  decided_at_ms bigint,
  forgotten_at_ms bigint,
  created_at_ms bigint not null,
  primary key (bucket, payment_method_id),
  check ((outcome is null) = (decided_at_ms is null))
);

CREATE TABLE saved_searches (
  id text not null primary key,
  operator_id text not null references operators (id) on delete cascade,
  -- The operator's own name for it. It is unique for a view.
  name text not null,
  -- The list, such as payments.
  view_name text not null,
  -- The filters of the list, as in the query of its address.
  query text not null,
  created_at_ms bigint not null
);

CREATE UNIQUE INDEX saved_searches_by_operator on saved_searches (operator_id, view_name, name);

CREATE TABLE schema_migrations (version integer not null primary key, name text not null);

CREATE TABLE search_turns (
  kind text not null primary key,
  taken_at_ms bigint not null
);

CREATE TABLE sign_in_counts (
  key text not null primary key,
  failure_count bigint not null,
  started_at_ms bigint not null
);

CREATE INDEX sign_in_counts_by_time on sign_in_counts (started_at_ms);

CREATE TABLE transfer_reversals (
  bucket smallint not null,
  id bigint not null,
  account_id bigint not null references accounts (id),
  transfer_id bigint not null,
  currency text not null,
  amount_minor bigint not null check (amount_minor > 0),
  description text,
  created_at_ms bigint not null, connected_account_id bigint,
  primary key (bucket, id),
  foreign key (bucket, transfer_id) references transfers (bucket, id)
);

CREATE INDEX transfer_reversals_by_account on transfer_reversals (account_id, created_at_ms, id);

CREATE INDEX transfer_reversals_by_receiver
  on transfer_reversals (account_id, connected_account_id, created_at_ms, id);

CREATE INDEX transfer_reversals_by_transfer
  on transfer_reversals (bucket, transfer_id, created_at_ms, id);

CREATE TABLE transfers (
  bucket smallint not null,
  id bigint not null,
  account_id bigint not null references accounts (id),
  payment_attempt_id bigint not null,
  -- The order in the request. Ids do not show it, because their counter wraps around.
  number smallint not null,
  connected_account_id bigint not null,
  currency text not null,
  amount_minor bigint not null check (amount_minor > 0),
  created_at_ms bigint not null, description text, reversed_minor bigint not null default 0
  check (reversed_minor >= 0 and reversed_minor <= amount_minor),
  primary key (bucket, id),
  unique (bucket, payment_attempt_id, number),
  foreign key (bucket, payment_attempt_id) references payment_attempts (bucket, id)
);

CREATE INDEX transfers_by_account on transfers (account_id, created_at_ms, id);

CREATE INDEX transfers_by_receiver
  on transfers (account_id, connected_account_id, created_at_ms, id);

CREATE TABLE used_challenges (
  -- The SHA-256 of the challenge.
  challenge_hash text not null primary key,
  -- The time after which the challenge is refused anyway.
  ends_at_ms bigint not null
);

CREATE INDEX used_challenges_by_time on used_challenges (ends_at_ms);

CREATE TABLE virtual_accounts (
  bucket smallint not null,
  id bigint not null,
  account_id bigint not null references accounts (id),
  account_number text not null unique,
  ifsc_code text not null,
  beneficiary_name text not null,
  customer_id bigint,
  created_at_ms bigint not null,
  description text not null,
  -- The limits of each transfer, in paise.
  minimum_minor bigint check (minimum_minor > 0),
  maximum_minor bigint check (maximum_minor > 0),
  -- The sum of the succeeded transfers.
  paid_minor bigint not null check (paid_minor >= 0),
  meta_data_json text,
  reference_number text,
  status text not null check (status in ('active', 'closed')),
  -- The last day: 2026-10-25.
  expires_on text,
  changed_at_ms bigint not null,
  last_transfer_at_ms bigint,
  -- An account that is active after this time is closed, and its end has to be recorded.
  ends_at_ms bigint not null, close_due_at_ms bigint,
  primary key (bucket, id),
  check (minimum_minor is null or maximum_minor is null or minimum_minor <= maximum_minor)
);

CREATE INDEX virtual_accounts_by_customer
  on virtual_accounts (account_id, customer_id, status, created_at_ms, id, ends_at_ms, reference_number)
  where customer_id is not null;

CREATE INDEX virtual_accounts_by_reference
  on virtual_accounts (account_id, reference_number, status, created_at_ms, id, ends_at_ms)
  where reference_number is not null;

CREATE INDEX virtual_accounts_by_status
  on virtual_accounts (account_id, status, created_at_ms, id, ends_at_ms);

CREATE INDEX virtual_accounts_due on virtual_accounts (ends_at_ms) where status = 'active';

CREATE INDEX virtual_accounts_to_close on virtual_accounts (close_due_at_ms)
  where close_due_at_ms is not null;

CREATE TABLE webhook_deliveries (
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

CREATE INDEX webhook_deliveries_by_status
  on webhook_deliveries (endpoint_id, status, created_at_ms, event_id);

CREATE INDEX webhook_deliveries_by_type
  on webhook_deliveries (endpoint_id, event_type, status, created_at_ms, event_id);

CREATE INDEX webhook_deliveries_due on webhook_deliveries (next_attempt_at_ms)
  where next_attempt_at_ms is not null;

CREATE INDEX webhook_deliveries_due_by_endpoint on webhook_deliveries (endpoint_id, next_attempt_at_ms)
  where next_attempt_at_ms is not null;

CREATE INDEX webhook_deliveries_held on webhook_deliveries (endpoint_id) where status = 'held';

CREATE TABLE webhook_delivery_attempts (
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

CREATE INDEX webhook_delivery_attempts_by_age on webhook_delivery_attempts (bucket, started_at_ms);

CREATE TABLE webhook_endpoints (
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

CREATE INDEX webhook_endpoints_by_account on webhook_endpoints (account_id, created_at_ms, id)
  where status <> 'deleted';

CREATE TABLE webhook_events (
  bucket smallint not null,
  id bigint not null,
  account_id bigint not null references accounts (id),
  type text not null,
  subject_id bigint not null,
  -- The whole body. Each attempt sends exactly this text.
  body_json text not null,
  created_at_ms bigint not null, subject_kind text not null default 'payment_session',
  primary key (bucket, id)
);

CREATE INDEX webhook_events_by_account on webhook_events (account_id, created_at_ms, id);

CREATE INDEX webhook_events_by_session
  on webhook_events (bucket, subject_id, created_at_ms, id);

CREATE INDEX webhook_events_by_type on webhook_events (account_id, type, created_at_ms, id);
