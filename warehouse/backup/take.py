"""Makes a backup while passes go on: of one snapshot of the warehouse's PostgreSQL, and the files that it counts on.

Belongs here: the order of the steps, which backups are kept. Does not: restoring (restore.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import psycopg

from warehouse.backup.database import dump, snapshot
from warehouse.backup.manifest import (
    DUMP,
    FILES,
    KEY,
    MANIFEST,
    Manifest,
    Stored,
    Versions,
    duckdb_version,
    key_id,
    md5,
    name_at,
    names,
    read_manifest,
    stored,
    unneeded,
)
from warehouse.backup.places import Place, lake_place, place_of
from warehouse.errors import BackupError, LakeDamagedError
from warehouse.lake.connection import connect_warehouse, files_lock, open_lake, transaction
from warehouse.lake.damage import MEND, create_record
from warehouse.lake.sql import statement
from warehouse.lake.state import PipelineState, read_state
from warehouse.settings import Settings
from warehouse.source.extract import Progress, no_progress

_LIVE = f"""
    select live.path, live.bytes, file.md5
    from ({statement("warehouse.lake", "live_files")}) live left join storage.file file using (path)
    order by live.path
"""
_EVERY = 500


@dataclass(frozen=True)
class BackupReport:
    """A backup that was made, how much of it had to be copied, and the older ones that were removed for it."""

    manifest: Manifest
    copied_files: int
    copied_bytes: int
    removed: tuple[str, ...]


LiveFile = tuple[str, int, str | None]
"""A file by its path below the lake's, its bytes, and its checksum where one is recorded."""


@dataclass(frozen=True)
class _Source:
    """What one snapshot of the warehouse's PostgreSQL says: its dump, and the lake's files with their checksums."""

    content: bytes
    files: Sequence[LiveFile]
    snapshot: int
    state: PipelineState
    alerts: str | None


def backup(
    settings: Settings, target: str, progress: Progress = no_progress, *, keep: int = 7, own_key: Path | None = None
) -> BackupReport:
    """Makes a backup in `target`, a folder or s3://…, of which the newest `keep` stay; a bucket keeps all.

    1. From here on compaction removes no file, so that all of the snapshot's stay; passes go on.
    2. One snapshot of PostgreSQL is dumped, and says which files there are.
    3. Those that no backup in `target` has are copied, each compared with its checksum.
    4. The list of contents makes it complete; what only older backups need is removed.

    `own_key` is the file of the hash key where that was made by us: it is part of the backup then.
    Raises BackupError, LakeDamagedError, WarehouseEmptyError, and WarehouseBusyError while another backup is made.
    """
    place, lake = place_of(settings, target, is_private=True), lake_place(settings)
    _require_apart(place, lake)
    name = name_at(datetime.now(UTC))
    with files_lock(settings, wait_seconds=60):
        source = _read(settings)
        progress(f"PostgreSQL dumped, {len(source.content):,} bytes; {len(source.files):,} files in the lake")
        found = place.sizes()
        new = [one for one in source.files if found.get(f"{FILES}/{one[0]}") != one[1] or one[2] is None]
        _require_room(place, sum(size for _, size, _ in new) + len(source.content))
        sums = _copy(lake, place, new, progress)
        key = own_key.read_bytes() if own_key else None
        place.write(f"{name}/{DUMP}", source.content)
        if key:
            place.write(f"{name}/{KEY}", key)
        manifest = _manifest(settings, name, source, sums, key)
        _require_all(place, manifest)
        place.write(f"{name}/{MANIFEST}", manifest.model_dump_json(indent=1).encode())
        removed = _forget(place, name, keep, progress) if place.can_remove else ()
    return BackupReport(manifest, len(new), sum(size for _, size, _ in new), removed)


