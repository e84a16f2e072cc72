-- The staging table that messages.sql fills; n numbers messages over all sources, status is the platform's knowledge now.
create unlogged table simulator.message (
    source text, id bigint, n bigint, channel text, organization_id bigint, contact_id bigint,
    campaign_id bigint, job_id bigint, recipient_id bigint, created_at timestamptz, sent_at timestamptz,
    delivered_at timestamptz, read_at timestamptz, failed_at timestamptz, status text, error text, text_id bigint,
    retry_count int, is_silent boolean
);
