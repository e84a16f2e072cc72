-- grain: a row of the contact rollups in a window; bucket_us is its start in us since 1970
select epoch_us(bucket_at) as bucket_us, contacts
from ({cover})
