-- grain: a file of the lake's present snapshot, of rows or of which rows of a file are deleted; its path is below the lake's
select
    s.path || t.path || f.path as path, s.schema_name || '.' || t.table_name as table_name, f.data_file_id,
    f.file_size_bytes as bytes
from (
    select table_id, data_file_id, path, file_size_bytes from public.ducklake_data_file where end_snapshot is null
    union all
    select table_id, data_file_id, path, file_size_bytes from public.ducklake_delete_file where end_snapshot is null
) f
join public.ducklake_table t on t.table_id = f.table_id and t.end_snapshot is null
join public.ducklake_schema s on s.schema_id = t.schema_id and s.end_snapshot is null
