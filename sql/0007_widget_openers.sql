-- SHA-256 of what the browser that first opened the session in the widget calls itself. Attempts from another
-- browser do not count against the session (docs/decisions/0066-attempts-from-another-browser.md).
alter table payment_sessions add column opened_by_hash text;
-- 1: begun by another browser than the first one.
alter table payment_attempts add column is_foreign smallint not null default 0;
