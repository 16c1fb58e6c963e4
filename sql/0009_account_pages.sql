-- The settings of an account's checkout pages, besides its name and color.
alter table accounts add column logo_file text;
alter table accounts add column terms_url text;
alter table accounts add column privacy_url text;
-- 1: the page does not say "Powered by Paydesk".
alter table accounts add column hides_powered_by smallint not null default 0;

-- Logos by file name, which comes from the content, so a row never changes. Base64, because both
-- engines have text columns.
create table account_logos (
  file text not null primary key,
  content text not null,
  created_at_ms bigint not null
);
