-- Finds the sessions of an amount for which a payment was begun, and their payments, newest first. A session enters the
-- index with its first payment, so that a creation does not write it; only a further payment changes its entry.
create index payment_sessions_by_amount
  on payment_sessions (account_id, amount_minor, currency, created_at_ms, id, is_listed, attempt_count)
  where attempt_count > 0;
