-- The tables through which history.py hands over what it knows: texts, streams; and the organizations' names.
create unlogged table simulator.words (
    id bigint, channel text, stage text, weight int, event text, code text, classification text, words text
);
create unlogged table simulator.stream (
    number bigint, source text, source_number bigint, kind text, channel text, rhythm text, rows bigint
);
create view simulator.organization_name as
select id, name from organizations_organization;
create unlogged table simulator.chance (
    source_name text, channel_name text, skipped double precision, refused double precision, retrying double precision,
    failed double precision, unheard double precision, readers double precision,
    delivery_seconds double precision, delivery_sigma double precision, read_seconds double precision
);
