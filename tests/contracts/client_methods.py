"""The methods of the typed client's resources."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.contracts.client_docs import HEADERS, described, docstring, method_sections
from tests.contracts.client_types import Schema, Types, without_none

API = "/api/v1"
Fields = dict[str, tuple[Schema, bool]]
"""What a request says by name, and whether it has to."""
_NOTE = (
    '"""The {} of a portal, for both clients.\n\n'
    'Written by `python -m tests.contracts.client_source`; do not edit.\n"""\n\n'
)
_IMPORTS = (
    "from collections.abc import AsyncIterator, Iterator, Sequence\nfrom types import NoneType\n"
    "from typing import Any, Unpack\n\n"
)
_CALLS = "from opsconductor.client.calls import AsyncResource, Call, Key, Page, Resource, new_key, part\n"


def title(name: str) -> str:
    """A name in lower case as the name of a class."""
    return "".join(part.capitalize() for part in name.split("_"))


def words(name: str) -> str:
    """A name as people read it."""
    return name.replace("_", " ")


@dataclass
class Resources:
    """Writes resources, and remembers what they ask for."""

    document: Mapping[str, Any]
    answers: Types
    bodies: Types
    queries: dict[str, Fields] = field(default_factory=dict[str, Fields])

    def module(self, name: str, calls: Mapping[str, str]) -> str:
        """The file of one resource."""
        methods = [
            Method(self, f"{title(name)}{title(method)}", method, operation) for method, operation in calls.items()
        ]
        classes = [self._class(name, methods, prefix) for prefix in ("", "Async")]
        imports = _import("bodies", {each.body_class for each in methods if each.many})
        imports += _import("models", {word for each in methods for word in re.findall(r"[A-Z]\w+", each.answer)})
        return _NOTE.format(words(name)) + _IMPORTS + _CALLS + imports + "\n\n" + "\n\n".join(classes)

    def _class(self, name: str, methods: "Iterable[Method]", prefix: str) -> str:
        lines = [f"class {prefix}{title(name)}({prefix}Resource):", f'    """The {words(name)} of a portal."""', ""]
        for method in methods:
            lines += [*method.lines(prefix), ""]
        return "\n".join(lines) + "\n"


def _import(module: str, names: set[str]) -> str:
    kept = sorted(names - {"Any", "NoneType", "Page", "UUID"})
    return f"from opsconductor.client.{module} import {', '.join(kept)}\n" if kept else ""


class Method:
    """One method of a resource.

    Attributes:
        answer: Type of the whole answer.
        many: Name and class of its keyword arguments.
    """

    def __init__(self, resources: Resources, query_class: str, name: str, operation: str) -> None:
        self.name, self._resources = name, resources
        self._verb, self._path = operation.split()
        paths = resources.document["paths"]
        self._inside = API + self._path in paths
        self._described: Schema = paths[API * self._inside + self._path][self._verb.lower()]
        self._file, self.answer = self._read_answer()
        self._pages = self.answer.startswith("Page[")
        self.many = self._read_body() or self._read_query(query_class)

    @property
    def body_class(self) -> str:
        """What its keyword arguments are imported as, when it has any."""
        name = self.many[1] if self.many else ""
        return f"{name} as {name}Body" if name and name == self.answer else name

    def lines(self, prefix: str) -> Iterable[str]:
        """The method of one of the two forms."""
        function, returned = "_send", self.answer.replace("list[", "Sequence[").replace("NoneType", "None")
        if self._pages or self._file:
            function, item = ("_stream", "bytes") if self._file else ("_pages", self.answer[5:-1])
            returned = f"{prefix}Iterator[{item}]"
        waits = prefix and function == "_send"
        yield f"    {'async ' if waits else ''}def {self.name}({', '.join(self._arguments())}) -> {returned}:"
        sections = method_sections(self._described, self._path, self.many, returned, self._resources.answers)
        yield from docstring(described(self._described, self.name), sections, 8)
        call = f"Call({', '.join(self._call())})"
        if "|" in self.answer:
            yield f"        call: Call[{self.answer}] = {call}"
            call = "call"
        yield f"        return {'await ' if waits else ''}self.{function}({call})"

    def _arguments(self) -> Iterable[str]:
        yield "self"
        yield from (f"{name}: {self._key(name)}" for name in re.findall(r"{(\w+)}", self._path))
        if headers := self._headers():
            yield "*"
            yield from (f"{name}: str | None = None" for name in headers)
        if self.many:
            yield f"**{self.many[0]}: Unpack[{self.body_class.rpartition(' ')[2]}]"

    def _call(self) -> Iterable[str]:
        filled = re.sub(r"{(\w+)}", r"{part(\1)}", self._path)
        yield json.dumps(self._verb)
        yield f'f"{filled}"' if "{" in filled else f'"{filled}"'
        if not self._inside:
            yield 'below=""'
        for name in self._headers():
            yield f"{name}={name}{' or new_key()' if name == 'idempotency_key' else ''}"
        if self.many:
            yield f"{self.many[0]}={self.many[0]}"
        yield f"answer={self.answer}"

    def _headers(self) -> list[str]:
        names = {each["name"] for each in self._described.get("parameters", ()) if each["in"] == "header"}
        return [argument for header, argument in HEADERS.items() if header in names]

    def _key(self, name: str) -> str:
        (schema,) = [each["schema"] for each in self._described["parameters"] if each["name"] == name]
        return "int" if schema.get("type") == "integer" else "Key"

    def _read_answer(self) -> tuple[bool, str]:
        status = min(status for status in self._described["responses"] if status.startswith("2"))
        content = self._described["responses"][status].get("content", {})
        if status == "200" and list(content) != ["application/json"]:
            return True, "bytes"
        schema = content.get("application/json", {}).get("schema")
        return False, "NoneType" if schema is None else self._resources.answers.of(schema)

    def _read_body(self) -> tuple[str, str] | None:
        content = self._described.get("requestBody", {}).get("content", {})
        schema = content.get("application/json", {}).get("schema")
        return None if schema is None else ("body", self._resources.bodies.of(schema))

    def _read_query(self, name: str) -> tuple[str, str] | None:
        query = [each for each in self._described.get("parameters", ()) if each["in"] == "query"]
        fields: Fields = {
            each["name"]: ({**each, **without_none(each["schema"])}, each.get("required", False))
            for each in query
            if not (self._pages and each["name"] == "cursor")
        }
        if fields:
            self._resources.queries[name] = fields
        return ("query", name) if fields else None
