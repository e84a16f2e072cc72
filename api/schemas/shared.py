"""What requests and answers have in common: moments, windows, freshness.

Belongs here: models that more than one subject uses. Does not: a subject's own.
"""

import re
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
    model_validator,
)
from typing_extensions import TypeAliasType

from warehouse.channels import KNOWN, LONGEST, PATTERN, channel_of
from warehouse.queries.buckets import Interval
from warehouse.queries.window import Asked, Range, Window

Moment = Annotated[
    datetime,
    PlainSerializer(
        lambda value: value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"), return_type=str
    ),
    WithJsonSchema(
        {"type": "string", "format": "date-time", "examples": ["2026-03-02T09:30:00.000Z"]}, mode="serialization"
    ),
]
"""ISO 8601 in UTC with Z."""

NEXT = "Where to go on, as the answer before said it; it stays right though new rows come."
"""What a cursor is."""

ChannelName = Annotated[
    str,
    AfterValidator(channel_of),
    WithJsonSchema({"type": "string", "pattern": PATTERN, "maxLength": LONGEST, "examples": list(KNOWN)}),
]
"""Any word; of a channel that never occurred there is nothing to tell."""

_ZONES = frozenset(available_timezones())


def _zone(name: str) -> str:
    if name not in _ZONES:
        raise ValueError("no such time zone; give a name of the IANA database, such as Europe/Rome")
    return name


TimeZone = TypeAliasType(
    "TimeZone",
    Annotated[str, AfterValidator(_zone), WithJsonSchema({"type": "string", "pattern": "^[A-Za-z0-9_+/-]{1,64}$"})],
)
"""A name of the IANA database."""

_ISO = re.compile(r"\d{4}-\d{2}-\d{2}([Tt].+)?", re.ASCII)


def _moment(value: Any) -> Any:
    """A date is its 00:00; a `+` of an offset that arrives as a blank is put back."""
    if not isinstance(value, str):
        return value
    try:
        if not _ISO.fullmatch(value):
            raise ValueError
        return datetime.fromisoformat(value.upper().replace(" ", "+"))
    except ValueError:
        raise ValueError("give an ISO 8601 date or moment, such as 2026-03-01 or 2026-03-01T09:30:00Z") from None


AskedMoment = Annotated[
    datetime,
    BeforeValidator(_moment),
    WithJsonSchema(
        {"anyOf": [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}]}, mode="validation"
    ),
]
"""ISO 8601, a date or a moment; without an offset it is a time in `tz`."""


def _flag(value: Any) -> Any:
    if isinstance(value, bool):
        return value
    if value not in ("true", "false"):
        raise ValueError("give true or false")
    return value == "true"


Flag = Annotated[bool, BeforeValidator(_flag)]
"""`true` or `false`, and no other word for them."""


def clamped(most: int) -> AfterValidator:
    """A number from 1 to `most`: what lies beyond is drawn in, since today's clients may ask for any."""
    return AfterValidator(lambda value: min(max(value, 1), most))


class AnswerParameters(BaseModel):
    """Parameters of every answer that is read from the lake."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    force_refresh: Flag = Field(
        False, description="Compute the answer anew, and ask for a pass now (at most once in 10 s an organization)."
    )
    format: Literal["json", "csv"] | None = Field(
        None, description="`csv` for the answer's table; `Accept: text/csv` does the same."
    )


class WindowParameters(AnswerParameters):
    """Parameters of answers over a window."""

    range: Range | None = Field(
        None, description="A named window, up to the moment the figures stand for; default: today. Not with `from`."
    )
    from_: AskedMoment | None = Field(
        None,
        alias="from",
        description="Start of the window, included.",
        examples=["2026-03-01", "2026-03-01T09:30:00Z"],
    )
    to: AskedMoment | None = Field(None, description="End of the window, excluded; default: as far as figures reach.")
    tz: TimeZone = Field(
        "UTC",
        description="IANA time zone in which days and hours are cut, and times without an offset are meant.",
        examples=["Europe/Rome", "Asia/Kolkata"],
    )

    @model_validator(mode="after")
    def _one_window(self) -> "WindowParameters":
        if self.range is not None and (self.from_ is not None or self.to is not None):
            raise ValueError("give `range`, or `from` and `to`, not both")
        if self.to is not None and self.from_ is None:
            raise ValueError("`to` needs `from`")
        return self

    def asked(self) -> Asked:
        """The window that is asked for."""
        range_ = None if self.from_ else self.range or Range.TODAY
        return Asked(range_, self.from_, self.to, ZoneInfo(self.tz))


class SpanParameters(AnswerParameters):
    """Parameters of lists that a span of time may narrow; its bounds are exact, and without any there is none."""

    range: Range | None = Field(
        None, description="A named window, up to the moment figures stand for. Not with `from`."
    )
    from_: AskedMoment | None = Field(None, alias="from", description="Start of the span, included; default: open.")
    to: AskedMoment | None = Field(None, description="End of the span, excluded; default: open.")
    tz: TimeZone = Field(
        "UTC", description="IANA time zone in which `range` is cut, and times without an offset are meant."
    )

    @model_validator(mode="after")
    def _one_span(self) -> "SpanParameters":
        if self.range is not None and (self.from_ is not None or self.to is not None):
            raise ValueError("give `range`, or `from` and `to`, not both")
        return self

    def asked(self) -> Asked:
        """The span that is asked for."""
        return Asked(self.range, self.from_, self.to, ZoneInfo(self.tz))


class SeriesParameters(WindowParameters):
    """Parameters of answers with time-series."""

    interval: Interval | None = Field(None, description="Length of a bucket; default: one that suits the window.")


class WindowOut(BaseModel):
    """The span [start, end) that window figures cover."""

    start: Moment
    end: Moment

    @classmethod
    def of(cls, window: Window) -> "WindowOut":
        """A window's bounds."""
        return cls(start=window.start, end=window.end)


class RefreshOut(BaseModel):
    """What came of asking for a pass: the run that makes it, or why none was started."""

    run_id: str | None
    reason: str


class ErrorOut(BaseModel):
    """Every error: what is wrong, and the id under which the log has it."""

    detail: str
    request_id: str | None = Field(description="As in X-Request-ID.")


class TokenMessageOut(BaseModel):
    """What is wrong with a token, in the words of the platform."""

    token_class: Literal["AccessToken"]
    token_type: Literal["access"]
    message: str


class UnauthorizedOut(ErrorOut):
    """A 401: the platform's own codes, by which its clients tell whether to renew a token or to sign in again."""

    code: Literal[
        "not_authenticated", "token_not_valid", "user_not_found", "user_inactive", "authentication_failed"
    ] = Field(description="`authentication_failed` is an API key that is unknown or revoked.")
    messages: list[TokenMessageOut] = Field(
        default=[], description="With `token_not_valid`, where the token itself is wrong."
    )


class Freshness(BaseModel):
    """How fresh an answer is; the last keys of every object that is answered."""

    as_of: Moment = Field(description="The moment of the operational database that the figures stand for.")
    snapshot: int = Field(description="The lake snapshot they were read from.")
    age_seconds: float = Field(description="How long ago `as_of` was when this was answered.")
    cache: Literal["hit", "miss", "refresh"] = Field(description="Whether the answer was kept, computed, or forced.")
    refresh: RefreshOut | None = Field(description="With `force_refresh`: what came of it.")
