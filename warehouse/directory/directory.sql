-- The directory, copied from the source at each pass: nothing here is truth, so it is made anew where it is missing.
select pg_advisory_xact_lock(49329);
create schema if not exists directory;
create table if not exists directory.organization (id bigint primary key, name text not null);
create table if not exists directory.person (id bigint primary key, is_active boolean not null);
-- grain: a person in an organization (the platform forbids no doubles)
create table if not exists directory.membership (organization_id bigint not null, user_id bigint not null, role text not null);
create index if not exists membership_user_id on directory.membership (user_id);
-- key_hashed is the SHA-256 hex of the key, as the platform keeps it
create table if not exists directory.api_key (
    id bigint primary key, key_hashed text not null, status text not null, organization_id bigint not null, user_id bigint not null
);
create index if not exists api_key_hashed on directory.api_key (key_hashed);
-- one row: the moment of the source's snapshot that was copied
create table if not exists directory.copy (as_of timestamptz);
insert into directory.copy select null where not exists (select from directory.copy);
-- grain: organization; when it last asked for a pass
create table if not exists directory.refresh_request (organization_id bigint primary key, asked_at timestamptz not null);
