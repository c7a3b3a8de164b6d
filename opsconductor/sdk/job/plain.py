"""What JSON data from strangers may hold before anyone looks at it."""

import math
from collections.abc import Iterator, Mapping
from typing import Any, TypeGuard, cast

from opsconductor.errors import Problem

from .paths import MAX_NAMED, Place, path_of

MAX_DEPTH = 32
MAX_VALUES = 50_000
MAX_TEXT = 256 * 1024
_INT64 = 2**63


def is_mapping(value: Any) -> TypeGuard[dict[str, Any]]:
    """Whether a JSON value is a mapping."""
    return isinstance(value, dict)


def is_list(value: Any) -> TypeGuard[list[Any]]:
    """Whether a JSON value is a list."""
    return isinstance(value, list)


def children(value: Any) -> Mapping[str | int, Any]:
    """What a mapping or list holds, by key or index; nothing for other values."""
    if is_mapping(value):
        return cast("dict[str | int, Any]", value)
    return dict[str | int, Any](enumerate(value)) if is_list(value) else {}


def find(data: Any, place: Place) -> Any:
    """The value at a place; None when there is none."""
    for part in place:
        data = children(data).get(part)
    return data


def plain_problems(data: Any, place: Place = ()) -> list[Problem]:
    """Why the data is not plain JSON of a bearable size; empty when it is."""
    problems: list[Problem] = []
    for count, (where, value) in enumerate(_values(data, place), 1):
        if count > MAX_VALUES:
            problems.append(Problem(path_of(place), f"holds more than {MAX_VALUES} values", "split it"))
            break
        if len(where) - len(place) > MAX_DEPTH:
            problems.append(Problem(path_of(where[:8]), f"nested deeper than {MAX_DEPTH} levels", "flatten it"))
            break
        message = _refusal(value)
        if message and len(problems) < MAX_NAMED:
            problems.append(Problem(path_of(where), message, "a job holds plain JSON values of bearable size"))
    return problems


def _values(data: Any, place: Place) -> Iterator[tuple[Place, Any]]:
    waiting: list[tuple[Place, Any]] = [(place, data)]
    while waiting:
        where, value = waiting.pop()
        yield where, value
        if is_mapping(value):
            waiting.extend(((*where, str(key)), inner) for key, inner in reversed(value.items()))
        elif is_list(value):
            waiting.extend(((*where, index), value[index]) for index in range(len(value) - 1, -1, -1))


def _refusal(value: Any) -> str:
    if isinstance(value, dict):
        keys = cast("dict[Any, Any]", value)
        if any(not isinstance(key, str) for key in keys):
            return "has a key that is not text"
        return next((message for key in keys if (message := _text_refusal(key))), "")
    if isinstance(value, str):
        return _text_refusal(value)
    if isinstance(value, float):
        return "" if math.isfinite(value) else "is not a finite number"
    if isinstance(value, int):
        return "" if -_INT64 <= value < _INT64 else "does not fit into 64 bits"
    return "" if value is None or isinstance(value, list) else f"is a {type(value).__name__}, which JSON does not have"


def _text_refusal(text: str) -> str:
    if len(text) > MAX_TEXT:
        return f"is longer than {MAX_TEXT} characters"
    if "\0" in text:
        return "holds a NUL character"
    return "holds half a character (a lone surrogate)" if any("\ud800" <= char <= "\udfff" for char in text) else ""
