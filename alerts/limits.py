"""Limits of a rule: what decides over a value, and what may do so.

Belongs here: their form, and why some can't work. Does not: which of several apply (thresholds.py), what a unit is
(units.py).
"""

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from alerts.units import Unit, unit_of
from alerts.vocabulary import Severity
from warehouse.channels import channel_of
from warehouse.errors import BadRequestError

_LIMITS = ("info", "warn", "critical", "clear")
_MOST_VOLUME = 1_000_000_000


def _bounded(least: int, most: int, why: str) -> AfterValidator:
    def check(minutes: int) -> int:
        if not least <= minutes <= most:
            raise ValueError(f"must be from {least} to {most} minutes: {why}")
        return minutes

    return AfterValidator(check)


_BUCKET = "figures come in buckets of 5 minutes, so less would open and close an alert on one and the same figure"
Hold = Annotated[int, _bounded(0, 1440, "an alert that waits longer than a day helps nobody")]
Clear = Annotated[int, _bounded(5, 1440, _BUCKET)]
Reopen = Annotated[int, _bounded(5, 10080, _BUCKET)]
Escalate = Annotated[int, _bounded(5, 1440, "less would tell people twice before they could read it once")]
Window = Annotated[int, _bounded(5, 10080, _BUCKET)]


class Limits(BaseModel):
    """What decides over a value; see thresholds.toml for each field's meaning."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    is_enabled: bool = True
    info: float | None = Field(None, ge=0)
    warn: float | None = Field(None, ge=0)
    critical: float | None = Field(None, ge=0)
    clear: float = Field(ge=0)
    minimum_volume: int = Field(ge=1, le=_MOST_VOLUME)
    hold_minutes: Hold
    clear_minutes: Clear
    reopen_minutes: Reopen
    escalate_minutes: Escalate

    @model_validator(mode="before")
    @classmethod
    def _truths_are_no_numbers(cls, values: Any) -> Any:
        for name, value in values.items() if isinstance(values, Mapping) else ():
            if isinstance(value, bool) and name != "is_enabled":
                raise ValueError(f"{name} must be a number, not {str(value).lower()}")
        return values

    @model_validator(mode="after")
    def _limits_rise(self) -> Self:
        limits = [limit for limit in (self.info, self.warn, self.critical) if limit is not None]
        if not limits:
            raise ValueError("give at least one of info, warn and critical, or the rule could never fire")
        if limits != sorted(limits):
            raise ValueError(f"info <= warn <= critical must hold; given: {', '.join(f'{x:g}' for x in limits)}")
        if self.clear > limits[0]:
            raise ValueError(
                f"clear ({self.clear:g}) must not be above the lowest limit ({limits[0]:g}): an alert would resolve "
                "itself while it fires"
            )
        return self

    def judge(self, value: float) -> tuple[Severity | None, float]:
        """The severity of a value and the limit it reached; no severity and the lowest limit when it reaches none."""
        if self.critical is not None and value >= self.critical:
            return Severity.CRITICAL, self.critical
        if self.warn is not None and value >= self.warn:
            return Severity.WARN, self.warn
        if self.info is not None and value >= self.info:
            return Severity.INFO, self.info
        return None, next(limit for limit in (self.info, self.warn, self.critical) if limit is not None)


class Default(Limits):
    """A rule's section of the file: its limits, and what can't be replaced."""

    unit: str
    why: str = Field(min_length=1)
    window_minutes: Window
    buckets: int = Field(1, ge=1, le=48)
    usual_at_least_percent: float = Field(1.0, gt=0, le=100)
    channels: dict[Annotated[str, AfterValidator(channel_of)], dict[str, Any]] = {}

    @model_validator(mode="after")
    def _unit_is_known(self) -> Self:
        self.measured_in()
        return self

    def measured_in(self) -> Unit:
        """The unit of its values, which says what limits may be. Raises ValueError when there is none of its name."""
        return unit_of(self.unit, self.usual_at_least_percent)


def limits_of(values: Mapping[str, Any], what: str, unit: Unit) -> Limits:
    """Limits that were checked. Raises BadRequestError saying what can't be, why, and what can."""
    try:
        limits = Limits.model_validate(dict(values))
    except ValidationError as error:
        raise BadRequestError(f"The threshold of {what} can't work: {complaints(error)}.") from None
    given = {name: getattr(limits, name) for name in _LIMITS}
    found = [unit.complaint(name, value) for name, value in given.items() if value is not None]
    if unfit := "; ".join(filter(None, found)):
        raise BadRequestError(f"The threshold of {what} can't work: {unfit}.")
    return limits


def complaints(error: ValidationError) -> str:
    """What is wrong, each with its name."""
    return "; ".join(
        ": ".join(filter(None, (".".join(map(str, item["loc"])), item["msg"].removeprefix("Value error, "))))
        for item in error.errors()
    )
