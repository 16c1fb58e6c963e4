-- Finds the sessions of an amount, and through them their payments, newest first.
create index payment_sessions_by_amount
  on payment_sessions (account_id, amount_minor, currency, status, created_at_ms, id, expires_at_ms,
    is_listed);
