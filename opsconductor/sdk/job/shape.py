"""Turn data into a document, or into problems that people can act on."""

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from opsconductor.errors import Problem

from .document import JobDocument
from .paths import MAX_NAMED, Place, SourceLines, path_of
from .plain import find
from .sentences import explain

LANES = ("steps", "rescue", "always")


def validate(data: Any, lines: SourceLines) -> tuple[JobDocument | None, list[Problem]]:
    """The document that the data is, or what keeps it from being one."""
    try:
        return JobDocument.model_validate(data).at_lines(lines), []
    except ValidationError as error:
        return None, list(_problems(error, data, lines))


def _problems(error: ValidationError, data: Any, lines: SourceLines) -> Iterator[Problem]:
    for count, (place, details) in enumerate(errors_by_place(error, data)):
        if count == MAX_NAMED:
            yield Problem("", f"there are more than {MAX_NAMED} problems", "mend these first")
            return
        message, hint = explain(details["type"], place, details.get("ctx", {}), details["input"], data)
        yield Problem(path_of(place), message, hint, lines.find(place))


def errors_by_place(error: ValidationError, data: Any) -> Iterator[tuple[Place, Any]]:
    """One error for each place: the other arms of a union say the same about the same value."""
    seen: set[Place] = set()
    for details in error.errors(include_url=False):
        place = _place(details["loc"])
        is_echo = details["type"] == "too_short" and find(data, place)  # its entries were refused, each by itself
        if place not in seen and not is_echo:
            seen.add(place)
            yield place, details


def _place(loc: tuple[str | int, ...]) -> Place:
    """The place in the document: pydantic also puts the names of union arms into a location."""
    return tuple(part for index, part in enumerate(loc) if not _is_arm(part, loc[:index]))


def _is_arm(part: str | int, before: tuple[str | int, ...]) -> bool:
    if len(before) < 1 or isinstance(part, int):
        return False
    if part in {"step", "block"}:
        return isinstance(before[-1], int) and len(before) > 1 and before[-2] in LANES
    in_enum = len(before) > 1 and before[-2] == "enum"
    is_number_or_text = part in {"int", "float", "str"} and (in_enum or before[-1] in {"minimum", "maximum"})
    return part.startswith("constrained-") or is_number_or_text
