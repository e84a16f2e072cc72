"""Connections to the alert store.

Belongs here: the SQLAlchemy engine of this process. Does not: what is read or written.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, create_engine, make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from warehouse.errors import WarehouseUnavailableError
from warehouse.lake.trouble import reason
from warehouse.settings import Settings


def make_engine(settings: Settings) -> Engine:
    """An engine on the warehouse's PostgreSQL; opens no connection yet. The caller disposes of it.

    A connection that the server closed meanwhile is noticed before it is used.
    """
    url = make_url(settings.required("warehouse_url")).set(drivername="postgresql+psycopg")
    return create_engine(url, pool_pre_ping=True, pool_size=4, max_overflow=16, connect_args={"connect_timeout": 10})


@contextmanager
def store(settings: Settings) -> Iterator[Engine]:
    """An engine for the length of the block. Raises WarehouseUnavailableError when the server can't be reached."""
    engine = make_engine(settings)
    try:
        yield engine
    except OperationalError as error:
        raise unavailable(error) from error
    finally:
        engine.dispose()


@contextmanager
def transaction(engine: Engine) -> Iterator[Session]:
    """A session whose changes are committed together at the block's end, or none of them."""
    with Session(engine, expire_on_commit=False) as session, session.begin():
        yield session


def unavailable(error: OperationalError) -> WarehouseUnavailableError:
    """The error for people: the cause, without the URL and its password."""
    return WarehouseUnavailableError(
        f"The alert store can't be reached with CORBI_WAREHOUSE_URL: {reason(error.orig or error)}"
    )
