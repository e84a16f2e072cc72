"""docs/operations.md has a row for every message an operator can meet: what it begins with, and what to do."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.main import SHOWN_AS_MESSAGE
from warehouse.errors import BadRequestError, CorbiError, UnknownOrganizationError

ROOT = Path(__file__).parents[2]
PACKAGES = ("alerts", "cli", "demo", "pipelines", "warehouse")
TO_WHO_ASKED = (BadRequestError, UnknownOrganizationError)
"""What is wrong with a question; who asks it corrects it."""

GAP = "…"
"""What differs from one time to the next, in the table as here."""


def kinds() -> Iterator[type[Exception]]:
    """The errors that are shown to an operator as one message."""
    todo = [*SHOWN_AS_MESSAGE]
    while todo:
        kind = todo.pop()
        todo += [below for below in kind.__subclasses__() if below.__module__.startswith("warehouse")]
        if kind is not CorbiError and kind not in TO_WHO_ASKED:
            yield kind


def texts(node: ast.expr | None) -> Iterator[str]:
    """What an expression can say, with gaps where it is put together; nothing where none of it is written there."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else GAP for part in node.values)
    elif isinstance(node, ast.BinOp):
        yield from (f"{left}{GAP}" for left in texts(node.left))
    elif isinstance(node, ast.IfExp):
        yield from (*texts(node.body), *texts(node.orelse))


def raised() -> list[tuple[str, str]]:
    """Each message that is written where the error is made, and the place."""
    names = {kind.__name__ for kind in kinds()}
    found = []
    for package in PACKAGES:
        for file in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or not node.args:
                    continue
                if node.func.id in names:
                    place = f"{file.relative_to(ROOT)}:{node.lineno}"
                    found += [(text, place) for text in texts(node.args[0]) if text.strip(f"{GAP} :.")]
    return found


def rows() -> list[re.Pattern[str]]:
    """The beginnings of messages in the table."""
    _, _, section = (
        (ROOT / "docs/operations.md").read_text(encoding="utf-8").partition("## What it says, and what to do")
    )
    told = re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE)
    return [re.compile(".*".join(re.escape(part) for part in text.split(GAP))) for text in told]


@pytest.mark.parametrize(("text", "place"), raised(), ids=lambda value: value if "/" in value[:30] else "")
def test_a_message_stands_in_the_table(text: str, place: str) -> None:
    assert any(row.match(text) for row in rows()), (
        f"{place} says {text!r}: give it a row in docs/operations.md, with what an operator has to do"
    )
