-- grain: a data file with days; the first and last of them
select s.data_file_id, s.min_value::date, s.max_value::date
from public.ducklake_file_column_stats s
join public.ducklake_column c on c.table_id = s.table_id and c.column_id = s.column_id
where c.column_name = 'day' and c.end_snapshot is null and s.data_file_id = any(%s)
