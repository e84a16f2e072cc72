"""Restores a backup: into any place for the lake's files and any PostgreSQL, all of it or nothing.

Belongs here: what has to hold before anything is touched, the order of the steps. Does not: making one (take.py).
Files are copied first, and no name of theirs is any other file's; the database is replaced in one transaction at the
end. Who is killed before it has a few files too many, which compaction removes.
"""

import tempfile
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from warehouse.backup.database import is_filled, replace
from warehouse.backup.manifest import FILES, Manifest, Stored, duckdb_version, key_id, md5, names, read_manifest
from warehouse.backup.places import Folder, Place, lake_place, place_of
from warehouse.errors import BackupError, WouldLoseError
from warehouse.lake.connection import open_lake, writer_lock
from warehouse.lake.files import find_damage
from warehouse.lake.state import SCHEMA_VERSION
from warehouse.settings import Settings
from warehouse.source.extract import Progress, no_progress

_EVERY = 500


@dataclass(frozen=True)
class Restored:
    """A backup that was restored, and how many of its files were not there yet."""

    manifest: Manifest
    copied_files: int


def check(
    settings: Settings, source: str, progress: Progress = no_progress, *, name: str | None = None,
    alert_revisions: Collection[str] = (),
) -> Manifest:  # fmt: skip
    """Reads all of a backup in `source`, the newest complete one unless named, and changes nothing.

    `alert_revisions` are the migrations of the alert store that this version knows.
    Raises BackupError where anything is missing or damaged, or made by a newer version.
    """
    place = place_of(settings, source, is_private=True)
    manifest = _chosen(place, name)
    _require_known(manifest, alert_revisions)
    for number, one in enumerate(manifest.contents):
        if number % _EVERY == 0:
            progress(f"{number:,} of {len(manifest.contents):,} files of {manifest.name} compared")
        _whole(place, one)
    return manifest


def restore(
    settings: Settings, source: str, progress: Progress = no_progress, *, name: str | None = None,
    alert_revisions: Collection[str] = (), may_replace: bool = False, own_key: Path | None = None,
) -> Restored:  # fmt: skip
    """Restores a backup in `source` into the settings' PostgreSQL and lake path, wherever it was made.

    `own_key` is the file of the hash key where that is made by us: it becomes the backup's.
    Raises what `check` raises, WouldLoseError, unless `may_replace`, where there is a warehouse already, BackupError
    where another hash key is set or there is no room, and WarehouseBusyError while a pass is made. Until the end
    everything stays as it was.
    """
    place, lake = place_of(settings, source, is_private=True), lake_place(settings)
    with writer_lock(settings, wait_seconds=60):
        manifest, has_warehouse, there = _chosen(place, name), is_filled(settings), lake.sizes()
        _require_empty(settings, has_warehouse, there, may_replace)
        key = _key_to_write(settings, place, manifest, own_key, has_warehouse)
        check(settings, source, progress, name=manifest.name, alert_revisions=alert_revisions)
        copied = _copy(place, lake, manifest, there, progress)
        if key and own_key:
            Folder(str(own_key.parent), is_private=True).write(own_key.name, key)
        progress("replacing what the database holds")
        _replace(settings, _whole(place, manifest.dump))
        # Not read only: a catalog of an older DuckLake is brought up to date.
        with open_lake(settings) as restored:
            if damage := find_damage(restored, settings, deep=False):
                raise BackupError(f"All was restored, and yet {damage[0]}: run `corbi-monitoring repair`.")
    return Restored(manifest, copied)


def _chosen(place: Place, name: str | None) -> Manifest:
    there = names(place.sizes())
    if not there:
        raise BackupError(f"There is no complete backup in {place.root}: one that was interrupted is none.")
    if name is not None and name not in there:
        raise BackupError(f"There is no complete backup {name} in {place.root}, but: {', '.join(there)}.")
    return read_manifest(place, name or there[-1])


