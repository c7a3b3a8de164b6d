"""`docs/reference/job-document.md` lists the fields of a job as the schema has them.

`python -m tests.contracts.test_job_reference` writes them anew.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from opsconductor.sdk.job.schema import json_schema

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "job-document.md"
MARK = "<!-- fields -->\n"
PARTS = ("Targets", "Strategy", "Parameter", "Step", "Need", "Retry", "Block", "Lanes")
OTHERS = {"ValueSchema": "a type and its bounds, as [Parameter](#parameter) has", "JsonValue": "any value"}
BOUNDS = {
    "minimum": "at least {:,}",
    "exclusiveMinimum": "more than {:,}",
    "maximum": "at most {:,}",
    "maxLength": "at most {:,} characters",
    "maxItems": "at most {:,} of them",
    "maxProperties": "at most {:,} of them",
}


def kind(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        part = schema["$ref"].rsplit("/", 1)[1]
        return (
            f"[{part}](#{part.lower()})" if part in PARTS else "a type and its bounds, as [Parameter](#parameter) has"
        )
    if "const" in schema:
        return f"`{schema['const']}`"
    if "enum" in schema:
        return " or ".join(f"`{value}`" for value in schema["enum"])
    if options := schema.get("anyOf", schema.get("oneOf")):
        kinds = [kind(option) for option in options if option.get("type") != "null"]
        return " or ".join(dict.fromkeys(kinds))
    if schema.get("type") == "array":
        return f"list of {kind(schema['items'])}" if "items" in schema else "list"
    if schema.get("type") == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"name → {kind(schema['additionalProperties'])}"
    return schema.get("type", "any value")


def bounds(schema: Mapping[str, Any]) -> Iterator[str]:
    for option in (schema, *schema.get("anyOf", ())):
        yield from (said.format(option[name]) for name, said in BOUNDS.items() if name in option)


def row(name: str, schema: Mapping[str, Any], required: bool) -> str:
    default = "required" if required else f"`{json.dumps(schema['default'])}`" if schema.get("default") else ""
    limits = ", ".join(bounds(schema))
    meaning = f"{schema['description']} _({limits})_" if limits else schema["description"]
    return f"| `{name}` | {kind(schema)} | {default} | {meaning} |"


def table(title: str, schema: Mapping[str, Any]) -> Iterator[str]:
    yield f"### {title}\n\n{schema['description']}\n\n| field | type | default | meaning |\n|---|---|---|---|"
    fields = next((option for option in schema.get("anyOf", ()) if "properties" in option), schema)
    for name, field in fields["properties"].items():
        yield row(name, field, name in fields.get("required", ()))
    yield ""


def fields() -> str:
    schema = json_schema()
    lines = [*table("Job", schema)]
    for part in PARTS:
        lines += table(part, schema["$defs"][part])
    return "\n".join(lines).rstrip() + "\n"


def test_the_page_lists_every_field() -> None:
    assert PAGE.read_text().split(MARK)[1].strip() == fields().strip()


if __name__ == "__main__":
    PAGE.write_text(PAGE.read_text().split(MARK)[0] + MARK + "\n" + fields())
