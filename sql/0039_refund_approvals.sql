-- The requests of operators for refunds above their limits, and the decisions of second persons.
create table refund_approvals (
  -- The bucket of the payment's session.
  bucket smallint not null,
  id bigint not null,
  account_id bigint not null,
  payment_attempt_id bigint not null,
  currency text not null,
  amount_minor bigint not null check (amount_minor > 0),
  reason text not null,
  -- The ids of operators.
  requested_by text not null,
  created_at_ms bigint not null,
  expires_at_ms bigint not null,
  status text not null check (status in ('waiting', 'approved', 'rejected', 'expired')),
  decided_by text,
  decided_at_ms bigint,
  refund_id bigint,
  primary key (bucket, id),
  check (decided_by is null or decided_by <> requested_by or status <> 'approved'),
  check ((status = 'approved') = (refund_id is not null))
);
-- A payment has at most one waiting request.
create unique index refund_approvals_one_waiting on refund_approvals (bucket, payment_attempt_id)
  where status = 'waiting';
create index refund_approvals_by_account on refund_approvals (account_id, created_at_ms, id);
