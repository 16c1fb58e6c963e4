-- Changes of accounts by operators, and the log of all changes with the person who made each.

-- Null: the account is open. A closed account gets no new payment sessions.
alter table accounts add column closed_at_ms bigint;
-- The fee rates from later times on, the oldest first: `[{"fromMs":…,"feeRateBps":…,"taxRateBps":…}]`.
alter table accounts add column fee_changes text not null default '[]';

-- One row for each change. It contains no secret.
create table audit_log (
  -- 1, 2, 3 and so on: a missing row leaves a gap.
  number bigint not null primary key,
  at_ms bigint not null,
  actor_kind text not null,
  actor_name text not null,
  action text not null,
  object_id text not null,
  before_json text not null,
  after_json text not null
);
create index audit_log_by_object on audit_log (object_id, number);
create index audit_log_by_action on audit_log (action, number);

-- Only on sqlite:
create trigger audit_log_keeps_values before update on audit_log
begin
  select raise(abort, 'a row of the audit log cannot be changed');
end;
create trigger audit_log_keeps_rows before delete on audit_log
begin
  select raise(abort, 'a row of the audit log cannot be deleted');
end;

-- Only on postgres:
create function refuse_audit_log_change() returns trigger language plpgsql as $$
begin
  raise exception 'a row of the audit log cannot be changed or deleted';
end $$;
create trigger audit_log_keeps_rows before update or delete on audit_log
  for each row execute function refuse_audit_log_change();
create trigger audit_log_is_kept before truncate on audit_log
  for each statement execute function refuse_audit_log_change();
