-- grain: an incident of a fingerprint (organization, rule, channel, subject)
create table alert.alert (
    id bigint generated always as identity primary key,
    organization_id bigint not null,
    rule text not null,
    channel text not null,
    subject text not null,
    status text not null check (status in ('open', 'acked', 'resolved')),
    severity text not null check (severity in ('info', 'warn', 'critical')),
    title text not null,
    description text not null,
    value double precision not null,
    peak double precision not null,
    threshold double precision not null,
    applied jsonb not null,
    count bigint not null,
    details jsonb not null,
    first_seen timestamptz not null,
    last_seen timestamptz not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    alarm_at timestamptz not null,
    is_firing boolean not null,
    is_told boolean not null,
    clearing_since timestamptz,
    acked_by bigint,
    acked_at timestamptz,
    resolved_by bigint,
    resolved_at timestamptz,
    escalated_at timestamptz,
    request_id text,
    check ((status = 'resolved') = (resolved_at is not null)),
    check ((status = 'acked') <= (acked_at is not null))
);
-- one alert that is not resolved a fingerprint, whoever writes at the same time
create unique index alert_fingerprint on alert.alert (organization_id, rule, channel, subject) where status <> 'resolved';
create index alert_feed on alert.alert (organization_id, created_at desc, id desc);
create index alert_resolved on alert.alert (resolved_at) where status = 'resolved';
create index alert_firing on alert.alert (id) where is_firing;

-- grain: a change of an alert
create table alert.event (
    id bigint generated always as identity primary key,
    alert_id bigint not null references alert.alert (id) on delete cascade,
    at timestamptz not null,
    actor_id bigint,
    reason text not null,
    from_status text,
    to_status text not null,
    from_severity text,
    to_severity text not null,
    value double precision,
    request_id text,
    note text not null
);
create index event_of_alert on alert.event (alert_id, id);

-- grain: a fingerprint whose breach has not lasted its hold time yet
create table alert.pending (
    organization_id bigint not null,
    rule text not null,
    channel text not null,
    subject text not null,
    since timestamptz not null,
    primary key (organization_id, rule, channel, subject)
);

-- grain: a person's wish for quiet
create table alert.mute (
    id bigint generated always as identity primary key,
    organization_id bigint not null,
    rule text not null,
    channel text not null,
    until timestamptz not null,
    created_by bigint,
    created_at timestamptz not null,
    note text not null
);
create index mute_of_organization on alert.mute (organization_id, until);

-- grain: limits of an organization's own for a rule and channel ('' for every channel)
create table alert.threshold (
    organization_id bigint not null,
    rule text not null,
    channel text not null,
    "values" jsonb not null,
    updated_at timestamptz not null,
    updated_by bigint,
    primary key (organization_id, rule, channel)
);

-- grain: an organization; bumped first in every transaction that changes its alerts, so it is their lock too
create table alert.version (organization_id bigint primary key, version bigint not null);
