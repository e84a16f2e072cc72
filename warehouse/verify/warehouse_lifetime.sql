-- grain: organization x channel; the days that left the daily rollups
select
    organization_id, channel, queued + sent + delivered + read + failed + skipped + retrying as outbound, inbound
from lake.rollup.channel_lifetime
