-- grain: an organization that a person belongs to
select m.organization_id, o.name, m.role
from directory.membership m
join directory.organization o on o.id = m.organization_id
where m.user_id = %s
order by m.organization_id
