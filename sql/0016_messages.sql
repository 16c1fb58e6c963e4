-- Messages to customers: receipts, and payment links. A row is written with its cause, in one transaction.

create table messages (
  -- The bucket of its subject.
  bucket smallint not null,
  id bigint not null,
  account_id bigint not null references accounts (id),
  kind text not null,
  channel text not null,
  -- The object that it is about: a payment, or a payment link.
  subject_id bigint not null,
  -- Distinguishes several messages about one subject.
  occasion bigint not null,
  recipient text not null,
  language text not null,
  content_json text not null,
  created_at_ms bigint not null,
  -- `kept`: in a sandbox's outbox. `sending` is written before the messenger is called.
  status text not null check (status in ('kept', 'queued', 'sending', 'sent', 'failed', 'unknown')),
  attempt_count smallint not null,
  -- The time of the next attempt. A claim moves it ahead: that is the lease.
  next_attempt_at_ms bigint,
  ended_at_ms bigint,
  failure text,
  messenger_reference text,
  primary key (bucket, id),
  check ((status in ('queued', 'sending')) = (next_attempt_at_ms is not null))
);
-- One cause has one message.
create unique index messages_by_cause on messages (bucket, subject_id, kind, channel, occasion);
create index messages_due on messages (next_attempt_at_ms) where next_attempt_at_ms is not null;
create index messages_by_account on messages (account_id, created_at_ms, id);

-- The language of the page on which the customer paid: the language of the receipt.
alter table payment_attempts add column customer_language text;
