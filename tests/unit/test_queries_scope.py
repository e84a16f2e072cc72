"""No query can be written that reads without an organization."""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType

import pytest

from warehouse import queries
from warehouse.errors import BadRequestError
from warehouse.lake import Connection
from warehouse.queries.scope import Organization

FOLDER = Path(str(queries.__file__)).parent
TABLE = re.compile(r"\blake\.(?:rollup|raw)\.")
SCOPED = re.compile(r"\borganization_id = \$organization_id\b")


def functions_that_read() -> Iterator[FunctionType]:
    for found in pkgutil.iter_modules(queries.__path__):
        module = importlib.import_module(f"warehouse.queries.{found.name}")
        for function in vars(module).values():
            if isinstance(function, FunctionType) and function.__module__ == module.__name__:
                parameters = list(inspect.signature(function).parameters.values())
                if parameters and parameters[0].annotation is Connection and not function.__name__.startswith("_"):
                    yield function


def test_every_function_that_reads_asks_for_the_organization_first() -> None:
    functions = list(functions_that_read())
    assert functions
    for function in functions:
        second = list(inspect.signature(function).parameters.values())[1]
        assert (second.annotation, second.default) == (Organization, inspect.Parameter.empty), function.__name__


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.sql")), ids=lambda file: file.stem)
def test_every_table_a_query_reads_is_read_for_one_organization(file: Path) -> None:
    sql = file.read_text(encoding="utf-8")
    assert sql.startswith("-- grain: ")
    assert len(TABLE.findall(sql)) == len(SCOPED.findall(sql)) > 0


@pytest.mark.parametrize("number", [0, -1])
def test_an_organization_is_a_positive_number(number: int) -> None:
    with pytest.raises(BadRequestError, match="positive"):
        Organization(number)
