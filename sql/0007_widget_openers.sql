-- SHA-256 of the name of the browser that first opened the session in the widget. Attempts from
-- another browser do not count toward the session's limit
-- (docs/decisions/0066-attempts-from-another-browser.md).
alter table payment_sessions add column opened_by_hash text;
-- 1: another browser than the first one started it.
alter table payment_attempts add column is_foreign smallint not null default 0;
