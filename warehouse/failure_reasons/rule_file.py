"""Reads rule files and says what is wrong with one.

Belongs here: TOML to rule book, ours and an operator's. Does not: what a rule means (rules.py).
"""

import hashlib
import re
import tomllib
from collections import Counter
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from warehouse.errors import SettingsError
from warehouse.failure_reasons.rules import Family, Rule, RuleBook, _Entry
from warehouse.settings import load_settings

_OURS = "failure_rules.toml"
_WORDS = re.compile(r"%([a-z_]+)%")

E = TypeVar("E", bound=_Entry)


@cache
def load_rules(extra: Path | None = None) -> RuleBook:
    """The rule book, read once. The rules of `extra`, an operator's own file, are tried before ours.

    Raises SettingsError, naming the rule at fault, when a file can't be read or a rule makes no sense.
    """
    standard = _parsed(_OURS, _our_text())
    files = [(_OURS, standard, standard["words"])]
    if extra is not None:
        own = _parsed(str(extra), _read(extra))
        files.insert(0, (str(extra), own, {**standard["words"], **own["words"]}))
    book = RuleBook(
        families=tuple(entry for file in files for entry in _entries(*file, "family", Family)),
        rules=tuple(entry for file in files for entry in _entries(*file, "rule", Rule)),
    )
    _check_names(book)
    return book


def rules_in_force() -> RuleBook:
    """The rule book of this process: ours, and before it the file that CORBI_FAILURE_RULES names.

    Raises SettingsError like `load_rules`.
    """
    return load_rules(load_settings().failure_rules)


@cache
def rules_version() -> str:
    """A digest of the rule files in force: another one means that texts must be classified anew.

    Raises SettingsError when the operator's file can't be read.
    """
    extra = load_settings().failure_rules
    texts = [_our_text()] if extra is None else [_our_text(), _read(extra)]
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]


def _our_text() -> str:
    return resources.files("warehouse.failure_reasons").joinpath(_OURS).read_text(encoding="utf-8")


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"The rule file {path} can't be read: {error}. Correct its path or its rights.") from error


def _parsed(file: str, text: str) -> dict[str, Any]:
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{file} is not TOML: {error}. Correct it there.") from error
    if surplus := set(document) - {"words", "family", "rule"}:
        raise SettingsError(f"{file} has {sorted(surplus)}; only [words], [[family]] and [[rule]] belong in it.")
    for kind in ("family", "rule"):
        if not isinstance(document.setdefault(kind, []), list):
            raise SettingsError(f"{file} has [{kind}]; write [[{kind}]], with two brackets, for each of them.")
    words = document.setdefault("words", {})
    if not isinstance(words, dict) or not all(isinstance(word, str) for word in words.values()):
        raise SettingsError(f"{file}: [words] must give each word one string of alternatives. Correct it there.")
    return document


def _entries(file: str, document: dict[str, Any], words: dict[str, str], kind: str, model: type[E]) -> list[E]:
    entries = []
    for number, fields in enumerate(document[kind], start=1):
        try:
            entries.append(model.model_validate(_spelled_out(fields, words)))
        except (KeyError, ValidationError) as error:
            name = fields.get("name", f"no. {number}, which has no name")
            raise SettingsError(f"{file}: {kind} {name}: {_complaint(error)}. Correct it there.") from error
    return entries


def _spelled_out(value: Any, words: dict[str, str]) -> Any:
    """Every `%word%` replaced by the alternatives it stands for."""
    if isinstance(value, str):
        return _WORDS.sub(lambda match: f"(?:{words[match[1]]})", value)
    if isinstance(value, list):
        return [_spelled_out(item, words) for item in value]
    if isinstance(value, dict):
        return {key: _spelled_out(item, words) for key, item in value.items()}
    return value


def _complaint(error: KeyError | ValidationError) -> str:
    if isinstance(error, KeyError):
        return f"the word %{error.args[0]}% is not among [words]"
    return "; ".join(f"{'.'.join(map(str, one['loc'])) or 'as a whole'}: {one['msg']}" for one in error.errors())


def _check_names(book: RuleBook) -> None:
    for kind, entries in (("family", book.families), ("rule", book.rules)):
        for name, times in Counter(entry.name for entry in entries).items():
            if times > 1:
                raise SettingsError(f"{times} times a {kind} named {name!r}; give each a name of its own.")
    known = {family.name for family in book.families}
    for rule in book.rules:
        if rule.family and rule.family not in known:
            raise SettingsError(f"rule {rule.name}: no family is named {rule.family!r}; there are {sorted(known)}.")
