-- The rollup tables. Times are UTC; every measure adds up: counts and sums, latency as a sketch (latency/sketch.py).

-- grain: organization x channel x 5 minutes / hour / UTC day, by the time a message was written, a callback received
create table lake.rollup.channel_5m (
    organization_id bigint, channel varchar, bucket_at timestamp, day date,
    queued bigint, sent bigint, delivered bigint, read bigint, failed bigint, skipped bigint, retrying bigint,
    inbound bigint,
    callbacks bigint, callback_errors bigint, latency_count bigint, latency_sum_ms hugeint,
    latency struct(bucket smallint, n bigint)[]  -- in no order
);
create table lake.rollup.channel_hour as from lake.rollup.channel_5m limit 0;
create table lake.rollup.channel_day as from lake.rollup.channel_5m limit 0;

-- grain: organization x channel; the days that left channel_day, added up
create table lake.rollup.channel_lifetime as select * exclude (bucket_at, day) from lake.rollup.channel_5m limit 0;

-- grain: organization x channel; the sums of channel_day and channel_lifetime
create table lake.rollup.channel_total as select * exclude (latency) from lake.rollup.channel_lifetime limit 0;

-- grain: organization x channel x time x masked error text of failed messages ('' where none was given)
create table lake.rollup.failure_5m (
    organization_id bigint, channel varchar, bucket_at timestamp, day date, template varchar, failed bigint
);
create table lake.rollup.failure_hour as from lake.rollup.failure_5m limit 0;
create table lake.rollup.failure_day as from lake.rollup.failure_5m limit 0;
create table lake.rollup.failure_lifetime as select * exclude (bucket_at, day) from lake.rollup.failure_5m limit 0;

-- grain: organization x time; bookings by the time they were made, calls by the time of the call, recipients of e-mail
-- jobs and of campaigns by the time they were written; email_bounced, email_dropped and email_spam are parts of
-- email_failed
create table lake.rollup.organization_5m (
    organization_id bigint, bucket_at timestamp, day date,
    bookings bigint, bookings_cancelled bigint, llm_calls bigint, llm_failed bigint,
    email_queued bigint, email_sent bigint, email_delivered bigint, email_read bigint, email_failed bigint,
    email_skipped bigint, email_bounced bigint, email_dropped bigint, email_spam bigint,
    campaign_queued bigint, campaign_sent bigint, campaign_delivered bigint, campaign_read bigint,
    campaign_failed bigint, campaign_unsubscribed bigint
);
create table lake.rollup.organization_hour as from lake.rollup.organization_5m limit 0;
create table lake.rollup.organization_day as from lake.rollup.organization_5m limit 0;
create table lake.rollup.organization_lifetime as
    select * exclude (bucket_at, day) from lake.rollup.organization_5m limit 0;

-- grain: organization x time a contact was made. No lifetime: contacts are kept whole, organization_total counts them.
create table lake.rollup.contact_5m (organization_id bigint, bucket_at timestamp, day date, contacts bigint);
create table lake.rollup.contact_hour as from lake.rollup.contact_5m limit 0;
create table lake.rollup.contact_day as from lake.rollup.contact_5m limit 0;

-- grain: campaign x UTC day its recipients were written
create table lake.rollup.campaign_day (
    organization_id bigint, campaign_id bigint, day date,
    queued bigint, sent bigint, delivered bigint, read bigint, failed bigint, unsubscribed bigint
);
create table lake.rollup.campaign_lifetime as select * exclude (day) from lake.rollup.campaign_day limit 0;

-- grain: campaign x UTC day its recipients were written x masked error text of the failed ones ('' where none was given);
-- channel is the campaign's
create table lake.rollup.campaign_failure_day (
    organization_id bigint, campaign_id bigint, day date, channel varchar, template varchar, failed bigint
);
create table lake.rollup.campaign_failure_lifetime as
    select * exclude (day) from lake.rollup.campaign_failure_day limit 0;

-- grain: e-mail job x UTC day its recipients were written; bounced, dropped and spam are parts of failed
create table lake.rollup.email_job_day (
    organization_id bigint, email_job_id bigint, day date,
    queued bigint, sent bigint, delivered bigint, read bigint, failed bigint, skipped bigint,
    bounced bigint, dropped bigint, spam bigint
);
create table lake.rollup.email_job_lifetime as select * exclude (day) from lake.rollup.email_job_day limit 0;

-- grain: e-mail job x UTC day its recipients were written x masked error text of the failed ones; channel is email
create table lake.rollup.email_job_failure_day (
    organization_id bigint, email_job_id bigint, day date, channel varchar, template varchar, failed bigint
);
create table lake.rollup.email_job_failure_lifetime as
    select * exclude (day) from lake.rollup.email_job_failure_day limit 0;

-- grain: a contact who unsubscribed; campaign_id is the campaign it is attributed to, if any reached the contact
create table lake.rollup.unsubscribe (
    contact_id bigint, organization_id bigint, campaign_id bigint, unsubscribed_at timestamp
);

-- grain: organization; what it has now, and the sums of organization_day and organization_lifetime
create table lake.rollup.organization_total as
    select
        organization_id, 0::bigint as contacts, 0::bigint as contacts_unsubscribed, 0::bigint as campaigns,
        0::bigint as campaigns_active, 0::bigint as email_jobs, * exclude (organization_id)
    from lake.rollup.organization_lifetime
    limit 0;

-- grain: channel x masked error text; its reason by failure_rules.toml
create table lake.rollup.failure_reason (
    channel varchar, template varchar, reason varchar, code varchar, provider_code varchar
);

alter table lake.rollup.channel_5m set partitioned by (day);
alter table lake.rollup.channel_hour set partitioned by (day);
alter table lake.rollup.failure_5m set partitioned by (day);
alter table lake.rollup.failure_hour set partitioned by (day);
alter table lake.rollup.organization_5m set partitioned by (day);
alter table lake.rollup.organization_hour set partitioned by (day);
alter table lake.rollup.contact_5m set partitioned by (day);
alter table lake.rollup.contact_hour set partitioned by (day);
