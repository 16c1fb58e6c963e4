-- The disputes of an account by status, newest first.
create index disputes_by_status on disputes (account_id, status, created_at_ms, id);
