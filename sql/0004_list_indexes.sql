-- A list with a filter must be read by an index of that filter, in the order of the list. SQLite
-- chose the index of the order instead and read all rows of an account; for a period it read all
-- rows of the period. These indexes contain the time too, and begin with a sum: only they can
-- answer a query of `account_id + 0`.

drop index payment_sessions_by_reference;
create index payment_sessions_by_reference
  on payment_sessions ((account_id + 0), reference_number, created_at_ms)
  where reference_number is not null;

drop index payment_sessions_by_invoice;
create index payment_sessions_by_invoice
  on payment_sessions ((account_id + 0), invoice_number, created_at_ms)
  where invoice_number is not null;

create index payment_attempts_by_method
  on payment_attempts ((account_id + 0), payment_method, created_at_ms);

drop index webhook_events_by_type;
create index webhook_events_by_type on webhook_events ((account_id + 0), type, created_at_ms);

create index webhook_deliveries_by_type
  on webhook_deliveries ((endpoint_id + 0), event_type, created_at_ms);

drop index transfers_by_receiver;
create index transfers_by_receiver
  on transfers ((account_id + 0), connected_account_id, created_at_ms);

-- Finds the reversals of transfers to one connected account: few transfers are reversed.
create index transfers_reversed_by_receiver on transfers ((account_id + 0), connected_account_id)
  where reversed_minor > 0;

create index connected_accounts_by_account on connected_accounts (account_id, created_at_ms);
