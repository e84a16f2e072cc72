-- grain: a table of the lake's latest snapshot: rollups, those that are named, and raw tables without a row; content names
-- its columns' version and its files, of rows and of deleted rows, with the first and last day of rows that have one
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
    coalesce(sum(f.file_size_bytes), 0)::bigint as bytes,
    json_build_object(
        'shape', t.table_id || '-' || shape.changed_at,
        'files', coalesce(
            json_object_agg(f.path, json_build_array(d.min_value, d.max_value) order by f.path)
            filter (where f.path is not null),
            '{}'
        )
    )::text as content
from public.ducklake_table t
join public.ducklake_schema s on s.schema_id = t.schema_id and s.end_snapshot is null
join shape on shape.table_id = t.table_id
left join file f on f.table_id = t.table_id
left join public.ducklake_file_column_stats d
    on d.table_id = t.table_id and d.data_file_id = f.data_file_id and d.column_id = shape.day_column
where
    t.end_snapshot is null
    and (
        s.schema_name = 'rollup'
        or s.schema_name = 'raw' and (f.path is null or s.schema_name || '.' || t.table_name = any(%s))
    )
group by s.schema_name, t.table_name, t.table_id, shape.changed_at
order by bytes, name
