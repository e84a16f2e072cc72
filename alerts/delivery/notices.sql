-- grain: what became of notices
select coalesce(outcome, 'waiting'), count(*)
from alert.notice
group by 1
