-- The time at which the deletion of expired rows found the logo unused. Null: an account uses it.
alter table account_logos add column unused_since_ms bigint;
create index account_logos_by_use on account_logos (unused_since_ms, file);
create index accounts_by_logo on accounts (logo_file) where logo_file is not null;
