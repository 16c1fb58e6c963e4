-- The searches that operators have saved in the console.
create table saved_searches (
  id text not null primary key,
  operator_id text not null references operators (id) on delete cascade,
  -- The operator's own name for it. It is unique for a view.
  name text not null,
  -- The list, such as payments.
  view_name text not null,
  -- The filters of the list, as in the query of its address.
  query text not null,
  created_at_ms bigint not null
);
create unique index saved_searches_by_operator on saved_searches (operator_id, view_name, name);
