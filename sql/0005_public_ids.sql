-- Public ids reveal nothing about neighboring ids (docs/decisions/0064-public-ids.md). A database
-- that was in use earlier has published stored ids, which must stay valid.
insert into installation (name, value)
select 'ids_at_first', 'plain' from (select count(*) as facts from installation) known
where known.facts > 0;
