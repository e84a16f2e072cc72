-- grain: organization x channel; messages older than {before}, which live on in the lifetime rows
select organization_id, channel, sum(outbound)::bigint as outbound, sum(inbound)::bigint as inbound
from (
    select organization_id, channel, count(*) as outbound, 0 as inbound
    from ({message}) as message where created_at < {before} group by 1, 2
    union all
    select organization_id, {channel:channel}, 0, count(*)
    from {schema}.messaging_inboundmessage where received_at < {before} group by 1, 2
    union all
    select organization_id, 'instagram', 0, count(*)
    from {schema}.messaging_instagrammessage
    where upper(btrim(direction, {blanks})) = 'INBOUND' and created_at < {before} group by 1
) as old
group by 1, 2
