-- The last search for due work of each kind, for servers of a distributed database, which take turns: a search asks every
-- shard. On one machine a search costs little, so the table stays empty.
create table search_turns (
  kind text not null primary key,
  taken_at_ms bigint not null
);
