-- The payments that have their own reference, for searches by it.
create index payment_attempts_by_own_reference
  on payment_attempts (account_id, own_reference, created_at_ms, id)
  where own_reference is not null;
