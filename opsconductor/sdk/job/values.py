"""Check a value against the JSON Schema of a parameter, without changing it."""

import functools
from collections.abc import Iterator, Mapping
from typing import Any, cast

from pydantic_core import SchemaError, SchemaValidator, ValidationError, core_schema

from opsconductor.errors import Problem

from .paths import Place, path_of, printable
from .plain import is_list

MAX_STRING = 64 * 1024

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,), "integer": (int,), "number": (int, float), "boolean": (bool,), "array": (list,),
    "object": (dict,),
}  # fmt: skip
_ARTICLES = {"integer": "an", "array": "an", "object": "an"}


def pattern_refusal(pattern: str) -> str:
    """Why a pattern is refused; empty when it may be used.

    The engine is Rust's: what it accepts takes time linear in the text, and its compiled size is capped.
    """
    try:
        _matcher(pattern)
    except SchemaError as error:
        return printable(str(error).strip().splitlines()[-1].strip().removeprefix("SchemaError: "), 150)
    return ""


def value_problems(schema: Mapping[str, Any], value: Any, place: Place) -> Iterator[Problem]:
    """What keeps a value from being what the schema says; nothing is coerced."""
    kind = schema["type"]
    if not isinstance(value, _TYPES[kind]) or (isinstance(value, bool) and kind != "boolean"):
        yield Problem(path_of(place), f"must be {_ARTICLES.get(kind, 'a')} {kind}, not {_name(value)}")
        return
    if "enum" in schema and value not in schema["enum"]:
        choices = ", ".join(printable(str(choice)) for choice in schema["enum"][:12])
        yield Problem(path_of(place), f"must be one of {choices}")
    for message in _bound_refusals(schema, kind, value):
        yield Problem(path_of(place), message)
    if is_list(value) and "items" in schema:
        for index, item in enumerate(value):
            yield from value_problems(schema["items"], item, (*place, index))


def _bound_refusals(schema: Mapping[str, Any], kind: str, value: Any) -> Iterator[str]:
    if kind == "string":
        yield from _length_refusals(schema.get("minLength", 0), schema.get("maxLength", MAX_STRING), value, "character")
        if "pattern" in schema and not _matches(schema["pattern"], value):
            yield f"does not match the pattern {printable(schema['pattern'], 100)}"
    elif kind == "array":
        yield from _length_refusals(schema.get("minItems", 0), schema.get("maxItems", 10_000), value, "item")
    elif kind in {"integer", "number"}:
        if "minimum" in schema and value < schema["minimum"]:
            yield f"must be at least {schema['minimum']}"
        if "maximum" in schema and value > schema["maximum"]:
            yield f"must be at most {schema['maximum']}"


def _length_refusals(smallest: int, largest: int, value: Any, unit: str) -> Iterator[str]:
    if len(value) < smallest:
        yield f"must have at least {smallest} {unit}{'s' if smallest != 1 else ''}, and has {len(value)}"
    if len(value) > largest:
        yield f"must have at most {largest} {unit}{'s' if largest != 1 else ''}, and has {len(value)}"


@functools.lru_cache(maxsize=256)
def _matcher(pattern: str) -> SchemaValidator:
    return SchemaValidator(core_schema.str_schema(pattern=pattern, regex_engine="rust-regex"))


def _matches(pattern: str, text: str) -> bool:
    try:
        _matcher(pattern).validate_python(text)
    except ValidationError:
        return False
    return True


def _name(value: Any) -> str:
    if value is None:
        return "nothing"
    names = {bool: "a boolean", int: "a number", float: "a number", str: "a string", dict: "an object"}
    return names.get(cast("type[Any]", type(value)), "an array")
