-- grain: channel x masked error text of failed messages in a window; text '' where none was given
select f.channel, f.template, coalesce(r.reason, 'unknown') as reason, f.failed
from (select channel, template, sum(failed)::bigint as failed from ({cover}) group by all) f
left join {rollup.failure_reason} r using (channel, template)
where f.failed > 0
order by f.failed desc, f.template