def _manifest(settings: Settings, name: str, source: _Source, sums: Mapping[str, str], key: bytes | None) -> Manifest:
    return Manifest(
        name=name,
        made_at=datetime.now(UTC),
        as_of=source.state.as_of,
        snapshot=source.snapshot,
        versions=Versions(
            program=version("corbi-monitoring"),
            layout=source.state.schema_version,
            alerts=source.alerts,
            duckdb=duckdb_version(),
        ),
        hash_key=key_id(settings.required("hash_key")),
        key=stored(f"{name}/{KEY}", key) if key else None,
        dump=stored(f"{name}/{DUMP}", source.content),
        files=tuple(
            Stored(path=f"{FILES}/{path}", bytes=size, md5=known or sums[path]) for path, size, known in source.files
        ),
    )


def _require_apart(place: Place, lake: Place) -> None:
    if f"{place.root}/".startswith(f"{lake.root}/") or f"{lake.root}/".startswith(f"{place.root}/{FILES}/"):
        raise BackupError(
            f"A backup in {place.root} would be among the lake's own files ({lake.root}), which the lake tidies up: "
            "choose another place, best on another disk."
        )


def _require_room(place: Place, needed: int) -> None:
    free = place.free()
    if free is not None and free < needed:
        raise BackupError(
            f"The backup needs {needed:,} bytes more in {place.root}, and {free:,} are free: make room there, or "
            "choose another place."
        )


def _read(settings: Settings) -> _Source:
    with connect_warehouse(settings) as warehouse:
        create_record(warehouse)
    with open_lake(settings, read_only=True) as lake:
        with snapshot(settings) as (warehouse, snapshot_name):
            files = warehouse.execute(_LIVE.encode()).fetchall()
            number = warehouse.execute("select max(snapshot_id) from public.ducklake_snapshot").fetchall()[0][0]
            alerts = _alert_revision(warehouse)
            content = dump(settings, snapshot_name)
        with transaction(lake):
            read_state(lake)
            row = lake.execute(f"select value from lake.meta.state at (version => {number})").fetchall()[0]
    return _Source(content, files, number, PipelineState.model_validate_json(row[0]), alerts)


def _alert_revision(warehouse: psycopg.Connection) -> str | None:
    if warehouse.execute("select to_regclass('alert.alembic_version')").fetchall() == [(None,)]:
        return None
    rows = warehouse.execute("select max(version_num) from alert.alembic_version").fetchall()
    return str(rows[0][0]) if rows[0][0] else None


def _copy(lake: Place, place: Place, files: Sequence[LiveFile], progress: Progress) -> dict[str, str]:
    """Copies files of the lake; returns their checksums. What was copied stays for the next try where one fails."""
    sums: dict[str, str] = {}
    for number, (path, size, known) in enumerate(files):
        if number % _EVERY == 0:
            progress(f"{number:,} of {len(files):,} new files copied")
        content = lake.read(path)
        found = md5(content or b"")
        if content is None or len(content) != size or known not in (None, found):
            raise LakeDamagedError(
                f"{lake.root}/{path} {'is missing' if content is None else 'is not what was written'}, and a backup of "
                f"a damaged lake could not be restored: {MEND}, then make the backup again."
            )
        place.write(f"{FILES}/{path}", content)
        sums[path] = found
    return sums


def _require_all(place: Place, manifest: Manifest) -> None:
    """Raises BackupError unless everything that the list names is there."""
    found = place.sizes()
    for one in manifest.contents:
        if found.get(one.path) != one.bytes:
            raise BackupError(
                f"{place.root}/{one.path} was written and is gone: something else tidies up there. Choose another "
                "place."
            )


def _forget(place: Place, name: str, keep: int, progress: Progress) -> tuple[str, ...]:
    """Removes older backups than are kept, and what killed ones left; returns their names."""
    paths = place.sizes()
    complete = names(paths)
    kept = {name, *complete[-keep:]}
    try:
        doomed = unneeded(paths, [read_manifest(place, one) for one in sorted(kept)])
    except BackupError as error:
        progress(f"nothing older is removed: {error}")
        return ()
    for path in doomed:
        place.remove(path)
    return tuple(one for one in complete if one not in kept)
