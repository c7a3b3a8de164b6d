"""Read YAML as plain values: for inventories, whose authors use anchors, merge keys and Ansible's vault.

The events of the C parser are built into JSON values here, so nothing but JSON can come of them. What an alias
repeats is counted each time: a bomb is refused before anybody walks through it.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, cast

from opsconductor.errors import InvalidInputError, Problem

from .rows import refusal
from .withheld import VAULTED

_MAX_DEPTH: Final = 40
_MAX_VALUES: Final = 2_000_000
_MERGE: Final = "<<"
_LONGEST_INTEGER: Final = 20
_HIGHEST_INTEGER: Final = 2**63
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*)(?:[eE][-+]?[0-9]{1,3})?|[-+]?[0-9]+[eE][-+]?[0-9]{1,3}")
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEANS: Final = {"true": True, "false": False}
_OLD_BOOLEANS: Final = {**_BOOLEANS, "yes": True, "no": False, "on": True, "off": False}
_OWN_TAGS: Final = {"!vault", "!vault-encrypted", "!unsafe"}
_PLAIN_TAGS: Final = {f"tag:yaml.org,2002:{name}" for name in ("str", "map", "seq", "int", "bool", "float", "null")}


class _Built(NamedTuple):
    """A value, with how many values it holds and how deep it is, its aliases written out."""

    value: Any
    values: int = 1
    depth: int = 0


@dataclass(slots=True)
class _Open:
    """A mapping or sequence whose end has not been met yet."""

    data: dict[str, Any] | list[Any]
    anchor: str | None
    before: int
    depth: int = 1
    key: str | None = None
    merges: list[Any] = field(default_factory=list[Any])


@dataclass(slots=True)
class Lines:
    """Where the keys of mappings stand.

    Attributes:
        of: (identity of the mapping, key) → line, counted from 1.
    """

    of: dict[tuple[int, str], int] = field(default_factory=dict[tuple[int, str], int])

    def find(self, mapping: object, key: str) -> int | None:
        """The line of a key."""
        return self.of.get((id(mapping), key))


@dataclass(slots=True)
class _Building:
    booleans: dict[str, bool]
    lines: Lines = field(default_factory=Lines)
    stack: list[_Open] = field(default_factory=list[_Open])
    anchored: dict[str, _Built] = field(default_factory=dict[str, _Built])
    values: int = 0
    root: Any = None

    def count(self, values: int, line: int) -> None:
        self.values += values
        if self.values > _MAX_VALUES:
            raise refusal(f"holds more than {_MAX_VALUES:,} values once its aliases are written out", line=line)


def read_yaml(text: str, *, old_booleans: bool = False) -> tuple[Any, Lines]:
    """One YAML document as plain values, with the lines of its keys.

    Args:
        text: The document.
        old_booleans: Whether `yes`, `no`, `on` and `off` are booleans, as in YAML 1.1, which Ansible reads.

    Raises:
        InvalidInputError: It is not YAML, holds tags that make objects, or grows too large.
    """
    building = _Building(_OLD_BOOLEANS if old_booleans else _BOOLEANS)
    for event in _events(text):
        _take(building, event, event.start_mark.line + 1)
    return building.root, building.lines


def _events(text: str) -> Iterator[Any]:
    from ruamel.yaml import YAML  # 0.1 s that nobody pays who imports no YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    reader: Any = YAML(typ="safe")
    try:
        yield from reader.parse(text)
    except MarkedYAMLError as error:
        raise InvalidInputError([_syntax_problem(error)]) from None
    except (YAMLError, ValueError) as error:
        raise refusal(f"is not YAML: {str(error).splitlines()[0][:200]}") from None


def _syntax_problem(error: Any) -> Problem:
    mark = error.problem_mark or error.context_mark
    reason = " ".join(str(part) for part in (error.problem, error.context) if part)
    return Problem("content", f"is not YAML: {reason[:200]}", "", mark.line + 1 if mark else None)


def _take(building: _Building, event: Any, line: int) -> None:
    match type(event).__name__:
        case "ScalarEvent":
            building.count(1, line)
            _put(building, _Built(_scalar(building, event, line)), event.anchor, line)
        case "MappingStartEvent" | "SequenceStartEvent":
            _start(building, event, line)
        case "MappingEndEvent" | "SequenceEndEvent":
            _end(building, line)
        case "AliasEvent":
            _repeat(building, event, line)
        case "DocumentStartEvent" if building.root is not None:
            raise refusal("holds more than one document", "keep the first", line=line)
        case _:
            pass


def _start(building: _Building, event: Any, line: int) -> None:
    _check_tag(event.tag, line)
    building.count(1, line)
    if len(building.stack) > _MAX_DEPTH:
        raise refusal(f"is nested deeper than {_MAX_DEPTH} levels", line=line)
    empty: dict[str, Any] | list[Any] = {} if type(event).__name__ == "MappingStartEvent" else []
    building.stack.append(_Open(empty, event.anchor, building.values))


def _end(building: _Building, line: int) -> None:
    done = building.stack.pop()
    if done.merges and isinstance(done.data, dict):
        _merge(done.data, done.merges, line)
    _put(building, _Built(done.data, building.values - done.before + 1, done.depth), done.anchor, line)


def _repeat(building: _Building, event: Any, line: int) -> None:
    known = building.anchored.get(event.anchor)
    if known is None:
        raise refusal(f"*{event.anchor} names no value before it", line=line)
    building.count(known.values, line)
    _put(building, known, None, line)


def _put(building: _Building, built: _Built, anchor: str | None, line: int) -> None:
    value = built.value
    if anchor:
        building.anchored[anchor] = built
    if not building.stack:
        building.root = value
        return
    holder = building.stack[-1]
    holder.depth = max(holder.depth, built.depth + 1)
    if len(building.stack) + built.depth > _MAX_DEPTH:
        raise refusal(f"is nested deeper than {_MAX_DEPTH} levels", line=line)
    if isinstance(holder.data, list):
        holder.data.append(value)
    elif holder.key is None:
        holder.key = _key(value, line)
        building.lines.of[id(holder.data), holder.key] = line
    else:
        key, holder.key = holder.key, None
        if key == _MERGE:
            holder.merges.append(value)
        elif key in holder.data:
            raise refusal(f"says `{key[:100]}` twice in one place", "keep one of them", line=line)
        else:
            holder.data[key] = value


def _key(value: Any, line: int) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool | int | float):
        return str(value).lower() if isinstance(value, bool) else str(value)
    raise refusal("a key is no text", "write it in quotes", line=line)


def _merge(into: dict[str, Any], merges: list[Any], line: int) -> None:
    """`<<: *base`: what the mapping does not say itself."""
    for merged in merges:
        for source in cast("list[Any]", merged if isinstance(merged, list) else [merged]):
            if not isinstance(source, dict):
                raise refusal("`<<` takes a mapping, or a list of them", line=line)
            for key, value in cast("dict[str, Any]", source).items():
                into.setdefault(key, value)


def _scalar(building: _Building, event: Any, line: int) -> Any:
    _check_tag(event.tag, line)
    if str(event.tag) in ("!vault", "!vault-encrypted"):
        return VAULTED
    text = str(event.value)
    return _typed(text, building.booleans) if event.implicit[0] and event.tag is None else text


def _check_tag(tag: Any, line: int) -> None:
    if tag is not None and str(tag) not in _OWN_TAGS and str(tag) not in _PLAIN_TAGS and str(tag) != "!":
        raise refusal("holds a YAML tag, which could make more than plain values", "write the value plainly", line=line)


def _typed(text: str, booleans: dict[str, bool]) -> Any:
    """A plain scalar by YAML's core schema; numbers too long for 64 bits stay text."""
    if text in _NULLS:
        return None
    if (lower := text.lower()) in booleans and text in (lower, lower.title(), lower.upper()):
        return booleans[lower]
    if _INTEGER.fullmatch(text) and len(text) <= _LONGEST_INTEGER and abs(int(text)) <= _HIGHEST_INTEGER:
        return int(text)
    if _FLOAT.fullmatch(text) and math.isfinite(number := float(text)):
        return number
    return text
