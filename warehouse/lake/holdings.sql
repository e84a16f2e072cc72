-- grain: a table of the lake's present snapshot, with its files of rows and of deleted rows and their bytes
select s.schema_name || '.' || t.table_name, count(f.bytes), coalesce(sum(f.bytes), 0)::bigint
from public.ducklake_table t
join public.ducklake_schema s on s.schema_id = t.schema_id and s.end_snapshot is null
left join (
    select table_id, file_size_bytes as bytes from public.ducklake_data_file where end_snapshot is null
    union all
    select table_id, file_size_bytes from public.ducklake_delete_file where end_snapshot is null
) f on f.table_id = t.table_id
where t.end_snapshot is null
group by 1
order by 1
