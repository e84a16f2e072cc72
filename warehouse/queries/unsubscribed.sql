-- grain: organization; contacts who unsubscribed after a campaign had reached them last, and those whom none had reached
select count(campaign_id) as by_campaign, count(*) - count(campaign_id) as by_none
from {rollup.unsubscribe}
