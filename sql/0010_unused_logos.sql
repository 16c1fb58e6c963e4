-- The time since which no account shows the logo, as far as the deletion of expired rows has seen. Null: one shows it.
alter table account_logos add column unused_since_ms bigint;
create index account_logos_by_use on account_logos (unused_since_ms, file);
create index accounts_by_logo on accounts (logo_file) where logo_file is not null;
