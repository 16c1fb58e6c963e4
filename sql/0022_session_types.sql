-- Sessions for mandates, terminals and charges of saved payment methods.

-- The facts of a session's type, such as the terms of a mandate. Null: a session for one payment.
alter table payment_sessions add column type_json text;

-- 0: no list shows the session, because a transfer or a direct charge made it.
alter table payment_sessions add column is_listed smallint not null default 1;
update payment_sessions set is_listed = 0 where virtual_account_id is not null;

drop index payment_sessions_by_status;
create index payment_sessions_by_status
  on payment_sessions (account_id, status, created_at_ms, id, expires_at_ms, is_listed)
  where is_listed = 1;

drop index payment_sessions_by_reference;
create index payment_sessions_by_reference
  on payment_sessions (account_id, reference_number, status, created_at_ms, id, expires_at_ms,
    is_listed)
  where reference_number is not null;

-- The mandate that the attempt enrolls or debits, and the saved payment method that it charges.
alter table payment_attempts add column mandate_id bigint;
alter table payment_attempts add column saved_method_id bigint;

create index payment_attempts_by_mandate
  on payment_attempts (account_id, mandate_id, created_at_ms, id)
  where mandate_id is not null;

create index payment_attempts_by_saved_method
  on payment_attempts (account_id, saved_method_id, created_at_ms, id)
  where saved_method_id is not null;

-- The program knows the kinds of subjects: a new kind needs no new table.
alter table webhook_events add column kind_of_subject text not null default 'payment_session';
update webhook_events set kind_of_subject = subject_kind where subject_kind <> 'payment_session';
alter table webhook_events drop column subject_kind;
alter table webhook_events rename column kind_of_subject to subject_kind;
