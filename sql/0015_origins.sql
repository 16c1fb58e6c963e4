-- The customer of a session, and the payment link or virtual account that created it. Each link and
-- virtual account shares the bucket of its sessions.
alter table payment_sessions add column customer_id bigint;
alter table payment_sessions add column payment_link_id bigint;
alter table payment_sessions add column virtual_account_id bigint;

-- An event can be about a payment session, a payment link, a virtual account or a payout. It shares the bucket of its
-- subject.
alter table webhook_events rename column payment_session_id to subject_id;
alter table webhook_events add column subject_kind text not null default 'payment_session'
  check (subject_kind in ('payment_session', 'payment_link', 'virtual_account', 'payout'));
