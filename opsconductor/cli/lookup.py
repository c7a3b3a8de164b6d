"""From what people type to what the API wants."""

import difflib
import json
import re
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from opsconductor.errors import InvalidInputError, NotFoundError, Problem

if TYPE_CHECKING:
    from opsconductor.client import PortalClient

_AGO = re.compile(r"(\d{1,6})([smhdw])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def resolve(portal: "PortalClient", path: str, kind: str, name_or_id: str, *, field: str = "name") -> dict[str, Any]:
    """The record with that id or, in any case of letters, that name.

    Args:
        portal: Where to ask.
        path: The list's path, such as `/targets`.
        kind: What people call it, for the error.
        name_or_id: What was typed.
        field: Where its name is.

    Raises:
        NotFoundError: There is none.
    """
    try:
        return portal.get(f"{path}/{UUID(name_or_id)}")
    except ValueError:
        wanted = name_or_id.lower()
    for item in portal.pages(path, q=name_or_id):
        if item[field].lower() == wanted:
            return item
    raise NotFoundError(kind, f"{name_or_id!r}", hint=_suggestion(portal, path, kind, wanted, field))


def _suggestion(portal: "PortalClient", path: str, kind: str, wanted: str, field: str) -> str:
    names = {item[field].lower(): item[field] for item in portal.get(path, size=500)["items"]}
    close = difflib.get_close_matches(wanted, names, n=1)
    return f"did you mean {names[close[0]]}?" if close else f"see opsconductor {kind} list"


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


def moment(text: str | None, option: str) -> str | None:
    """A time as the API takes it: `45m`, `12h` or `7d` ago, or a date or time; without a zone, in the reader's.

    Raises:
        InvalidInputError: It is none of these.
    """
    if text is None:
        return None
    if ago := _AGO.fullmatch(text.strip()):
        return (datetime.now(UTC) - timedelta(**{_UNITS[ago[2]]: int(ago[1])})).isoformat()
    try:
        return datetime.fromisoformat(text.strip()).astimezone().isoformat()
    except ValueError:
        hint = "such as 2026-11-26T08:00, or 45m, 12h, 7d for how long ago"
        raise InvalidInputError([Problem(option, f"{text!r} is no time", hint)]) from None


def given(**fields: Any) -> dict[str, Any]:
    """Only the fields that were typed."""
    return {name: value for name, value in fields.items() if value is not None}


def secret_line(file: Path) -> str:
    """The first line of a file that holds a secret."""
    return read_text(file).split("\n", 1)[0]


def read_text(file: Path) -> str:
    """A text file, or with `-` standard input, in UTF-8; a byte order mark is left out.

    Raises:
        InvalidInputError: It is something else.
    """
    raw = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise InvalidInputError([Problem(str(file), "is not UTF-8 text", "save it as UTF-8", line)]) from None


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
