"""A small platform whose owners may have dropped every constraint, and rows in it that are odd in one column each.

Belongs here: making them. Does not: claims.
"""

from datetime import UTC, datetime, timedelta

from psycopg import sql

from tests.integration.platform_writer import CHANNEL_TABLES, PlatformWriter, open_connection
from warehouse.lake.connection import open_lake
from warehouse.settings import Settings
from warehouse.source.tables import SourceTable

VALUES: dict[str, tuple[object, ...]] = {
    "timestamp with time zone": (
        "infinity", "-infinity", "58877-04-12 22:02:03+00", "9999-12-31 23:59:59+00", "12026-01-01", "0044-03-15 BC",
        "4713-01-01 BC", "294276-12-31 23:59:59+00", "1970-01-01", "1999-12-31 23:59:59.999999+00", None,
    ),
    "bigint": (-(2**63), 2**63 - 1, -1, 0, None),
    "integer": (-(2**31), 2**31 - 1, 0, None),
    "boolean": (True, False, None),
    "jsonb": ("null", "[]", '"x"', "1e300", '{"channel": {"a": 1}, "outbound_id": "abc", "booking_id": 1e30}', None),
    "text": ("", " ", "\u00a0", "x" * 20_000, "\x01\x7f", "NULL", "\U0001f600 \u202e", None),
}  # fmt: skip
"""The ends of each PostgreSQL type, and what else is legal there and means nothing."""

_COLUMNS = """
    select column_name from information_schema.columns
    where table_schema = 'public' and table_name = %s and column_name <> 'id' order by ordinal_position
"""
_TYPES = """
    select attname::text, format_type(atttypid, atttypmod) from pg_attribute
    where attrelid = %s::text::regclass and attnum > 0 and not attisdropped
"""
_CONSTRAINTS = """
    select format('alter table %s drop constraint %I cascade', conrelid::regclass, conname)
    from pg_constraint where contype in ('u', 'c', 'f') and connamespace = 'public'::regnamespace
"""
_NOT_NULL = """
    select format('alter table %s alter %I drop not null', attrelid::regclass, attname)
    from pg_attribute join pg_class on pg_class.oid = attrelid
    where relkind = 'r' and relnamespace = 'public'::regnamespace and attnum > 0 and attnotnull
        and attname <> 'id' and not attisdropped
"""


class OddPlatform:
    """The platform, a connection that writes to it, and what the warehouse counts."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.source = open_connection(settings.required("source_url"), autocommit=True)
        self.writer = PlatformWriter(self.source, datetime.now(UTC))

    def fill(self) -> None:
        """Rows in every table that is read, so that there is one to make others from."""
        self.writer.people()
        self.writer.campaign(1, timedelta(hours=2))
        for number, table in enumerate(sorted(CHANNEL_TABLES), 1):
            self.writer.channel_message(number, table, timedelta(hours=3))
        for number in range(6):
            self.writer.outbound(number, "whatsapp", timedelta(minutes=30 * number))
            self.writer.callback(number, "whatsapp", timedelta(minutes=20 * number))
        self.writer.daily(1, timedelta(hours=1))
        self.writer.suppression(1, timedelta(hours=1))
        self.writer.integration()
        self.writer.platform_alert()

    def drop_constraints(self) -> None:
        """Anything may be written from now on, as in a database that was widened and repaired by hand."""
        self.source.execute("alter table messaging_providerevent alter latency_ms type bigint")
        for commands in (_CONSTRAINTS, _NOT_NULL):
            for (command,) in self.source.execute(commands).fetchall():
                self.source.execute(command)

    def poison(self, table: SourceTable) -> int:
        """For each column read and each value of its type, a copy of the first row that differs in it; how many."""
        columns = [str(name) for (name,) in self.source.execute(_COLUMNS, (table.name,)).fetchall()]
        types = {str(name): str(type_) for name, type_ in self.source.execute(_TYPES, (table.name,)).fetchall()}
        written = 0
        for name in table.reads:
            for value in () if name == "id" else VALUES.get(types[name], VALUES["text"]):
                if "(" in types[name] and len(str(value)) > int(types[name].partition("(")[2][:-1]):
                    continue
                text = sql.Literal(None if value is None else str(value))
                odd = sql.SQL("{}::{}").format(text, sql.SQL(types[name]))
                self.source.execute(
                    sql.SQL("insert into {table} ({columns}) select {values} from {table} order by id limit 1").format(
                        table=sql.Identifier(table.name),
                        columns=sql.SQL(", ").join(map(sql.Identifier, columns)),
                        values=sql.SQL(", ").join(odd if one == name else sql.Identifier(one) for one in columns),
                    )
                )
                written += 1
        return written

    def callback_at(self, text: str) -> int:
        """A callback received at a time given as text; its id."""
        row = self.source.execute(
            """
            insert into messaging_providerevent
                (provider_message_id, channel, status, payload, latency_ms, received_at, organization_id)
            values ('m', 'whatsapp', 'delivered', '{}', 10, %s, 1) returning id
            """,
            (text,),
        ).fetchone()
        return int(row[0]) if row else 0

    def counted(self) -> int:
        """Outbound messages of all organizations in the daily rollups."""
        with open_lake(self.settings, read_only=True) as lake:
            row = lake.execute(
                "select sum(queued + sent + delivered + read + failed + skipped + retrying)::bigint "
                "from lake.rollup.channel_day"
            ).fetchone()
        return int(row[0]) if row else 0
