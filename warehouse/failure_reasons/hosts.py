"""What a host's name ends with: the public suffixes, and the names that networks use among themselves.

Belongs here: the endings, as one regular expression for Python and RE2 alike. Does not: what is done with a host.
"""

from collections.abc import Iterable
from functools import cache
from importlib import resources

_OF_NO_REGISTRY = (
    "local", "localhost", "localdomain", "internal", "intranet", "lan", "corp", "home", "private", "onion", "alt",
    "test", "example", "invalid",
)  # fmt: skip
"""RFC 2606, 6761, 6762, 7686 and 9476, ICANN's `internal`, and what it keeps back because so many networks use it."""
_CAPITALS = "[A-Z]{2}|COM|NET|ORG|EDU|GOV|INFO|BIZ|LOCAL"
"""What is written in capitals is more often a state than a host (QUEUE.EXPIRED), so only the common endings."""


@cache
def endings() -> str:
    """Alternatives for the last label of a host.

    The list is the one of publicsuffix.org as the package publicsuffixlist ships it; it grows with that package.
    """
    text = resources.files("publicsuffixlist").joinpath("public_suffix_list.dat").read_text(encoding="utf-8")
    registered, _, _ = text.partition("===END ICANN DOMAINS===")
    rules = [line.split()[0] for line in registered.splitlines() if line and not line.startswith("//")]
    last = {rule.rpartition(".")[2].lower() for rule in rules} | set(_OF_NO_REGISTRY)
    latin, others = {name for name in last if name.isascii()}, {name for name in last if not name.isascii()}
    # No letter but a Latin one has a word boundary in both engines.
    return rf"(?:{_branching(latin)}|xn--[a-z0-9-]+|{_CAPITALS})\b|{_branching(others)}"


def _branching(words: Iterable[str]) -> str:
    """The words as one expression that reads each character once, the longer word first where two begin alike."""
    tails: dict[str, set[str]] = {}
    for word in words:
        tails.setdefault(word[:1], set()).add(word[1:])
    is_end = tails.pop("", None) is not None
    parts = [first + _branching(tails[first]) for first in sorted(tails)]
    if not parts:
        return ""
    joined = parts[0] if len(parts) == 1 and not is_end else f"(?:{'|'.join(parts)})"
    return f"{joined}?" if is_end else joined
