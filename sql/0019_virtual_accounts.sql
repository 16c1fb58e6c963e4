-- Virtual accounts: bank account numbers that merchants give to payers. Their payments and sessions share their bucket.
create table virtual_accounts (
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
  ends_at_ms bigint not null,
  primary key (bucket, id),
  check (minimum_minor is null or maximum_minor is null or minimum_minor <= maximum_minor)
);
create index virtual_accounts_by_status
  on virtual_accounts (account_id, status, created_at_ms, id, ends_at_ms);
create index virtual_accounts_by_customer
  on virtual_accounts (account_id, customer_id, status, created_at_ms, id, ends_at_ms, reference_number)
  where customer_id is not null;
create index virtual_accounts_by_reference
  on virtual_accounts (account_id, reference_number, status, created_at_ms, id, ends_at_ms)
  where reference_number is not null;
create index virtual_accounts_due on virtual_accounts (ends_at_ms) where status = 'active';

-- The transfers to virtual accounts. The id is that of the payment.
create table bank_transfers (
  bucket smallint not null,
  id bigint not null,
  virtual_account_id bigint not null,
  -- The bank's reference. It identifies repeated reports of the transfer.
  utr text not null,
  amount_minor bigint not null check (amount_minor > 0),
  created_at_ms bigint not null,
  -- The payment's status in lists: a payment that was refunded in part is `refunded`.
  status text not null check (status in ('succeeded', 'failed', 'refunded')),
  -- The time at which the bank takes the money back. Null: never, or already done.
  reverse_at_ms bigint,
  primary key (bucket, id),
  unique (bucket, virtual_account_id, utr),
  foreign key (bucket, virtual_account_id) references virtual_accounts (bucket, id),
  foreign key (bucket, id) references payment_attempts (bucket, id)
);
create index bank_transfers_by_time
  on bank_transfers (bucket, virtual_account_id, status, created_at_ms, id);
create index bank_transfers_by_amount
  on bank_transfers (bucket, virtual_account_id, status, amount_minor, id);
create index bank_transfers_to_reverse on bank_transfers (reverse_at_ms)
  where reverse_at_ms is not null;

-- The sessions of virtual accounts are not listed. They have no invoice number, so its index needs no change. SQLite
-- reads an index alone only if it has the column of the condition too.
drop index payment_sessions_by_status;
create index payment_sessions_by_status
  on payment_sessions (account_id, status, created_at_ms, id, expires_at_ms, virtual_account_id)
  where virtual_account_id is null;
drop index payment_sessions_by_reference;
create index payment_sessions_by_reference
  on payment_sessions (account_id, reference_number, status, created_at_ms, id, expires_at_ms,
    virtual_account_id)
  where reference_number is not null;
