-- grain: one campaign or e-mail job of a page, or one empty row; `matching` counts those of all pages
with matched as (select * from ({listed}) where {wanted}),
page as (select * from matched where {after} order by {order} limit {limit} offset {offset})
select (select count(*) from matched) as matching, p.*
from (values (1)) one
left join page p on true
order by {order}
