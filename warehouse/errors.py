"""The one exception tree.

Belongs here: every error this project raises on purpose. Does not: how an error is shown (api/serving/errors.py, cli/).
A message says what happened, to what, and what to do about it.
"""


class CorbiError(Exception):
    """Anything this project raises on purpose; its text is fit to be shown to an operator."""


class SettingsError(CorbiError):
    """A setting is missing or can't work."""


class SourceUnavailableError(CorbiError):
    """The operational database can't be reached or dropped the connection."""


class SourceContractBrokenError(CorbiError):
    """The operational database lacks a table, a column or a right that extraction needs."""


class SourceResetError(CorbiError):
    """The operational database's transaction counter ran backwards: it was restored or replaced."""


class WarehouseUnavailableError(CorbiError):
    """The warehouse's PostgreSQL or the lake's files can't be reached."""


class LakeDamagedError(WarehouseUnavailableError):
    """A file of the lake is missing or is not what was written."""


class TooLittleMemoryError(WarehouseUnavailableError):
    """DuckDB may use less memory than the work needs."""


class WarehouseEmptyError(CorbiError):
    """Nothing has been loaded yet, so there is no figure to give."""


class WarehouseBusyError(CorbiError):
    """Another writing pass holds the lake's lock."""


class WouldLoseError(CorbiError):
    """What was asked for would destroy what can't be had again."""


class BackupError(CorbiError):
    """A backup can't be made, can't be read, or can't be restored here."""


class UnknownOrganizationError(CorbiError):
    """No such organization in the warehouse."""


class BadRequestError(CorbiError):
    """What was asked for can't be; the message says what can."""
