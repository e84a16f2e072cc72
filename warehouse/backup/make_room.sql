-- Removes what the database holds of a warehouse; readers that hold it for longer than half a minute stop it.
set local lock_timeout = '30s';
do $$
declare
    name text;
begin
    for name in
        select format('%I.%I', schemaname, tablename) from pg_tables
        where schemaname = 'public' and tablename like 'ducklake\_%'
    loop
        execute 'drop table ' || name;
    end loop;
end $$;
drop schema if exists storage, directory, alert cascade;
create schema storage;
create schema directory;
create schema alert;
