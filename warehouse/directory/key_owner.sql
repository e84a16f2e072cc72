-- grain: an active API key, by the SHA-256 hex it is kept as
select user_id, organization_id
from directory.api_key
where key_hashed = %s and status = 'active'
