"""What holds for every test: how properties are drawn.

Belongs here: Hypothesis' profile, settings that hold for all. Does not: real parts (integration/conftest.py,
browser/conftest.py).
"""

import os

from hypothesis import settings

# How long an example takes says how busy the machine is, and nothing about the claim.
settings.register_profile("claims", deadline=None, database=None)
settings.load_profile("claims")

# One, since tests run in as many processes as there are cores: DuckDB's client turns while it waits for a second
# thread, at the cost of the others. test_exactness.py has the number that people have.
os.environ.setdefault("CORBI_DUCKDB_THREADS", "1")

# What a pass has just written is read by the next request; test_api_going_over.py has the number that people have.
os.environ.setdefault("CORBI_GOING_OVER_SECONDS", "0")
