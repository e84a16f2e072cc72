"""Answers as they are, shortened: a file for each model, of made-up data.

Belongs here: the files, and finding them. Does not: examples of parameters (they stand at the models' fields). A test
holds each against its schema.
"""

import json
from importlib.resources import files
from typing import Any

from pydantic import BaseModel


def example_of(model: type[BaseModel]) -> Any:
    """What an answer of this model looks like, freshness included; None where no file shows it."""
    file = files(__name__) / f"{model.__name__}.json"
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else None
