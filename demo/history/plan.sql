-- One row a run of messages of one source: a slot of a stream, or a batch.
create unlogged table simulator.plan as
with run as (
    select source, source_number, kind, channel, slot.started_at, %(slot_seconds)s::double precision as seconds,
        case when slot.upper_share >= 1 then rows else floor(rows * slot.upper_share)::bigint end
            - floor(rows * slot.lower_share)::bigint as rows,
        null::bigint as batch_n
    from simulator.stream
    join simulator.slot on slot.rhythm = stream.rhythm
    where kind in ('message', 'inbound', 'other')
    union all
    select source, source_number, kind, channel, started_at,
        case when source = 'email' then batch.rows * 0.0002 else batch.rows / greatest(50, batch.rows / 600.0) end::double precision,
        batch.rows, n
    from simulator.batch
    join (select distinct source, source_number from simulator.stream) as numbered using (source)
)
select
    row_number() over (order by run.source, run.started_at, run.kind, run.channel, batch_n) as number,
    run.source, run.source_number, run.kind, run.channel, run.started_at, run.seconds, run.rows, run.batch_n,
    1 + coalesce(sum(run.rows) over (partition by run.source order by run.started_at, run.kind, run.channel, batch_n
        rows between unbounded preceding and 1 preceding), 0)::bigint as first_number,
    batch.organization_id, batch.campaign_id, batch.job_id, batch.first_recipient_id, batch.contact_offset,
    outage.kind as outage
from run
left join simulator.batch on batch.n = run.batch_n
left join lateral (
    select outage.kind from simulator.outage
    where outage.channel = run.channel and run.kind <> 'inbound'
        and run.started_at >= outage.started_at and run.started_at < outage.ended_at
    order by outage.number limit 1
) as outage on true
where run.rows > 0;
