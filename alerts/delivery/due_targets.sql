-- grain: a target with a message that is due, the one that waits for longest first
select target
from alert.message
where status in ('gathering', 'trying') and due_at <= %(now)s
group by target
order by min(due_at), target
