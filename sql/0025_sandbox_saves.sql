-- The instruments that the sandbox's processor has saved. Only that processor uses the table.
create table sandbox_saves (
  bucket smallint not null,
  payment_method_id bigint not null,
  -- The facts of the instrument, never its number.
  instrument_json text not null,
  checks_json text,
  return_url text not null,
  -- The outcome after the customer's consent: approved, or the code of a decline. Null: no consent
  -- is needed.
  outcome_on_consent text,
  decide_after_ms bigint not null,
  -- The outcome of each charge, and the time until it is decided.
  charge_outcome text not null,
  charge_after_ms bigint not null,
  outcome text,
  -- Null: the customer has not decided. In the future: pending until then.
  decided_at_ms bigint,
  forgotten_at_ms bigint,
  created_at_ms bigint not null,
  primary key (bucket, payment_method_id),
  check ((outcome is null) = (decided_at_ms is null))
);
