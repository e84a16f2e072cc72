-- grain: one row; the lake's latest snapshot
select max(snapshot_id), 0
from public.ducklake_snapshot
where %s > 0
