-- grain: a person x an organization that they belong to; one row without one where there is none
select p.is_active, m.organization_id, o.name, m.role
from directory.person p
left join (directory.membership m join directory.organization o on o.id = m.organization_id) on m.user_id = p.id
where p.id = %s
order by m.organization_id
