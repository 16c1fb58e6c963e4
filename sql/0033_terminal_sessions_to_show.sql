-- In-person sessions that a server has stored and not shown on their terminal: it ended between the two.
create index payment_sessions_to_show on payment_sessions (created_at_ms, bucket, id)
  where status = 'created' and type_json like '%"type":"pos_payment"%';
