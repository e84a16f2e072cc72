"""How a text is judged: provider codes are read off it, then the first rule from the top that fits decides.

Belongs here: families, rules and the rule book, checked as they are built. Does not: where they are read from
(rule_file.py), what they say (failure_rules.toml).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import translate
from functools import cached_property
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from warehouse.failure_reasons.reasons import FINER_CODES, Failure, Reason

_ESCAPED_OR_NOT = re.compile(r"\\.|[^\\]", re.DOTALL)


def _any_of(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """One expression for texts in lower case: those are searched more than twice as fast as with case ignored."""
    joined = "|".join(f"(?:{pattern})" for pattern in patterns)
    return re.compile(_ESCAPED_OR_NOT.sub(lambda one: one[0] if one[0][0] == "\\" else one[0].lower(), joined))


def _compilable(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"bad regular expression {pattern!r}: {error}") from error
    return pattern


Pattern = Annotated[str, Field(min_length=1), AfterValidator(_compilable)]


@dataclass(frozen=True)
class FoundCode:
    """A provider's code in a text: `key` is what rules compare, `shown` what people read."""

    key: str
    shown: str


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1)
    channels: tuple[str, ...] = ()

    def speaks_of(self, channel: str | None) -> bool:
        """Whether it holds for a channel: one without channels holds for all, and an unknown channel is let in."""
        return not self.channels or channel is None or channel in self.channels


class Family(_Entry):
    """How one provider writes its codes.

    `patterns` are tried in order; each has a group `code` and may have `detail` (a sub-code; the key becomes
    `code/detail`) and `before` (a code shown before it).
    """

    patterns: tuple[Pattern, ...] = Field(min_length=1)
    shown: str = "{}"

    @model_validator(mode="after")
    def _reads_a_code(self) -> Self:
        if without := [pattern.pattern for pattern in self._compiled if "code" not in pattern.groupindex]:
            raise ValueError(f"no group (?P<code>…) in {without}")
        return self

    @cached_property
    def _compiled(self) -> tuple[re.Pattern[str], ...]:
        return tuple(re.compile(pattern, re.IGNORECASE) for pattern in self.patterns)

    def find(self, text: str) -> FoundCode | None:
        """The first code of this family in a text."""
        for pattern in self._compiled:
            if match := pattern.search(text):
                groups = {name: value for name, value in match.groupdict().items() if value}
                key = "/".join(groups[name] for name in ("code", "detail") if name in groups)
                return FoundCode(key, " ".join([*filter(None, [groups.get("before")]), self.shown.format(key)]))
        return None


class Rule(_Entry):
    """One judgement: it fits a text with one of `codes` and one of `text` (whichever are given) and none of `unless`.

    A code is compared whole; `?` and `*` stand for a character and for any, and `10` also means `10/…`.
    """

    reason: Reason
    finer: str
    source: str = Field(min_length=1)
    family: str | None = None
    codes: tuple[str, ...] = ()
    text: tuple[Pattern, ...] = ()
    unless: tuple[Pattern, ...] = ()

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if self.finer not in FINER_CODES[self.reason]:
            raise ValueError(f"{self.finer!r} is no finer code of {self.reason.value!r}")
        if bool(self.codes) != bool(self.family):
            raise ValueError("codes and family are given together or not at all")
        if not self.codes and not self.text:
            raise ValueError("neither codes nor text are given")
        if any(re.compile(pattern).groupindex for pattern in (*self.text, *self.unless)):
            raise ValueError("text and unless have no use for a named group; write (?:…)")
        return self

    @cached_property
    def _codes(self) -> re.Pattern[str]:
        return re.compile("|".join(f"{translate(code)}|{translate(code + '/*')}" for code in self.codes))

    @cached_property
    def _text(self) -> re.Pattern[str]:
        return _any_of(self.text)

    @cached_property
    def _unless(self) -> re.Pattern[str]:
        return _any_of(self.unless)

    def fits(self, text: str, codes: Mapping[str, FoundCode]) -> bool:
        """Whether this rule decides a text, in lower case, that holds these codes (by family)."""
        if self.family and not ((found := codes.get(self.family)) and self._codes.match(found.key)):
            return False
        if self.text and not self._text.search(text):
            return False
        return not (self.unless and self._unless.search(text))


_LINE_START = re.compile(r"(?<= )([245]\d\d)[- ](?:#?[245]\.\d{1,3}\.\d{1,3}[ :-]*)?")


_WRAPPING = re.compile(
    r"^\W*host \S+ said: (?=[245]\d\d)| ?\(in reply to (?:rcpt to|(?:end of )?data) command\)\W*$"
    r"|^\W*smtp error from remote mail server after (?:rcpt to|(?:end of |pipelined )?data)[^ ]*:? (?:host \S+ ?\S+: )?"
    r"|^.{0,160}?the server response was: (?=[245]\d\d |[245]\.\d)",
    re.IGNORECASE,
)
"""What Postfix, Exim and .NET put around a reply: whom they spoke to, when, and what they think of it."""


def _sentence(text: str) -> str:
    """What an SMTP server says: without the words of ours around it, and of a reply of several lines one sentence.

    Each line of such a reply begins with the code of the first.
    """
    text = _WRAPPING.sub("", text)
    first = text[:3]
    return _LINE_START.sub(lambda start: "" if start[1] == first else start[0], text)


@dataclass(frozen=True)
class RuleBook:
    """All families and rules, in the order in which they are tried."""

    families: tuple[Family, ...]
    rules: tuple[Rule, ...]

    def source_of(self, rule: str) -> str | None:
        """Who says what the rule of a name says; None when there is no such rule."""
        return next((one.source for one in self.rules if one.name == rule), None)

    def judge(self, text: str, channel: str | None = None) -> Failure:
        """The failure a masked text tells of; without a rule that fits it is unknown."""
        codes = {
            family.name: code for family in self.families if family.speaks_of(channel) and (code := family.find(text))
        }
        first = next((code.shown for code in codes.values()), None)
        sentence = _sentence(text).lower()
        for rule in self.rules:
            if rule.speaks_of(channel) and rule.fits(sentence, codes):
                shown = codes[rule.family].shown if rule.family else first
                return Failure(rule.reason, rule.finer, shown, rule.name)
        return Failure(Reason.UNKNOWN, "unknown", first, None)
