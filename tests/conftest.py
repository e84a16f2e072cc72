"""What holds for every test: how properties are drawn.

Belongs here: Hypothesis' profile. Does not: real parts (integration/conftest.py, browser/conftest.py).
"""

from hypothesis import settings

# How long an example takes says how busy the machine is, and nothing about the claim.
settings.register_profile("claims", deadline=None, database=None)
settings.load_profile("claims")
