-- grain: a notice, which is a change of an alert that people are told of.
-- content is the alert and the event as they were then; planned_at is when it was decided who is told, outcome what that
-- was: told to somebody, nobody to tell (no_target), or nothing new to any target (no_news).
-- No reference to the alert: what was said stays on record when an alert is forgotten.
create table alert.notice (
    id bigint generated always as identity primary key,
    event_id bigint not null unique,
    alert_id bigint not null,
    organization_id bigint not null,
    kind text not null check (kind in ('opened', 'escalated', 'resolved', 'reopened', 'severity_raised')),
    severity text not null check (severity in ('info', 'warn', 'critical')),
    at timestamptz not null,
    content jsonb not null,
    planned_at timestamptz,
    outcome text check (outcome in ('told', 'no_target', 'no_news')),
    check ((planned_at is null) = (outcome is null))
);
create index notice_waiting on alert.notice (at) where planned_at is null;
create index notice_of_alert on alert.notice (alert_id, id);

-- grain: an address that an organization is told at, besides the targets of the settings
create table alert.target (
    id bigint generated always as identity primary key,
    organization_id bigint not null,
    channel text not null check (channel in ('email', 'webhook', 'service')),
    address text not null,
    secret text,
    minimum_severity text not null check (minimum_severity in ('info', 'warn', 'critical')),
    is_active boolean not null,
    created_at timestamptz not null,
    unique (organization_id, channel, address)
);

-- grain: what is sent to a target at once. target is the key of alerts/delivery/targets.py.
-- gathering: notices may still join; trying: it was tried, so what it says stays as it is; then sent or failed.
-- lease is held by whoever sends it now, until lease_until; queued_at is what giving up counts from.
create table alert.message (
    id bigint generated always as identity primary key,
    key uuid not null unique,
    target text not null,
    organization_id bigint not null,
    status text not null check (status in ('gathering', 'trying', 'sent', 'failed')),
    due_at timestamptz not null,
    attempts bigint not null default 0,
    lease uuid,
    lease_until timestamptz,
    last_error text,
    queued_at timestamptz not null,
    created_at timestamptz not null,
    sent_at timestamptz,
    failed_at timestamptz,
    check ((status = 'sent') = (sent_at is not null)),
    check ((status = 'failed') = (failed_at is not null)),
    check ((lease is null) = (lease_until is null))
);
create unique index message_gathering on alert.message (target, organization_id) where status = 'gathering';
create index message_unfinished on alert.message (due_at, id) where status in ('gathering', 'trying');
create index message_next on alert.message (target, due_at, id) where status in ('gathering', 'trying');
create index message_order on alert.message (target, organization_id, id) where status in ('gathering', 'trying');
create index message_created on alert.message (created_at);

-- grain: a notice for a target; it stands in one message
create table alert.delivery (
    notice_id bigint not null references alert.notice (id) on delete cascade,
    target text not null,
    message_id bigint not null references alert.message (id) on delete cascade,
    primary key (notice_id, target)
);
create index delivery_of_message on alert.delivery (message_id, notice_id);
