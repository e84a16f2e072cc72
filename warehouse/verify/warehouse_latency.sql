-- grain: organization x channel x latency bucket, over all hours that are kept
select organization_id, channel, bucket, sum(n)::bigint as n
from (select organization_id, channel, unnest(latency, recursive := true) from lake.rollup.channel_hour)
group by all
