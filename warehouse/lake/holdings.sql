-- grain: a table of the lake's present snapshot, with its files of rows and of deleted rows and their bytes
select s.schema_name || '.' || t.table_name, count(live.path), coalesce(sum(live.bytes), 0)::bigint
from public.ducklake_table t
join public.ducklake_schema s on s.schema_id = t.schema_id and s.end_snapshot is null
left join ({live_files}) live on live.table_name = s.schema_name || '.' || t.table_name
where t.end_snapshot is null
group by 1
order by 1
