"""The JSON Schema of what a run of a job may give: what forms are drawn from."""

from collections.abc import Iterable, Sequence
from typing import Any

from .binding import Declaration


def parameters_schema(declared: Iterable[Declaration], *, title: str = "") -> dict[str, Any]:
    """JSON Schema 2020-12 of a run's parameters, as one object.

    Args:
        declared: What the job declares: `plan.parameters`.
        title: What people call the form.
    """
    properties: dict[str, Any] = {}
    required: list[str] = []
    conditions: list[dict[str, Any]] = []
    for parameter in declared:
        described = {"description": parameter.description} if parameter.description else {}
        default = {} if parameter.required else {"default": parameter.default}
        properties[parameter.name] = {**parameter.json_schema, **described, **default}
        for other, rows in parameter.choices_when.items():
            conditions += [_condition(parameter.name, other, value, choices) for value, choices in rows.items()]
        required += [parameter.name] if parameter.required else []
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **({"title": title} if title else {}),
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
        **({"allOf": conditions} if conditions else {}),
    }


def _condition(name: str, other: str, value: str, choices: Sequence[Any]) -> dict[str, Any]:
    return {
        "if": {"properties": {other: {"const": value}}, "required": [other]},
        "then": {"properties": {name: {"enum": list(choices)}}},
    }
