-- grain of span: window that is asked about, numbered from 0; usual_end is where its usual ends, at an hour's edge
span as (
    select
        number, make_timestamp(start_us) as span_start, make_timestamp(end_us) as span_end,
        date_trunc('hour', span_start) as usual_end
    from (
        select
            unnest(range(json_array_length($starts_us)::bigint)) as number,
            unnest(from_json($starts_us, '["bigint"]')) as start_us,
            unnest(from_json($ends_us, '["bigint"]')) as end_us
    )
),
-- grain: window x bucket in it; joined by equality, since joins by range cost as much for one window as for many
span_bucket as (
    select
        number, span_start, usual_end,
        unnest(generate_series(span_start, span_end - interval 5 minutes, interval 5 minutes)) as bucket_at
    from span
),
-- grain: end of a usual x hour in it
usual_hour as (
    select
        usual_end,
        unnest(generate_series(usual_end - interval {usual_days} days, usual_end - interval 1 hour, interval 1 hour))
            as bucket_at
    from (select distinct usual_end from span)
)
