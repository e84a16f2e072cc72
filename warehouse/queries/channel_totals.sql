-- grain: channel; all that an organization ever had
select channel, {measures}
from {rollup.channel_total}
group by channel
