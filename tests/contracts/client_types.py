"""Schemas of the OpenAPI document as Python types."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Schema = Mapping[str, Any]
_PLAIN = {"integer": "int", "number": "float", "boolean": "bool", "null": "None"}
_FORMATS = {"uuid": "UUID", "date-time": "datetime", "date": "date"}
_RENAMED = {
    "Health": "PortalHealth",
    "portal__audit__schemas__EventRead": "AuditEventRead",
    "portal__bundles__schemas__ImportRead": "BundleImportRead",
    "portal__runs__schemas__EventRead": "RunEventRead",
    "portal__templates__schemas__UserRead": "TemplateUserRead",
}


def class_name(schema: str) -> str:
    """What a schema of the document is called in Python."""
    return _RENAMED.get(schema, schema.rpartition("__")[2])


def without_none(schema: Schema) -> Schema:
    """The schema of a value that is given."""
    kept = [each for each in schema.get("anyOf", ()) if each.get("type") != "null"]
    return {"anyOf": kept} if kept else schema


@dataclass
class Types:
    """Turns schemas into Python types, and remembers which schemas they name."""

    schemas: Mapping[str, Schema]
    answers: bool
    named: dict[str, None] = field(default_factory=dict[str, None])

    def of(self, schema: Schema) -> str:
        if "$ref" in schema:
            return self._ref(schema["$ref"].rpartition("/")[2])
        for key in ("anyOf", "oneOf"):
            if key in schema:
                return " | ".join(dict.fromkeys(self.of(each) for each in schema[key]))
        if "const" in schema or "enum" in schema:
            values = schema.get("enum", [schema.get("const")])
            return "str" if self.answers else f"Literal[{', '.join(map(json.dumps, values))}]"
        return self._plain(schema)

    def sentence(self, name: str) -> str:
        """What the schema of a class says of itself; empty when it says nothing."""
        found = {class_name(each): each for each in self.named}.get(name)
        return str(self.schemas[found].get("description", "")) if found else ""

    def _plain(self, schema: Schema) -> str:
        kind = schema.get("type")
        if kind == "string":
            return _FORMATS.get(schema.get("format", ""), "str")
        if kind == "array":
            return f"list[{self.of(schema.get('items', {}))}]"
        if kind == "object":
            more: Schema | bool | None = schema.get("additionalProperties")
            return f"dict[str, {self.of(more) if isinstance(more, Mapping) else 'Any'}]"
        return _PLAIN.get(kind or "", "Any")

    def _ref(self, name: str) -> str:
        if self.schemas[name].get("type") != "object" or "enum" in self.schemas[name]:
            return self.of(self.schemas[name])
        if name.startswith("CursorPage_"):
            return f"Page[{self.of(self.schemas[name]['properties']['items']['items'])}]"
        self.named[name] = None
        return class_name(name)
