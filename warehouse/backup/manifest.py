"""A backup's list of contents: what it is of, who can restore it, each file's size and checksum.

Belongs here: that list, and finding the backups of a place. Does not: writing and restoring what it lists.
"""

import hashlib
import re
from collections.abc import Collection, Iterable
from datetime import datetime

import duckdb
from pydantic import BaseModel, ConfigDict, ValidationError

from warehouse.backup.places import PARTIAL, Place
from warehouse.errors import BackupError

FORMAT = 1
MANIFEST = "manifest.json"
DUMP = "database.dump"
KEY = "hash_key"
FILES = "files"

_OF_A_BACKUP = re.compile(rf"(\d{{8}}T\d{{6}}\.\d{{3}}Z)/((?:{PARTIAL})?(?:{MANIFEST}|{DUMP}|{KEY}))")
_POOLED = re.compile(rf"{FILES}/(raw|rollup|meta)/.*\.parquet")


class Stored(BaseModel):
    """A file of a backup by its path below the backup's place."""

    model_config = ConfigDict(frozen=True)

    path: str
    bytes: int
    md5: str


class Versions(BaseModel):
    """What must not be newer than what restores: the lake's layout, the alert store's last migration, DuckDB."""

    model_config = ConfigDict(frozen=True)

    program: str
    layout: int
    alerts: str | None
    duckdb: tuple[int, ...]


class Manifest(BaseModel):
    """A backup. `as_of` is the moment of the operational database that its figures are of, `snapshot` the lake's.

    `hash_key` identifies the key by which addresses are matched; the key itself is `key` where it was made by us.
    """

    model_config = ConfigDict(frozen=True)

    format: int = FORMAT
    name: str
    made_at: datetime
    as_of: datetime
    snapshot: int
    versions: Versions
    hash_key: str
    key: Stored | None
    dump: Stored
    files: tuple[Stored, ...]

    @property
    def contents(self) -> tuple[Stored, ...]:
        """Every file that it lists."""
        return (*self.files, self.dump, *((self.key,) if self.key else ()))

    @property
    def bytes(self) -> int:
        """What all of it takes."""
        return sum(stored.bytes for stored in self.contents)


def duckdb_version() -> tuple[int, ...]:
    """As numbers, to be compared."""
    return tuple(int(part) for part in duckdb.__version__.split(".")[:3] if part.isdigit())


def name_at(moment: datetime) -> str:
    """The name of a backup that begins at a UTC moment; names sort by it."""
    return f"{moment:%Y%m%dT%H%M%S}.{moment.microsecond // 1000:03}Z"


def key_id(key: str) -> str:
    """Tells keys apart without telling them."""
    return hashlib.sha256(f"corbi-monitoring {key}".encode()).hexdigest()[:16]


def stored(path: str, content: bytes) -> Stored:
    """What is listed of a file."""
    return Stored(path=path, bytes=len(content), md5=md5(content))


def md5(content: bytes) -> str:
    """A checksum as `storage.file` has it: against damage, not against people."""
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def names(paths: Iterable[str]) -> list[str]:
    """The names of complete backups among the paths of a place, oldest first. Pure."""
    found = (_OF_A_BACKUP.fullmatch(path) for path in paths)
    return sorted(match[1] for match in found if match and match[2] == MANIFEST)


def read_manifest(place: Place, name: str) -> Manifest:
    """Raises BackupError where it isn't there, can't be read, or is of a newer form."""
    content = place.read(f"{name}/{MANIFEST}")
    if content is None:
        raise BackupError(f"There is no complete backup {name} in {place.root}.")
    try:
        manifest = Manifest.model_validate_json(content)
    except ValidationError:
        raise BackupError(
            f"The list of contents {place.root}/{name}/{MANIFEST} is damaged, or of a newer version of Corbi "
            "Monitoring: take another backup (--name), or install the version that made it."
        ) from None
    if manifest.format > FORMAT:
        raise BackupError(
            f"The backup {name} was made by a newer version of Corbi Monitoring, {manifest.versions.program}: "
            "install that version."
        )
    return manifest


def unneeded(paths: Iterable[str], kept: Collection[Manifest]) -> list[str]:
    """The paths of a place that belong to backups and to none that is kept, lists of contents first. Pure."""
    needed = {f"{manifest.name}/{MANIFEST}" for manifest in kept}
    needed |= {stored.path for manifest in kept for stored in manifest.contents}
    ours = [path for path in paths if _OF_A_BACKUP.fullmatch(path) or _POOLED.fullmatch(path)]
    return sorted((path for path in ours if path not in needed), key=lambda path: not path.endswith(MANIFEST))
