-- What the lake's files were when they were written, and which are known to be damaged.
create schema if not exists storage;

-- grain: a file of the lake by its path below the lake's; content is a copy of what can't be computed again
create table if not exists storage.file (
    path text primary key, bytes bigint not null, md5 text not null, content bytea
);

-- grain: a damaged file; it stays until what it held is there again, also when the lake no longer counts on it
create table if not exists storage.damage (
    path text primary key, table_name text not null, data_file_id bigint not null, first_day date, last_day date,
    what text not null, is_forgotten boolean not null default false, found_at timestamptz not null default now()
);