def _require_known(manifest: Manifest, alert_revisions: Collection[str]) -> None:
    made = manifest.versions
    is_newer = made.layout > SCHEMA_VERSION or made.duckdb > duckdb_version()
    if is_newer or (made.alerts is not None and made.alerts not in alert_revisions):
        raise BackupError(
            f"The backup {manifest.name} was made by a newer version of Corbi Monitoring ({made.program}, lake layout "
            f"{made.layout}, alerts {made.alerts}, DuckDB {'.'.join(map(str, made.duckdb))}): install that version."
        )


def _whole(place: Place, one: Stored) -> bytes:
    content = place.read(one.path)
    if content is None or len(content) != one.bytes or md5(content) != one.md5:
        raise BackupError(
            f"{place.root}/{one.path} {'is missing' if content is None else 'is damaged'}: this backup can't be "
            "restored, and nothing was replaced. Take another one (--name), or put the file back from elsewhere."
        )
    return content


def _require_empty(settings: Settings, has_warehouse: bool, there: Collection[str], may_replace: bool) -> None:
    files = sum(path.endswith(".parquet") for path in there)
    if may_replace or not (has_warehouse or files):
        return
    held = [
        *(["the database of CORBI_WAREHOUSE_URL holds a warehouse"] if has_warehouse else []),
        *([f"CORBI_LAKE_PATH={settings.lake_path} holds {files:,} files of a lake"] if files else []),
    ]
    raise WouldLoseError(
        f"Nothing was touched: {', and '.join(held)}. To restore beside it, set both to new, empty ones. To replace "
        "it, stop whatever uses it and add --yes; no other warehouse may have its files there, since those that the "
        "restored one doesn't know are removed later."
    )


def _key_to_write(
    settings: Settings, place: Place, manifest: Manifest, own_key: Path | None, has_warehouse: bool
) -> bytes | None:
    """The backup's hash key where it has to take the place of ours. Raises BackupError where that can't be."""
    if key_id(settings.required("hash_key")) == manifest.hash_key:
        return None
    if manifest.key is None:
        raise BackupError(
            "The backup was made with another CORBI_HASH_KEY, which is not part of it: set it to that one. With any "
            "other, addresses would no longer be matched."
        )
    if own_key is None:
        raise BackupError(
            f"The backup was made with another CORBI_HASH_KEY: set it to what is in {place.root}/{manifest.key.path}."
        )
    if has_warehouse:
        raise BackupError(
            f"The warehouse that is there was made with another key ({own_key}) than the backup: restore into an empty "
            "CORBI_HOME."
        )
    return _whole(place, manifest.key)


def _copy(place: Place, lake: Place, manifest: Manifest, there: dict[str, int], progress: Progress) -> int:
    """Copies what is not there yet; returns how many files."""
    wanted = {one.path.removeprefix(f"{FILES}/"): one for one in manifest.files}
    new = {path: one for path, one in wanted.items() if not _is_there(lake, path, one, there)}
    needed, free = sum(one.bytes for one in new.values()), lake.free()
    if free is not None and free < needed:
        raise BackupError(
            f"The lake needs {needed:,} bytes more in {lake.root}, and {free:,} are free: make room there, or choose "
            "another CORBI_LAKE_PATH. Nothing was touched."
        )
    for number, (path, one) in enumerate(new.items()):
        if number % _EVERY == 0:
            progress(f"{number:,} of {len(new):,} files copied")
        lake.write(path, _whole(place, one))
    return len(new)


def _is_there(lake: Place, path: str, one: Stored, there: dict[str, int]) -> bool:
    return there.get(path) == one.bytes and md5(lake.read(path) or b"") == one.md5


def _replace(settings: Settings, content: bytes) -> None:
    try:
        folder = settings.home / "tmp"
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as scripts:
            replace(settings, content, Path(scripts))
    except OSError as error:
        raise BackupError(f"{folder} can't be written to: {error.strerror}. The database is as it was.") from error
