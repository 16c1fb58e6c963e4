-- The keys before the last rotation, and the ends of the times in which they are still valid.
alter table accounts add column previous_signing_key_sealed text;
alter table accounts add column previous_signing_key_until_ms bigint;
alter table accounts add column previous_api_key_hash text;
alter table accounts add column previous_api_key_until_ms bigint;
alter table accounts add column previous_owner_key_hash text;
alter table accounts add column previous_owner_key_until_ms bigint;
alter table clients add column previous_secret_hash text;
alter table clients add column previous_secret_until_ms bigint;
