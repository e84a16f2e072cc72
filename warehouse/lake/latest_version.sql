-- grain: one row; the lake's latest snapshot, and how often the alerts an organization sees (0: everybody's) have changed
select
    (select max(snapshot_id) from public.ducklake_snapshot),
    (select coalesce(sum(version), 0) from alert.version where organization_id in (%s, 0))
