"""From what people type to what the API wants."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from opsconductor.errors import InvalidInputError, NotFoundError, Problem

if TYPE_CHECKING:
    from opsconductor.client import PortalClient


def resolve(portal: "PortalClient", path: str, kind: str, name_or_id: str) -> dict[str, Any]:
    """The record with that id or, in any case of letters, that name.

    Args:
        portal: Where to ask.
        path: The list's path, such as `/targets`.
        kind: What people call it, for the error.
        name_or_id: What was typed.

    Raises:
        NotFoundError: There is none.
    """
    try:
        return portal.get(f"{path}/{UUID(name_or_id)}")
    except ValueError:
        wanted = name_or_id.lower()
    for item in portal.pages(path, q=name_or_id):
        if item["name"].lower() == wanted:
            return item
    raise NotFoundError(kind, f"{name_or_id!r}")


def pairs(texts: Iterable[str], option: str) -> dict[str, Any]:
    """`["a=1", "b=x"]` → `{"a": 1, "b": "x"}`; a value that is JSON is taken as such.

    Raises:
        InvalidInputError: A text has no `=`.
    """
    found: dict[str, Any] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise InvalidInputError([Problem(option, f"{text!r} is not NAME=VALUE")])
        found[name] = _value(value)
    return found


def given(**fields: Any) -> dict[str, Any]:
    """Only the fields that were typed."""
    return {name: value for name, value in fields.items() if value is not None}


def secret_line(file: Path) -> str:
    """The first line of a file that holds a secret."""
    return file.read_text(encoding="utf-8").split("\n", 1)[0]


def typed(parameters: Mapping[str, Any], declared: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Values in the types a job declares: `--param version=1.10` is a text where the job wants one."""
    wants_text = {item["name"] for item in declared if item.get("type") in ("string", "secret")}
    return {
        name: value if name not in wants_text or isinstance(value, str) else json.dumps(value)
        for name, value in parameters.items()
    }


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
