"""Writes the typed client's models, bodies and resources from the OpenAPI document.

`python -m tests.contracts.client_source` writes them anew; so does the command that writes the document itself.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.contracts.client_operations import OPERATIONS, SECRETS

DOCUMENT = Path(__file__).with_name("openapi.json")
CLIENT = Path(__file__).parents[2] / "opsconductor" / "client"
Schema = Mapping[str, Any]
_NOTE = '"""{}\n\nWritten by `python -m tests.contracts.client_source`; do not edit.\n"""\n\n'
_PLAIN = {"integer": "int", "number": "float", "boolean": "bool", "null": "None"}
_FORMATS = {"uuid": "UUID", "date-time": "datetime", "date": "date"}
_RENAMED = {
    "portal__audit__schemas__EventRead": "AuditEventRead",
    "portal__bundles__schemas__ImportRead": "BundleImportRead",
    "portal__runs__schemas__EventRead": "RunEventRead",
    "portal__templates__schemas__UserRead": "TemplateUserRead",
}
_HEADERS = {"Idempotency-Key": "idempotency_key", "if-match": "if_match"}


def class_name(schema: str) -> str:
    """What a schema of the document is called in Python."""
    return _RENAMED.get(schema, schema.rpartition("__")[2])


@dataclass
class Types:
    """Turns schemas into Python types, and remembers which schemas they name."""

    schemas: Mapping[str, Schema]
    answers: bool
    named: dict[str, None] = field(default_factory=dict)

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

    def _plain(self, schema: Schema) -> str:
        kind = schema.get("type")
        if kind == "string":
            return _FORMATS.get(schema.get("format", ""), "str")
        if kind == "array":
            return f"list[{self.of(schema.get('items', {}))}]"
        if kind == "object":
            more = schema.get("additionalProperties")
            return f"dict[str, {self.of(more) if isinstance(more, dict) else 'Any'}]"
        return _PLAIN.get(kind or "", "Any")

    def _ref(self, name: str) -> str:
        if self.schemas[name].get("type") != "object" and "enum" not in self.schemas[name]:
            return self.of(self.schemas[name])
        if "enum" in self.schemas[name]:
            return self.of(self.schemas[name])
        if name.startswith("CursorPage_"):
            return f"Page[{self.of(self.schemas[name]['properties']['items']['items'])}]"
        self.named[name] = None
        return class_name(name)


@dataclass
class Source:
    """The three files, as they grow."""

    document: Mapping[str, Any]
    queries: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        schemas = self.document["components"]["schemas"]
        self.answers, self.bodies = Types(schemas, answers=True), Types(schemas, answers=False)

    def files(self) -> dict[str, str]:
        """File name → text."""
        classes = [
            self._resource(name, calls, prefix) for prefix in ("", "Async") for name, calls in OPERATIONS.items()
        ]
        answers, bodies = self._models(), self._bodies()
        return {
            "models.py": _NOTE.format("What the portal answers.") + _MODEL_IMPORTS + answers,
            "bodies.py": _NOTE.format("What requests say.") + _BODY_IMPORTS + bodies,
            "resources.py": _NOTE.format("The portal's resources, for both clients.")
            + self._resource_imports(classes)
            + "\n\n".join(classes),
        }

    def _models(self) -> str:
        texts: dict[str, str] = {}
        while missing := [name for name in self.answers.named if name not in texts]:
            for name in missing:
                texts[name] = self._model(name)
        return "\n\n".join(_in_order({class_name(name): text for name, text in texts.items()}))

    def _model(self, name: str) -> str:
        schema = self.answers.schemas[name]
        lines = [f"class {class_name(name)}(Answer):", f'    """{_sentence(schema, name)}"""', ""]
        required = schema.get("required", ())
        for key, value in schema.get("properties", {}).items():
            type_ = "SecretStr" if (name, key) in SECRETS else self.answers.of(value)
            if key in required:
                lines.append(f"    {key}: {type_}")
            elif "default" in value and not isinstance(value["default"], list | dict):
                lines.append(f"    {key}: {type_} = {value['default']!r}")
            elif type_.startswith(("list[", "dict[")):
                lines.append(f"    {key}: {type_} = Field(default_factory={type_})")
            else:
                lines.append(f"    {key}: {type_}{'' if 'None' in type_.split(' | ') else ' | None'} = None")
        return "\n".join(lines) + "\n"

    def _bodies(self) -> str:
        texts: dict[str, str] = {}
        while missing := [name for name in self.bodies.named if name not in texts]:
            for name in missing:
                schema = self.bodies.schemas[name]
                required = schema.get("required", ())
                fields = {key: (value, key in required) for key, value in schema.get("properties", {}).items()}
                texts[name] = self._typed_dict(class_name(name), _sentence(schema, name), fields)
        named = {class_name(name): text for name, text in texts.items()} | self.queries
        return "\n\n".join(_in_order(named))

    def _typed_dict(self, name: str, sentence: str, fields: Mapping[str, tuple[Schema, bool]]) -> str:
        lines = [f"class {name}(TypedDict, total=False):", f'    """{sentence}"""', ""]
        for key, (schema, required) in fields.items():
            type_ = self.bodies.of(schema)
            lines.append(f"    {key}: {f'Required[{type_}]' if required else type_}")
        return "\n".join(lines) + "\n"

    def _resource(self, name: str, calls: Mapping[str, str], prefix: str) -> str:
        title = "".join(part.capitalize() for part in name.split("_"))
        lines = [f"class {prefix}{title}({prefix}Resource):", f'    """The {name} of a portal."""', ""]
        for method, operation in calls.items():
            lines += [*self._method(f"{title}{method.capitalize()}", method, operation, prefix), ""]
        return "\n".join(lines) + "\n"

    def _method(self, query_name: str, method: str, operation: str, prefix: str) -> Iterable[str]:
        verb, path = operation.split()
        described = self.document["paths"]["/api/v1" + path][verb.lower()]
        parameters: list[Schema] = described.get("parameters", [])
        answer, pages = self._answer(described)
        body = described.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
        arguments, keyword, call = ["self"], list[str](), [json.dumps(verb), _path(path)]
        arguments += [f"{name}: Key" for name in re.findall(r"{(\w+)}", path)]
        for header in (each["name"] for each in parameters if each["in"] == "header"):
            keyword.append(f"{_HEADERS[header]}: str | None = None")
            default = " or new_key()" if header == "Idempotency-Key" else ""
            call.append(f"{_HEADERS[header]}={_HEADERS[header]}{default}")
        query = {each["name"]: each for each in parameters if each["in"] == "query" and each["name"] != "cursor"}
        if body is not None:
            many = f"**body: Unpack[{self.bodies.of(body)}]"
            call.append("body=body")
        elif query:
            fields = {
                name: (_without_none(each["schema"]), each.get("required", False)) for name, each in query.items()
            }
            self.queries[query_name] = self._typed_dict(query_name, "What to ask for.", fields)
            many = f"**query: Unpack[{query_name}]"
            call.append("query=query")
        else:
            many = ""
        arguments += (["*", *keyword] if keyword else []) + ([many] if many else [])
        call.append(f"answer={answer}")
        waits = prefix and not pages
        returned = f"{prefix}Iterator[{answer[5:-1]}]" if pages else answer
        returned = returned.replace("list[", "Sequence[").replace("NoneType", "None")
        function = "_pages" if pages else "_send"
        yield f"    {'async ' if waits else ''}def {method}({', '.join(arguments)}) -> {returned}:"
        yield f'        """{_sentence(described, method)}"""'
        yield f"        return {'await ' if waits else ''}self.{function}(Call({', '.join(call)}))"

    def _answer(self, described: Schema) -> tuple[str, bool]:
        status = min(status for status in described["responses"] if status.startswith("2"))
        schema = described["responses"][status].get("content", {}).get("application/json", {}).get("schema")
        type_ = "NoneType" if schema is None else self.answers.of(schema)
        return type_, type_.startswith("Page[")

    def _resource_imports(self, classes: Iterable[str]) -> str:
        words = set(re.findall(r"\w+", "\n".join(classes)))
        answers = sorted(words & {class_name(name) for name in self.answers.named})
        bodies = sorted(words & ({class_name(name) for name in self.bodies.named} | self.queries.keys()))
        return (
            "from collections.abc import AsyncIterator, Iterator, Sequence\nfrom types import NoneType\n"
            f"from typing import Unpack\n\nfrom .bodies import {', '.join(bodies)}\n"
            "from .calls import AsyncResource, Call, Key, Page, Resource, new_key, part\n"
            f"from .models import {', '.join(answers)}\n\n\n"
        )


_MODEL_IMPORTS = (
    "from datetime import date, datetime\nfrom typing import Any\nfrom uuid import UUID\n\n"
    "from pydantic import Field, SecretStr\n\nfrom .calls import Answer\n\n\n"
)
_BODY_IMPORTS = (
    "from datetime import date, datetime\nfrom typing import Any, Literal, Required, TypedDict\n"
    "from uuid import UUID\n\n\n"
)


def _in_order(texts: Mapping[str, str]) -> list[str]:
    """The classes by name, each after those that it names."""
    found: dict[str, str] = {}

    def add(name: str) -> None:
        for word in re.findall(r"\w+", texts[name]):
            if word in texts and word != name and word not in found:
                add(word)
        found[name] = texts[name]

    for name in sorted(texts):
        if name not in found:
            add(name)
    return list(found.values())


def _path(path: str) -> str:
    filled = re.sub(r"{(\w+)}", r"{part(\1)}", path)
    return f'f"{filled}"' if "{" in filled else f'"{filled}"'


def _without_none(schema: Schema) -> Schema:
    kept = [each for each in schema.get("anyOf", ()) if each.get("type") != "null"]
    return {"anyOf": kept} if kept else schema


def _sentence(described: Schema, name: str) -> str:
    text = " ".join(str(described.get("description") or described.get("summary") or name).split("\n\n")[0].split())
    return (text if text.endswith(".") else text + ".").replace("\\", "\\\\")


def written() -> dict[str, str]:
    """The files as they should be, formatted as all code is."""
    files = Source(json.loads(DOCUMENT.read_text())).files()
    return {name: _formatted(name, text) for name, text in files.items()}


def _formatted(name: str, text: str) -> str:
    ruff = [sys.executable, "-m", "ruff"]
    where = ["--stdin-filename", str(CLIENT / name), "-"]
    for arguments in (["check", "--quiet", "--fix", "--select", "I,F401", *where], ["format", "--quiet", *where]):
        done = subprocess.run([*ruff, *arguments], input=text, capture_output=True, text=True, check=False)
        text = done.stdout
        assert text, done.stderr
    return text


def write() -> None:
    """Write them."""
    for name, text in written().items():
        (CLIENT / name).write_text(text)


if __name__ == "__main__":
    write()
