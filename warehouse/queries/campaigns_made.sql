-- grain: organization; campaigns made in [$start, $end)
select count(*)
from {raw.campaign}
where created_at >= $start and created_at < $end
