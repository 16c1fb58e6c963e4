-- Ids are shown in a form that tells nothing of their neighbours (docs/decisions/0064-public-ids.md). A
-- database that was in use before has given out ids as they are stored, and those have to stay good.
insert into installation (name, value)
select 'ids_at_first', 'plain' from (select count(*) as facts from installation) known
where known.facts > 0;
