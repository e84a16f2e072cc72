"""The heart: from the operational database to rollups in the lake, and the figures that are read from them.

Belongs here: at the top what a person asks for (refresh, backfill, retention, doctor, status), below it what carries
that out. Does not: whatever knows Dagster, Flask or marimo; nothing here imports a sibling.
"""
