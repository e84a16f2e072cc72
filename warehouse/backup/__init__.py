"""Backups of what the warehouse holds: its PostgreSQL and the lake's files, in a folder or in object storage.

Belongs here: making one while passes go on (take.py), restoring one at any place (restore.py), its list of contents
(manifest.py), where its files are (places.py), the dump of the database (database.py). Does not: Dagster's storage, the
operational database, settings.

    TARGET/files/<path below the lake's>   files of the lake, shared by all backups in TARGET: they never change
    TARGET/<name>/database.dump            what pg_dump wrote of one snapshot of the warehouse's PostgreSQL
    TARGET/<name>/hash_key                 where the key was made by us
    TARGET/<name>/manifest.json            written last: without it there is no backup of this name
"""

from warehouse.backup.restore import Restored, check, restore
from warehouse.backup.take import BackupReport, backup

__all__ = ["BackupReport", "Restored", "backup", "check", "restore"]
