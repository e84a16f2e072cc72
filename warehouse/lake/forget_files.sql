-- What DuckLake itself writes when every row of some data files is deleted: a snapshot from which on they are not read.
with latest as (
    select * from public.ducklake_snapshot order by snapshot_id desc limit 1
),
made as (
    insert into public.ducklake_snapshot (snapshot_id, snapshot_time, schema_version, next_catalog_id, next_file_id)
    select snapshot_id + 1, clock_timestamp(), schema_version, next_catalog_id, next_file_id from latest
    returning snapshot_id
),
told as (
    insert into public.ducklake_snapshot_changes (snapshot_id, changes_made, commit_message)
    select snapshot_id, string_agg(distinct 'deleted_from_table:' || table_id, ','), 'damaged files forgotten'
    from made, public.ducklake_data_file
    where data_file_id = any(%(files)s) and end_snapshot is null
    group by snapshot_id
),
deletes as (
    update public.ducklake_delete_file set end_snapshot = (select snapshot_id from made)
    where data_file_id = any(%(files)s) and end_snapshot is null
)
update public.ducklake_data_file set end_snapshot = (select snapshot_id from made)
where data_file_id = any(%(files)s) and end_snapshot is null
