"""Damages the lake's files the way disks, people and transfers do.

Belongs here: the kinds of damage, and finding a file to damage. Does not: claims.
"""

from collections.abc import Callable
from pathlib import Path

import psycopg

from warehouse.settings import Settings


def _flipped(content: bytes, place: int) -> bytes:
    return content[:place] + bytes([content[place] ^ 4]) + content[place + 1 :]


KINDS: dict[str, Callable[[bytes], bytes | None]] = {
    "deleted": lambda content: None,
    "zero-length": lambda content: b"",
    "truncated": lambda content: content[: len(content) // 2],
    "page": lambda content: _flipped(content, min(120, len(content) // 3)),
    "footer": lambda content: _flipped(content, len(content) - 60),
}
SEEN_BY_SIZE = ("deleted", "zero-length", "truncated")

_LIVE = """
    select s.path || t.path || f.path from ducklake_data_file f
    join ducklake_table t using (table_id) join ducklake_schema s using (schema_id)
    where s.schema_name || '.' || t.table_name = %s and f.end_snapshot is null
    order by f.path like %s desc, f.record_count desc, f.data_file_id desc
"""


def live_file(settings: Settings, table: str, day: object = None) -> Path:
    """The biggest file of a table's present rows, or of a day of them."""
    with psycopg.connect(settings.required("warehouse_url")) as warehouse:
        row = warehouse.execute(_LIVE, (table, f"day={day}/%")).fetchone()
    assert row is not None
    return Path(settings.required("lake_path")) / row[0]


def every_live_file(settings: Settings) -> list[Path]:
    """Every file of the lake's present rows, and of which of these are deleted."""
    with psycopg.connect(settings.required("warehouse_url")) as warehouse:
        rows = warehouse.execute("select path from storage.file order by path").fetchall()
    return [Path(settings.required("lake_path")) / row[0] for row in rows]


def damage(path: Path, kind: str) -> None:
    """Makes a file what this kind of damage leaves of it."""
    left = KINDS[kind](path.read_bytes())
    if left is None:
        path.unlink()
    else:
        path.write_bytes(left)
