-- The time at which the operator first accepted an invitation. Null: never.
alter table operators add column accepted_at_ms bigint;
update operators set accepted_at_ms = created_at_ms
  where password_hash is not null
    or id in (select operator_id from operator_passkeys);
-- A JSON list of account ids with the largest refund there, in minor units, instead of refund_max. Null: none.
alter table operators add column account_refund_max text;
-- The browser and the system of the sign-in, such as 'Firefox, Linux'. Null: unknown.
alter table operator_sessions add column browser text;
-- The console counts the requests that wait.
create index refund_approvals_waiting on refund_approvals (account_id, expires_at_ms)
  where status = 'waiting';
