-- The payments with a reference of their own, for the search by it.
create index payment_attempts_by_own_reference
  on payment_attempts (account_id, own_reference, created_at_ms, id)
  where own_reference is not null;
