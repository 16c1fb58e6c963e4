-- The rows of an account in the order of their creation, for exports.
create index refunds_by_account on refunds (account_id, created_at_ms, id);
create index ledger_postings_by_account
  on ledger_postings (account_id, created_at_ms, source_id, kind);
