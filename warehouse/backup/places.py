"""Where files of a backup, or of a lake, are: a folder or a bucket.

Belongs here: listing, reading and writing them whole or not at all, and what failures mean. Does not: which files.
"""

import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

import duckdb

from warehouse.errors import BackupError
from warehouse.lake.connection import is_bucket, open_duckdb
from warehouse.lake.sql import quoted
from warehouse.lake.trouble import reason
from warehouse.settings import Settings

PARTIAL = "partial-"
"""What a name begins with until all of the file has been written."""

_NOT_FOUND = 404


class Place(Protocol):
    """Files by their paths below a root. Whatever fails raises BackupError."""

    root: str
    can_remove: bool

    def sizes(self) -> dict[str, int]:
        """The bytes of every file; nothing where the place isn't there yet."""

    def read(self, path: str) -> bytes | None:
        """A file's content, or None where there is none."""

    def write(self, path: str, content: bytes) -> None:
        """Writes a file so that a kill leaves all of it or nothing under its name."""

    def remove(self, path: str) -> None:
        """Removes a file, and its folder where that is left empty."""

    def free(self) -> int | None:
        """Bytes that can still be written, or None where that is not known."""


def place_of(settings: Settings, where: str, *, is_private: bool) -> Place:
    """The place of a name; what is written to one that is private, nobody but its owner reads."""
    return Bucket(settings, where) if is_bucket(where) else Folder(where, is_private=is_private)


def lake_place(settings: Settings) -> Place:
    """Where the lake's own files are."""
    return place_of(settings, settings.required("lake_path"), is_private=False)


class Folder:
    """A folder of a file system."""

    can_remove = True

    def __init__(self, root: str, *, is_private: bool) -> None:
        self.root = str(Path(root).expanduser().resolve())
        self._modes = (0o700, 0o600) if is_private else (0o777, 0o666)

    def sizes(self) -> dict[str, int]:
        """The bytes of every file."""
        found = {}
        for folder, _, names in os.walk(self.root, onerror=self._unreadable):
            for name in names:
                path = Path(folder, name)
                with suppress(FileNotFoundError):
                    found[path.relative_to(self.root).as_posix()] = path.stat().st_size
        return found

    def read(self, path: str) -> bytes | None:
        """A file's content."""
        try:
            return Path(self.root, path).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise BackupError(f"{self.root}/{path} can't be read: {error.strerror}.") from error

    def write(self, path: str, content: bytes) -> None:
        """Writes beside, and renames what has reached the disk."""
        whole = Path(self.root, path)
        beside = whole.with_name(PARTIAL + whole.name)
        try:
            self._make(whole.parent)
            descriptor = os.open(beside, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, self._modes[1])
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(descriptor)
            beside.replace(whole)
        except OSError as error:
            with suppress(OSError):
                beside.unlink(missing_ok=True)
            raise BackupError(
                f"{whole} can't be written: {error.strerror}. When that is mended, run it again: what was copied stays."
            ) from error

    def remove(self, path: str) -> None:
        """Removes a file, and its folder where that is left empty."""
        whole = Path(self.root, path)
        try:
            whole.unlink(missing_ok=True)
        except OSError as error:
            raise BackupError(f"{whole} can't be removed: {error.strerror}.") from error
        with suppress(OSError):
            whole.parent.rmdir()

    def free(self) -> int:
        """Bytes that can still be written."""
        there = next(folder for folder in (Path(self.root), *Path(self.root).parents) if folder.exists())
        return shutil.disk_usage(there).free

    def _make(self, folder: Path) -> None:
        if not folder.is_dir():
            self._make(folder.parent)
            folder.mkdir(mode=self._modes[0], exist_ok=True)

    def _unreadable(self, error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):
            raise BackupError(f"{error.filename} can't be read: {error.strerror}.") from error


class Bucket:
    """Object storage, through the same door as a lake in it. DuckDB has no way to remove an object."""

    can_remove = False

    def __init__(self, settings: Settings, root: str) -> None:
        self.root = root.rstrip("/")
        self._door = open_duckdb(settings, root)

    def sizes(self) -> dict[str, int]:
        """The bytes of every object."""
        rows = self._ask("select filename, size from read_blob(?)", f"{self.root}/**")
        return {name.removeprefix(f"{self.root}/"): size for name, size in rows}

    def read(self, path: str) -> bytes | None:
        """An object's content."""
        try:
            rows = self._ask("select content from read_blob(?)", f"{self.root}/{path}")
        except BackupError as error:
            if isinstance(error.__cause__, duckdb.HTTPException) and error.__cause__.status_code == _NOT_FOUND:
                return None
            raise
        return bytes(rows[0][0])

    def write(self, path: str, content: bytes) -> None:
        """Uploads an object, which is there once all of it has arrived."""
        try:
            whole = quoted(f"{self.root}/{path}")
            self._door.execute(f"copy (select ?::blob as content) to {whole} (format blob)", [content])
        except duckdb.Error as error:
            raise BackupError(f"{self.root}/{path} can't be written: {reason(error)}") from error

    def remove(self, path: str) -> None:
        """Is never asked of a bucket."""
        raise BackupError(f"{self.root}/{path} can't be removed from here.")

    def free(self) -> None:
        """Nobody knows."""

    def _ask(self, query: str, pattern: str) -> list[tuple[Any, ...]]:
        try:
            return self._door.execute(query, [pattern]).fetchall()
        except duckdb.Error as error:
            raise BackupError(f"{pattern} can't be read: {reason(error)}") from error
