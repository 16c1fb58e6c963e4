-- SQLite's "insert or replace" deletes the old row without its triggers, so the audit log refuses a
-- used number.

-- Only on sqlite:
create trigger audit_log_keeps_numbers before insert on audit_log
when exists (select 1 from audit_log where number = new.number)
begin
  select raise(abort, 'a row of the audit log cannot be replaced');
end;
