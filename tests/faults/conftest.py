"""The real parts of the integration tests, for tests that break them."""

from tests.integration.conftest import new_database, server

__all__ = ["new_database", "server"]
