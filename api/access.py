"""What a route may use: the caller, and the lake.

Belongs here: the parts an app is built with, reached from a request. Does not: making them (app.py).
"""

from contextlib import AbstractContextManager
from dataclasses import dataclass

from flask import current_app, g, request

from api.identity import Caller, identify
from warehouse.directory import Directory
from warehouse.lake import Connection, LakeReaders
from warehouse.settings import Settings

EXTENSION = "corbi"


@dataclass(frozen=True)
class Parts:
    """What an app is built with; connections are opened when they are first used, in the process that uses them."""

    settings: Settings
    readers: LakeReaders
    directory: Directory

    def close(self) -> None:
        """Gives the connections back."""
        self.readers.close()
        self.directory.close()


def parts() -> Parts:
    """The parts of the app that answers the present request."""
    found = current_app.extensions[EXTENSION]
    if not isinstance(found, Parts):
        raise TypeError("the app was not made by api.app.create_app")
    return found


def caller() -> Caller:
    """Who calls. Raises ApiError 401 or 403, so nothing of an organization is read before."""
    if "caller" not in g:
        g.caller = identify(request.headers, parts().directory, parts().settings.required("secret_key"))
    found: Caller = g.caller
    return found


def lake() -> AbstractContextManager[Connection]:
    """A reader on the lake: all that is read in the block is of one snapshot."""
    return parts().readers.reader()
