-- grain: the last evaluation of all organizations: one row, or none before the first
create table alert.evaluation (
    id bigint primary key check (id = 1),
    evaluated_at timestamptz not null,
    as_of timestamptz not null
);
