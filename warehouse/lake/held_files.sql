-- grain: a file of a table in the lake's latest snapshot, of rows or of deleted rows, with the first and the last day of
-- its rows where the table has a column of that name; of a table without a file one row that names none.
-- shape changes with the table's columns. Told are all rollups, the tables that are named, and those without a file.
with file as (
    select table_id, data_file_id, path, file_size_bytes from public.ducklake_data_file where end_snapshot is null
    union all
    select table_id, data_file_id, path, file_size_bytes from public.ducklake_delete_file where end_snapshot is null
),
shape as (
    select table_id, max(begin_snapshot) as changed_at, max(column_id) filter (where column_name = 'day') as day_column
    from public.ducklake_column
    where end_snapshot is null
    group by table_id
)
select
    (select max(snapshot_id) from public.ducklake_snapshot) as snapshot,
    s.schema_name || '.' || t.table_name as name,
    t.table_id || '-' || shape.changed_at as shape,
    f.path, f.file_size_bytes, d.min_value::date as first_day, d.max_value::date as last_day
from public.ducklake_table t
join public.ducklake_schema s on s.schema_id = t.schema_id and s.end_snapshot is null
join shape on shape.table_id = t.table_id
left join file f on f.table_id = t.table_id
left join public.ducklake_file_column_stats d
    on d.table_id = t.table_id and d.data_file_id = f.data_file_id and d.column_id = shape.day_column
where t.end_snapshot is null and (s.schema_name = 'rollup' or s.schema_name || '.' || t.table_name = any(%s) or f.path is null)
