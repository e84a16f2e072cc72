"""The numbers of PostgreSQL's advisory locks on the warehouse's database, all in one place: each must be another.

Belongs here: a number for each lock. Does not: taking it.
"""

WRITER = 0x_C02B1
"""Whoever writes to the lake."""
ALERT_MIGRATIONS = 0x_C02B2
"""Whoever brings the alert store up to date."""
ALERT_JUDGING = 0x_C02B3
"""Whoever judges alerts."""
ALERT_DELIVERY = 0x_C02B4
"""Whoever plans messages about alerts."""
FILES = 0x_C02B5
"""Whoever removes files of the lake, or copies them."""
PASSES = 0x_C02B6
"""Shared by the processes that make pass after pass."""
