-- Sessions in which a customer saves one payment method. They have the bucket of their customer.
create table payment_method_sessions (
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

-- The cards and bank accounts that customers have saved, or tried to save. They have the bucket of their customer.
create table payment_methods (
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
create index payment_methods_by_customer on payment_methods (bucket, customer_id, created_at_ms, id)
  where status in ('saving', 'processing', 'active', 'blocked');
create index payment_methods_to_ask on payment_methods (ask_at_ms) where ask_at_ms is not null;
-- A token is not deleted before the payments that use it are decided.
create index payment_attempts_open_by_method on payment_attempts (bucket, saved_method_id)
  where saved_method_id is not null and ask_at_ms is not null;
