"""Inventories as JSON and as YAML: `targets`, each with the fields of a target, and `groups` with their parents."""

from typing import Any, cast

import orjson

from .plain_yaml import Lines, read_yaml
from .rows import Export, Inventory, Row, check_size, refusal
from .withheld import without_secrets
from .yaml_text import yaml_text


def read_json(text: str) -> Inventory:
    """The targets of a JSON document: a list of them, or an object with `targets`.

    Raises:
        InvalidInputError: It is none.
    """
    try:
        data = orjson.loads(text)
    except (orjson.JSONDecodeError, UnicodeEncodeError) as error:
        line = getattr(error, "lineno", None)
        raise refusal(f"is not JSON: {getattr(error, 'msg', 'it holds half a character')}", line=line) from None
    return _inventory(data, Lines())


def read(text: str) -> Inventory:
    """The targets of a YAML document: a list of them, or a mapping with `targets`.

    Raises:
        InvalidInputError: It is none.
    """
    data, lines = read_yaml(text)
    return _inventory(data, lines)


def _inventory(data: Any, lines: Lines) -> Inventory:
    parts = cast("dict[str, Any]", data) if isinstance(data, dict) else {"targets": data}
    odd = sorted(set(parts) - {"targets", "groups"})
    if odd:
        hint = "an Ansible inventory has a format of its own" if "all" in parts else "write `targets` and `groups`"
        raise refusal(f"has a key `{odd[0][:100]}`", hint, line=lines.find(parts, odd[0]))
    targets = parts.get("targets")
    if not isinstance(targets, list):
        raise refusal("holds no list of targets", "write `targets:` and a list below it")
    records = cast("list[Any]", targets)
    check_size(len(records))
    rows = [_row(place, record, lines) for place, record in enumerate(records)]
    return Inventory(rows, _parents(parts.get("groups") or [], rows))


def _row(place: int, record: Any, lines: Lines) -> Row:
    if not isinstance(record, dict):
        raise refusal("is no target", "write its fields, such as name and address", path=f"targets[{place}]")
    fields = dict(cast("dict[str, Any]", record))
    withheld: tuple[str, ...] = ()
    if isinstance(fields.get("variables"), dict):
        fields["variables"], withheld = without_secrets(fields["variables"])
    name = fields.get("name")
    line = min((line for key in fields if (line := lines.find(record, key))), default=None)  # pyright: ignore[reportUnknownArgumentType]
    return Row(name if isinstance(name, str) else "", line, fields, "", withheld)


def _parents(groups: Any, rows: list[Row]) -> dict[str, set[str]]:
    parents: dict[str, set[str]] = {}
    if not isinstance(groups, list):
        raise refusal("must be a list", "each has a name, and may have parents", path="groups")
    for place, group in enumerate(cast("list[Any]", groups)):
        if not isinstance(group, dict) or set(cast("dict[str, Any]", group)) - {"name", "parents"}:
            raise refusal("must be an object with `name` and `parents`", path=f"groups[{place}]")
        told = cast("dict[str, Any]", group)
        above = cast("Any", told.get("parents") or [])
        if not isinstance(told.get("name"), str) or not _are_texts(above):
            raise refusal("must have a text as name and a list of texts as parents", path=f"groups[{place}]")
        parents.setdefault(told["name"], set()).update(above)
    return parents


def _are_texts(values: Any) -> bool:
    return isinstance(values, list) and all(isinstance(value, str) for value in cast("list[Any]", values))


def write_json(export: Export) -> str:
    """Targets as a JSON document."""
    return orjson.dumps(_document(export), option=orjson.OPT_INDENT_2).decode() + "\n"


def write(export: Export) -> str:
    """Targets as a YAML document."""
    return yaml_text(_document(export))


def _document(export: Export) -> dict[str, Any]:
    groups = [{"name": name, "parents": sorted(above)} for name, above in sorted(export.parents.items())]
    return {"targets": [dict(target.fields) for target in export.targets], **({"groups": groups} if groups else {})}
