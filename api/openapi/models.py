"""Pydantic models as the document's schemas and query parameters.

Belongs here: from models to JSON Schema. Does not: what an operation is made of (operations.py).
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from api.schemas.shared import AnswerParameters

Json = dict[str, Any]
Mode = Literal["validation", "serialization"]

_TEMPLATE = "#/components/schemas/{model}"


class ModelSchemas:
    """The schemas of all models that the document names, each once."""

    def __init__(
        self, answers: Iterable[type[BaseModel]], asked: Iterable[type[BaseModel]], bodies: Iterable[type[BaseModel]]
    ) -> None:
        parameters = set(asked)
        wanted: list[tuple[type[BaseModel], Mode]] = [(model, "serialization") for model in _by_name(answers)]
        wanted += [(model, "validation") for model in _by_name({*parameters, *bodies})]
        references, found = models_json_schema(wanted, by_alias=True, ref_template=_TEMPLATE)
        self._references = {key: dict(value) for key, value in references.items()}
        self._schemas: dict[str, Json] = found.get("$defs", {})
        self._of_parameters = {self._name(model, "validation") for model in parameters}
        asked_names = {self._name(model, "validation") for model in (*parameters, *bodies)}
        for name, schema in self._schemas.items():
            if name not in asked_names and "properties" in schema:
                schema["properties"] = dict(_with_texts(schema["properties"]))

    def components(self) -> dict[str, Json]:
        """The schemas by name; parameters stand at their operations instead."""
        return {name: schema for name, schema in sorted(self._schemas.items()) if name not in self._of_parameters}

    def answer(self, model: type[BaseModel]) -> Json:
        """A reference to what is answered."""
        return self._references[(model, "serialization")]

    def body(self, model: type[BaseModel]) -> Json:
        """A reference to what is sent."""
        return self._references[(model, "validation")]

    def parameters(self, model: type[BaseModel]) -> list[Json]:
        """The query parameters that a model reads."""
        schema = self._schemas[self._name(model, "validation")]
        required = set(schema.get("required", ()))
        # What every answer takes stands after what is a route's own.
        shapes = sorted(schema.get("properties", {}).items(), key=lambda item: item[0] in AnswerParameters.model_fields)
        return [_parameter(name, shape, name in required) for name, shape in shapes]

    def _name(self, model: type[BaseModel], mode: Mode) -> str:
        return str(self._references[(model, mode)]["$ref"]).rpartition("/")[2]


def _with_texts(properties: Mapping[str, Json]) -> Iterator[tuple[str, Json]]:
    """Beside each id, the text that stands there where JavaScript would round it (api/serving/exact_numbers.py)."""
    for name, shape in properties.items():
        yield name, shape
        kinds = [shape, *shape.get("anyOf", ())]
        if (name == "id" or name.endswith("_id")) and any(kind.get("type") == "integer" for kind in kinds):
            yield (
                f"{name}_text",
                {
                    "type": "string",
                    "pattern": "^-?[0-9]+$",
                    "description": f"`{name}` in full, only where it is beyond 2^53 - 1 and JavaScript would round it.",
                },
            )


def _by_name(models: Iterable[type[BaseModel]]) -> list[type[BaseModel]]:
    return sorted(set(models), key=lambda model: (model.__name__, model.__module__))


def _parameter(name: str, shape: Mapping[str, Any], is_required: bool) -> Json:
    schema = {key: value for key, value in shape.items() if key not in ("title", "description", "examples")}
    # A query string knows no null: what is left out is the default.
    if "anyOf" in schema:
        kinds = [kind for kind in schema.pop("anyOf") if kind != {"type": "null"}]
        schema = {**(kinds[0] if len(kinds) == 1 else {"anyOf": kinds}), **schema}
    if schema.get("default", "") is None:
        del schema["default"]
    parameter: Json = {"name": name, "in": "query", "required": is_required, "schema": schema}
    if "description" in shape:
        parameter["description"] = shape["description"]
    if shape.get("examples"):
        parameter["examples"] = {str(value): {"value": value} for value in shape["examples"]}
    return parameter
