-- The instruments that the sandbox's processor has saved. Only that processor uses the table.
create table sandbox_saves (
  bucket smallint not null,
  payment_method_id bigint not null,
  -- The facts of the instrument, never its number.
  instrument_json text not null,
  checks_json text,
  return_url text not null,
  -- What happens when the customer consents: approved, or the code of a decline. Null: nobody has to consent.
  outcome_on_consent text,
  decide_after_ms bigint not null,
  -- What happens to each charge, and how long after it.
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
