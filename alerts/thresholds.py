"""Thresholds: the defaults of the file, what organizations put in their place, and which of them applies.

Belongs here: their form, what they may be, which one wins. Does not: what a value means (rules/), where an
organization's own are kept (overrides.py).
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from alerts.vocabulary import Rule, Severity
from warehouse.errors import BadRequestError, SettingsError

CHANNELS = ("whatsapp", "email", "telegram", "instagram")
Key = tuple[int, Rule, str]


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
    minimum_volume: int = Field(ge=1)
    hold_minutes: Hold
    clear_minutes: Clear
    reopen_minutes: Reopen
    escalate_minutes: Escalate

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
    channels: dict[str, dict[str, Any]] = {}


@dataclass(frozen=True)
class Applied:
    """The limits that hold for an organization and channel, and where they came from."""

    limits: Limits
    origin: str
    unit: str

    def document(self) -> dict[str, Any]:
        """What is stored with an alert."""
        return {**self.limits.model_dump(exclude_none=True), "unit": self.unit, "origin": self.origin}


class Thresholds:
    """Which limits hold where: an organization's channel's, its own, the file's for the channel, the file's.

    Raises BadRequestError when an override does not fit the defaults.
    """

    def __init__(self, defaults: Mapping[Rule, Default], overrides: Mapping[Key, Mapping[str, Any]]) -> None:
        self.defaults = defaults
        self._overrides = overrides
        self._found: dict[tuple[int, Rule, str], Applied] = {}
        self._organizations = {(organization_id, rule) for organization_id, rule, _ in overrides}

    def of(self, rule: Rule, organization_id: int, channel: str) -> Applied:
        """The limits for an organization and channel ('' where the rule knows none)."""
        # Organizations without limits of their own share the entry of organization 0, which has none either.
        key = (organization_id if (organization_id, rule) in self._organizations else 0, rule, channel)
        if key not in self._found:
            self._found[key] = self._resolve(*key)
        return self._found[key]

    def replaced(self, key: Key, values: Mapping[str, Any]) -> "Thresholds":
        """These with one override in the place of another.

        Raises BadRequestError when it does not fit, or a channel's own limits no longer fit on top of it.
        """
        changed = Thresholds(self.defaults, {**self._overrides, key: values})
        organization_id, rule, _ = key
        for channel in ("", *CHANNELS):
            changed.of(rule, organization_id, channel)
        return changed

    def least_clear(self, rule: Rule) -> float:
        """The lowest clearing limit of a rule in any organization: values under it interest nobody."""
        default = self.defaults[rule]
        layers = [values for (_, of_rule, _), values in self._overrides.items() if of_rule is rule]
        return min([default.clear, *(float(v["clear"]) for v in (*default.channels.values(), *layers) if "clear" in v)])

    def own(self, organization_id: int) -> dict[tuple[Rule, str], Mapping[str, Any]]:
        """The limits an organization has put in the place of the defaults, by rule and channel."""
        return {(rule, channel): values for (owner, rule, channel), values in self._overrides.items()
                if owner == organization_id}  # fmt: skip

    def _resolve(self, organization_id: int, rule: Rule, channel: str) -> Applied:
        default = self.defaults[rule]
        layers = [
            (f"default for {channel}", default.channels.get(channel)),
            ("organization", self._overrides.get((organization_id, rule, ""))),
            (f"organization, {channel}", self._overrides.get((organization_id, rule, channel)) if channel else None),
        ]
        origin, values = "default", default.model_dump(include=set(Limits.model_fields))
        for name, layer in layers:
            if layer is not None:
                origin, values = name, {**values, **layer}
        return Applied(limits_of(values, f"{rule} ({origin})"), origin, default.unit)


def limits_of(values: Mapping[str, Any], what: str) -> Limits:
    """Limits that were checked. Raises BadRequestError saying what can't be, and why."""
    try:
        return Limits.model_validate(dict(values))
    except ValidationError as error:
        raise BadRequestError(f"The threshold of {what} can't work: {_complaints(error)}.") from None


@lru_cache(maxsize=4)
def load_defaults(own_file: Path | None = None) -> Mapping[Rule, Default]:
    """The defaults of the file, with an operator's own sections in the place of ours.

    Raises SettingsError naming the section and why it can't work.
    """
    text = resources.files("alerts").joinpath("thresholds.toml").read_text(encoding="utf-8")
    sections = tomllib.loads(text)
    if own_file is not None:
        for name, section in _read(own_file).items():
            sections[name] = {**sections.get(name, {}), **section}
    unknown = sorted(set(sections) - set(Rule))
    if unknown:
        raise SettingsError(f"CORBI_ALERT_THRESHOLDS has rules that don't exist: {', '.join(unknown)}.")
    defaults = {Rule(name): _default(name, section) for name, section in sections.items()}
    for rule in Rule:
        for channel in ("", *CHANNELS):
            Thresholds(defaults, {}).of(rule, 0, channel)
    return defaults


def _read(path: Path) -> dict[str, dict[str, Any]]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"CORBI_ALERT_THRESHOLDS can't be read: {error}") from error


def _default(name: str, section: Mapping[str, Any]) -> Default:
    try:
        return Default.model_validate(dict(section))
    except ValidationError as error:
        raise SettingsError(f"The default threshold of {name} can't work: {_complaints(error)}.") from None


def _complaints(error: ValidationError) -> str:
    return "; ".join(
        ": ".join(filter(None, (".".join(map(str, item["loc"])), item["msg"].removeprefix("Value error, "))))
        for item in error.errors()
    )
