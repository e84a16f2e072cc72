"""What requests and answers have in common: moments, windows, freshness.

Belongs here: models that more than one subject uses. Does not: a subject's own.
"""

from datetime import UTC, date, datetime, time
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, model_validator

from warehouse.queries.buckets import Interval
from warehouse.queries.window import Asked, Range, Window

Moment = Annotated[
    datetime,
    PlainSerializer(
        lambda value: value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"), return_type=str
    ),
]
"""ISO 8601 in UTC with Z."""

ChannelName = Literal["whatsapp", "email", "telegram", "instagram"]

_ZONES = frozenset(available_timezones())


def _zone(name: str) -> str:
    if name not in _ZONES:
        raise ValueError("no such time zone; give a name of the IANA database, such as Europe/Rome")
    return name


def _moment(value: Any) -> Any:
    """A date is its 00:00; a `+` of an offset that arrives as a blank is put back."""
    if isinstance(value, str) and len(value) == 10:
        return datetime.combine(date.fromisoformat(value), time())
    return value.replace(" ", "+") if isinstance(value, str) and "T" in value else value


AskedMoment = Annotated[datetime, BeforeValidator(_moment)]
"""ISO 8601, a date or a moment; without an offset it is a time in `tz`."""


class AnswerParameters(BaseModel):
    """Parameters of every answer that is read from the lake."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    force_refresh: bool = Field(
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
    from_: AskedMoment | None = Field(None, alias="from", description="Start of the window, included.")
    to: AskedMoment | None = Field(None, description="End of the window, excluded; default: as far as figures reach.")
    tz: Annotated[str, AfterValidator(_zone)] = Field(
        "UTC", description="IANA time zone in which days and hours are cut, and times without an offset are meant."
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
    tz: Annotated[str, AfterValidator(_zone)] = Field(
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


class Freshness(BaseModel):
    """How fresh an answer is; the last keys of every object that is answered."""

    as_of: Moment = Field(description="The moment of the operational database that the figures stand for.")
    snapshot: int = Field(description="The lake snapshot they were read from.")
    age_seconds: float = Field(description="How long ago `as_of` was when this was answered.")
    cache: Literal["hit", "miss", "refresh"] = Field(description="Whether the answer was kept, computed, or forced.")
    refresh: RefreshOut | None = Field(description="With `force_refresh`: what came of it.")
