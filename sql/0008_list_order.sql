-- Every list is read from an index that has the values of its filter, then the time, then the id: a page comes in the
-- list's order, rows that the page does not show are never looked up, and a count reads the index alone
-- (docs/decisions/0090-lists-read-index-ranges.md).

drop index payment_sessions_by_account;
create index payment_sessions_by_status
  on payment_sessions (account_id, status, created_at_ms, id, expires_at_ms);
drop index payment_sessions_by_reference;
create index payment_sessions_by_reference
  on payment_sessions (account_id, reference_number, status, created_at_ms, id, expires_at_ms)
  where reference_number is not null;
drop index payment_sessions_by_invoice;
create index payment_sessions_by_invoice
  on payment_sessions (account_id, invoice_number, status, created_at_ms, id, expires_at_ms)
  where invoice_number is not null;

drop index payment_attempts_by_account;
create index payment_attempts_by_account on payment_attempts (account_id, created_at_ms, id);
drop index payment_attempts_by_method;
-- The status as lists show it: a payment that was refunded in part is `refunded`. PostgreSQL reads the index alone
-- only if it has the columns of the expression too.
create index payment_attempts_by_method on payment_attempts (
  account_id, payment_method, (case when refunded_minor > 0 then 'refunded' else status end),
  created_at_ms, id, status, refunded_minor);
drop index payment_attempts_by_email;
create index payment_attempts_by_email
  on payment_attempts (account_id, customer_email, created_at_ms, id)
  where customer_email is not null;
drop index payment_attempts_by_phone;
create index payment_attempts_by_phone
  on payment_attempts (account_id, customer_phone, created_at_ms, id)
  where customer_phone is not null;

drop index refunds_by_attempt;
create index refunds_by_attempt on refunds (bucket, payment_attempt_id, created_at_ms, id);

drop index transfers_by_account;
create index transfers_by_account on transfers (account_id, created_at_ms, id);
drop index transfers_by_receiver;
create index transfers_by_receiver
  on transfers (account_id, connected_account_id, created_at_ms, id);
drop index transfers_reversed_by_receiver;

-- The receiver of the transfer, by which reversals are listed.
alter table transfer_reversals add column connected_account_id bigint;
update transfer_reversals set connected_account_id = (select t.connected_account_id from transfers t
  where t.bucket = transfer_reversals.bucket and t.id = transfer_reversals.transfer_id);
drop index transfer_reversals_by_account;
create index transfer_reversals_by_account on transfer_reversals (account_id, created_at_ms, id);
create index transfer_reversals_by_receiver
  on transfer_reversals (account_id, connected_account_id, created_at_ms, id);
drop index transfer_reversals_by_transfer;
create index transfer_reversals_by_transfer
  on transfer_reversals (bucket, transfer_id, created_at_ms, id);

drop index webhook_events_by_account;
create index webhook_events_by_account on webhook_events (account_id, created_at_ms, id);
drop index webhook_events_by_type;
create index webhook_events_by_type on webhook_events (account_id, type, created_at_ms, id);
drop index webhook_events_by_session;
create index webhook_events_by_session
  on webhook_events (bucket, payment_session_id, created_at_ms, id);

drop index webhook_deliveries_by_endpoint;
create index webhook_deliveries_by_status
  on webhook_deliveries (endpoint_id, status, created_at_ms, event_id);
drop index webhook_deliveries_by_type;
create index webhook_deliveries_by_type
  on webhook_deliveries (endpoint_id, event_type, status, created_at_ms, event_id);

drop index webhook_endpoints_by_account;
create index webhook_endpoints_by_account on webhook_endpoints (account_id, created_at_ms, id)
  where status <> 'deleted';

drop index connected_accounts_by_account;
create index connected_accounts_by_account
  on connected_accounts (account_id, created_at_ms desc, id);

create index authorization_codes_by_expiry on authorization_codes (expires_at_ms);
