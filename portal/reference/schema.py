"""JSON Schemas as short words for people."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

Json = Mapping[str, Any]
_REF = "#/components/schemas/"
_BOUNDS = (
    ("minimum", "≥ {}"), ("maximum", "≤ {}"), ("minLength", "at least {} characters"),
    ("maxLength", "at most {} characters"), ("minItems", "at least {} items"), ("maxItems", "at most {} items"),
    ("pattern", "pattern {}"), ("default", "default {!r}"),
)  # fmt: skip


class Entry(NamedTuple):
    """A parameter, or a field of a body."""

    name: str
    place: str
    type: str
    required: bool
    description: str
    bounds: str


def words_of(schema: Json) -> str:
    """The type of a schema, such as `text`, `list of RunRead` or `queued | running | ended`."""
    if "$ref" in schema:
        return str(schema["$ref"]).removeprefix(_REF)
    if "enum" in schema or "const" in schema:
        return " | ".join(str(value) for value in schema.get("enum", [schema.get("const")]))
    for key in ("anyOf", "oneOf", "allOf"):
        if key in schema:
            return " or ".join(words_of(each) for each in schema[key] if each.get("type") != "null")
    kind = schema.get("type", "anything")
    if kind == "array":
        return f"list of {words_of(schema.get('items', {}))}"
    return str(schema.get("format") or kind)


def bounds_of(schema: Json) -> str:
    """What a value must keep to."""
    one = schema
    for choice in schema.get("anyOf", []):
        one = {**choice, **one}
    said = [words.format(one[key]) for key, words in _BOUNDS if one.get(key) is not None]
    return ", ".join(said)


def entries_of(schema: Json, schemas: Mapping[str, Json]) -> Iterator[Entry]:
    """The fields of a body; those of a choice of bodies once each."""
    seen: set[str] = set()
    for each in _objects(schema, schemas):
        required = each.get("required", ())
        for name, field in each.get("properties", {}).items():
            if name not in seen:
                seen.add(name)
                description = field.get("description", "")
                yield Entry(name, "", words_of(field), name in required, description, bounds_of(field))


def _objects(schema: Json, schemas: Mapping[str, Json]) -> Iterator[Json]:
    if "$ref" in schema:
        yield from _objects(schemas[str(schema["$ref"]).removeprefix(_REF)], schemas)
        return
    yield schema
    for key in ("anyOf", "oneOf", "allOf"):
        for each in schema.get(key, ()):
            yield from _objects(each, schemas)
