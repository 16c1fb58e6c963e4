-- A processor can report disputes too. The program knows the lists, so a new one needs no new table.
create table processor_feeds_of_any_name (
  name text not null primary key,
  -- The processor's mark after the last recorded page. Null: no page was recorded.
  read_up_to text,
  -- The time of the next read. A reader moves it ahead, so that one server reads at a time.
  next_read_at_ms bigint not null
);
insert into processor_feeds_of_any_name select name, read_up_to, next_read_at_ms from processor_feeds;
drop table processor_feeds;
alter table processor_feeds_of_any_name rename to processor_feeds;
