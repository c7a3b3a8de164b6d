"""Writes the typed client's models, bodies and resources from the OpenAPI document.

`python -m tests.contracts.client_source` writes them anew; so does the command that writes the document itself.
"""

import json
import keyword
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.contracts.client_docs import class_docstring
from tests.contracts.client_methods import Resources, title
from tests.contracts.client_operations import OPERATIONS, SECRETS
from tests.contracts.client_types import Schema, Types, class_name

DOCUMENT = Path(__file__).with_name("openapi.json")
CLIENT = Path(__file__).parents[2] / "opsconductor" / "client"
_ROOT = CLIENT.parents[1]
_NOTE = '"""{}\n\nWritten by `python -m tests.contracts.client_source`; do not edit.\n"""\n\n'
_MODEL_IMPORTS = (
    "from datetime import date, datetime\nfrom typing import Any\nfrom uuid import UUID\n\n"
    "from pydantic import Field, SecretStr\n\nfrom .calls import Answer\n\n\n"
)
_BODY_IMPORTS = (
    "from datetime import date, datetime\nfrom typing import Any, Literal, Required, TypedDict\n"
    "from uuid import UUID\n\n\n"
)
_WATCHED = "runs"


class Source:
    """The files, as they grow."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        schemas = document["components"]["schemas"]
        self.answers, self.bodies = Types(schemas, answers=True), Types(schemas, answers=False)
        self.resources = Resources(document, self.answers, self.bodies)

    def files(self) -> dict[str, str]:
        """File name → text."""
        modules = {f"resources/{name}.py": self.resources.module(name, calls) for name, calls in OPERATIONS.items()}
        return {
            "models.py": _NOTE.format("What the portal answers.") + _MODEL_IMPORTS + self._models(),
            "bodies.py": _NOTE.format("What requests say.") + _BODY_IMPORTS + self._bodies(),
            "resources/__init__.py": '"""The resources of a portal, a file each."""\n',
            "portal.py": _portal(),
        } | modules

    def _models(self) -> str:
        texts: dict[str, str] = {}
        while missing := [name for name in self.answers.named if name not in texts]:
            for name in missing:
                texts[name] = "\n".join(self._model(name)) + "\n"
        return "\n\n".join(_in_order({class_name(name): text for name, text in texts.items()}))

    def _model(self, name: str) -> Iterator[str]:
        schema = self.answers.schemas[name]
        fields: Mapping[str, Schema] = schema.get("properties", {})
        yield f"class {class_name(name)}(Answer):"
        yield from [*class_docstring(schema, name, {_name(key): each for key, each in fields.items()}), ""]
        for key, value in fields.items():
            type_ = self.answers.of(value)
            type_ = re.sub(r"\bstr\b(?!,)", "SecretStr", type_) if (name, key) in SECRETS else type_
            yield f"    {_name(key)}: {_field(key, type_, value, required=key in schema.get('required', ()))}"

    def _bodies(self) -> str:
        texts: dict[str, str] = {}
        for name, fields in self.resources.queries.items():
            texts[name] = self._typed_dict(name, {"description": "What to ask for."}, fields)
        while missing := [name for name in self.bodies.named if class_name(name) not in texts]:
            for name in missing:
                schema = self.bodies.schemas[name]
                required = schema.get("required", ())
                fields = {key: (value, key in required) for key, value in schema.get("properties", {}).items()}
                texts[class_name(name)] = self._typed_dict(class_name(name), schema, fields)
        return "\n\n".join(_in_order(texts))

    def _typed_dict(self, name: str, schema: Schema, fields: Mapping[str, tuple[Schema, bool]]) -> str:
        lines = [f"class {name}(TypedDict, total=False):"]
        lines += [*class_docstring(schema, name, {_name(key): value for key, (value, _) in fields.items()}), ""]
        for key, (value, required) in fields.items():
            type_ = self.bodies.of(value)
            lines.append(f"    {_name(key)}: {f'Required[{type_}]' if required else type_}")
        return "\n".join(lines) + "\n"


def _field(key: str, type_: str, schema: Schema, *, required: bool) -> str:
    alias = f"alias={key!r}" if _name(key) != key else ""
    if required:
        return f"{type_} = Field({alias})" if alias else type_
    if "default" in schema and not isinstance(schema["default"], list | dict):
        return f"{type_} = {schema['default']!r}"
    if type_.startswith(("list[", "dict[")):
        return f"{type_} = Field(default_factory={type_})"
    return f"{type_}{'' if 'None' in type_.split(' | ') else ' | None'} = None"


def _name(key: str) -> str:
    """A field in Python: what is a word of Python ends in `_`."""
    return f"{key}_" if keyword.iskeyword(key) else key


def _portal() -> str:
    lines = ["from .calls import AsyncSend, AsyncStream, Send, Stream"]
    lines += [
        f"from .resources.{name} import {title(name)}, Async{title(name)}" for name in OPERATIONS if name != _WATCHED
    ]
    lines += ["from .watching import AsyncWatchedRuns, WatchedRuns", ""]
    for prefix in ("", "Async"):
        lines += ["", f"class {prefix}Portal:", '    """Everything that a portal offers."""', ""]
        lines += [f"    def __init__(self, send: {prefix}Send, stream: {prefix}Stream) -> None:"]
        for name in OPERATIONS:
            kind = f"{prefix}{'Watched' if name == _WATCHED else ''}{title(name)}"
            lines += [f"        self.{name} = {kind}(send, stream)"]
        lines += [""]
    return _NOTE.format("The resources of a portal, together.") + "\n".join(lines)


def _in_order(texts: Mapping[str, str]) -> list[str]:
    """The classes by name, each after those that it names."""
    found: dict[str, str] = {}

    def add(name: str) -> None:
        for word in re.findall(r"\w+", re.sub(r'""".*?"""', "", texts[name], flags=re.S)):
            if word in texts and word != name and word not in found:
                add(word)
        found[name] = texts[name]

    for name in sorted(texts):
        if name not in found:
            add(name)
    return list(found.values())


def written() -> dict[str, str]:
    """The files as they should be, formatted as all code is."""
    files = Source(json.loads(DOCUMENT.read_text())).files()
    with TemporaryDirectory() as folder:
        for name, text in files.items():
            (Path(folder) / name).parent.mkdir(exist_ok=True)
            (Path(folder) / name).write_text(text)
        ruff, config = [sys.executable, "-m", "ruff"], ["--no-cache", "--config", str(_ROOT / "pyproject.toml"), folder]
        for command in (["check", "--quiet", "--fix", "--select", "I,F401"], ["format", "--quiet"]):
            subprocess.run([*ruff, *command, *config], check=True)
        return {name: (Path(folder) / name).read_text() for name in files}


def write() -> None:
    """Write them, and take away what is no longer written."""
    files = written()
    for name, text in files.items():
        (CLIENT / name).parent.mkdir(exist_ok=True)
        (CLIENT / name).write_text(text)
    for file in (CLIENT / "resources").glob("*.py"):
        if f"resources/{file.name}" not in files:
            file.unlink()


if __name__ == "__main__":
    write()
