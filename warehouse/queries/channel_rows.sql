-- grain: a row of the channel rollups in a window; bucket_us is its start in us since 1970
select
    epoch_us(bucket_at) as bucket_us, channel, {measures}, latency_count, latency_sum_ms::double as latency_sum_ms,
    {latency} as latency
from ({cover})
