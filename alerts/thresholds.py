"""Thresholds: the defaults of the file, what organizations put in their place, and which of them applies.

Belongs here: the file of defaults, which limits win. Does not: what limits may be (limits.py), what a value means
(rules/), where an organization's own are kept (overrides.py).
"""

import logging
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from alerts.limits import Default, Limits, complaints, limits_of
from alerts.vocabulary import OPERATIONS, Rule
from warehouse.channels import in_order
from warehouse.errors import BadRequestError, SettingsError

Key = tuple[int, Rule, str]

_CHANNELS_OF = {
    **dict.fromkeys((Rule.BOUNCES, Rule.BOUNCE_SPIKE, Rule.SPAM_COMPLAINTS), ("email",)),
    **dict.fromkeys((Rule.BOOKING_ERRORS, Rule.ASSISTANT_ERRORS, Rule.STALE_PIPELINE), ()),
}
"""Of rules that don't judge every channel by itself: those they do."""

logger = logging.getLogger(__name__)


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
            self._found[key] = self._usable(*key)
        return self._found[key]

    def replaced(self, key: Key, values: Mapping[str, Any]) -> "Thresholds":
        """These with one override in the place of another.

        Raises BadRequestError when it does not fit, or a channel's own limits no longer fit on top of it.
        """
        changed = Thresholds(self.defaults, {**self._overrides, key: values})
        organization_id, rule, of_channel = key
        _check_place(rule, of_channel)
        if rule is Rule.STALE_PIPELINE and organization_id != OPERATIONS:
            raise BadRequestError(
                f"{rule} judges the monitoring itself: CORBI_ALERT_THRESHOLDS sets its limits for all."
            )
        for channel in changed.channels(rule, organization_id):
            changed._resolve(organization_id, rule, channel)
        return changed

    def channels(self, rule: Rule, organization_id: int) -> list[str]:
        """'' and the channels that limits may differ for: the known ones, and those with limits of their own.

        For any other holds what does for ''.
        """
        own = (channel for of_rule, channel in self.own(organization_id) if of_rule is rule and channel)
        return ["", *in_order([*self.defaults[rule].channels, *own])]

    def least_clear(self, rule: Rule) -> float:
        """The lowest clearing limit of a rule in any organization: values under it interest nobody."""
        default = self.defaults[rule]
        layers = [values for (_, of_rule, _), values in self._overrides.items() if of_rule is rule]
        return min([default.clear, *(float(v["clear"]) for v in (*default.channels.values(), *layers) if "clear" in v)])

    def own(self, organization_id: int) -> dict[tuple[Rule, str], Mapping[str, Any]]:
        """The limits an organization has put in the place of the defaults, by rule and channel."""
        return {(rule, channel): values for (owner, rule, channel), values in self._overrides.items()
                if owner == organization_id}  # fmt: skip

    def _usable(self, organization_id: int, rule: Rule, channel: str) -> Applied:
        """What is kept was checked when it was put; a later version, or other defaults, may rule it out since.

        One organization's limits must not keep all others from being judged.
        """
        try:
            return self._resolve(organization_id, rule, channel)
        except BadRequestError as error:
            if (organization_id, rule) not in self._organizations:
                raise
            logger.warning("%s The default holds for organization %d instead.", error, organization_id)
            default = self._resolve(0, rule, channel)
            return replace(default, origin=f"{default.origin}, since the organization's own can't work")

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
        return Applied(limits_of(values, f"{rule} ({origin})", default.measured_in()), origin, default.unit)


@lru_cache(maxsize=4)
def load_defaults(own_file: Path | None = None) -> Mapping[Rule, Default]:
    """The defaults of the file, with an operator's own sections in the place of ours.

    Raises SettingsError naming the section and why it can't work.
    """
    text = resources.files("alerts").joinpath("thresholds.toml").read_text(encoding="utf-8")
    sections = tomllib.loads(text)
    if own_file is not None:
        sections = _over(sections, _read(own_file))
    unknown = sorted(set(sections) - set(Rule))
    if unknown:
        raise SettingsError(f"CORBI_ALERT_THRESHOLDS has rules that don't exist: {', '.join(unknown)}.")
    defaults = {Rule(name): _default(name, section) for name, section in sections.items()}
    try:
        for rule, default in defaults.items():
            for channel in default.channels:
                _check_place(rule, channel)
            found = Thresholds(defaults, {})
            for channel in found.channels(rule, OPERATIONS):
                found.of(rule, OPERATIONS, channel)
    except BadRequestError as error:
        raise SettingsError(f"CORBI_ALERT_THRESHOLDS: {error}") from None
    return defaults


def _check_place(rule: Rule, channel: str) -> None:
    """Raises BadRequestError for limits that nothing would ever be judged by."""
    known = _CHANNELS_OF.get(rule)
    if channel and known is not None and channel not in known:
        has = f"only {', '.join(known)}" if known else "no channels"
        raise BadRequestError(f"The rule {rule} knows {has}: leave the channel out to set its limits.")


def _read(path: Path) -> dict[str, dict[str, Any]]:
    try:
        sections = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(f"CORBI_ALERT_THRESHOLDS can't be read: {error}") from error
    if loose := sorted(name for name, section in sections.items() if not isinstance(section, dict)):
        raise SettingsError(f"CORBI_ALERT_THRESHOLDS has values outside of a rule's section: {', '.join(loose)}.")
    return sections


def _over(ours: Mapping[str, dict[str, Any]], own: Mapping[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Our sections with single values of an operator's in their place; what a value is of can't be replaced."""
    for name, section in own.items():
        unit = ours.get(name, {}).get("unit")
        if section.get("unit", unit) != unit:
            raise SettingsError(f"CORBI_ALERT_THRESHOLDS: the value of {name} is in {unit}, whatever unit is written.")
    return {**ours, **{name: {**ours.get(name, {}), **section} for name, section in own.items()}}


def _default(name: str, section: Mapping[str, Any]) -> Default:
    try:
        return Default.model_validate(dict(section))
    except ValidationError as error:
        raise SettingsError(f"The default threshold of {name} can't work: {complaints(error)}.") from None
