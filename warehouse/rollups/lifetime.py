"""Lifetime rows: the days that have left the daily tables, added up, so that totals without a range never shrink.

Belongs here: adding to them. Does not: which days leave (retention.py, old_days.py).
Every function works within the caller's lake transaction.
"""

from datetime import date

from warehouse.lake.connection import Connection
from warehouse.rollups.families import FAMILIES, SUBJECTS, Family, Subject


def add_family(lake: Connection, family: Family, source: str) -> None:
    """Adds the rows of `source`, which has the columns of the family's daily table, to its lifetime rows."""
    table = f"lake.rollup.{family.name}_lifetime"
    both = f"select * from {table} union all by name select * exclude (bucket_at, day) from ({source})"
    _replace(lake, table, family.merge(both))


def add_subject(lake: Connection, subject: Subject, source: str) -> None:
    """Adds the rows of `source`, which has the columns of the subject's daily table, to its lifetime rows."""
    table = f"lake.rollup.{subject.name}_lifetime"
    _replace(
        lake, table, subject.merge(f"select * from {table} union all by name select * exclude (day) from ({source})")
    )


def fold_days_before(lake: Connection, before: date) -> None:
    """Moves the days before `before` from the daily tables into the lifetime rows."""
    for family in FAMILIES:
        daily = f"lake.rollup.{family.name}_day"
        if family.has_lifetime:
            add_family(lake, family, f"select * from {daily} where day < date '{before}'")
        lake.execute(f"delete from {daily} where day < date '{before}'")
    for subject in SUBJECTS:
        daily = f"lake.rollup.{subject.name}_day"
        add_subject(lake, subject, f"select * from {daily} where day < date '{before}'")
        lake.execute(f"delete from {daily} where day < date '{before}'")


def _replace(lake: Connection, table: str, select: str) -> None:
    lake.execute(f"create or replace temp table folded as {select}")
    lake.execute(f"delete from {table}")
    lake.execute(f"insert into {table} by name from folded")
