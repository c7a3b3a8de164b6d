"""Texts as requests may hold them."""

import re
from collections.abc import Mapping
from math import isfinite
from typing import Annotated, Any, cast

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictInt, StringConstraints, model_validator

from opsconductor.errors import InvalidInputError, Problem

_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def _one_line(text: str) -> str:
    if _CONTROL.search(text):
        raise ValueError("must not hold control or direction characters")
    return text


_DEEPEST = 100
_UNKEEPABLE = re.compile(r"[\x00\ud800-\udfff]")


def _inside(value: object, path: str) -> list[tuple[object, str]]:
    """What a value holds, and where."""
    if isinstance(value, dict):
        items = cast("dict[object, object]", value).items()
        return [(item, f"{path}.{key}".lstrip(".")) for key, item in items] + [(key, path) for key, _ in items]
    if isinstance(value, list | tuple):
        return [(item, f"{path}[{index}]") for index, item in enumerate(cast("list[object]", value))]
    return []


def _fault(value: object) -> str | None:
    """Why PostgreSQL could not keep it."""
    if isinstance(value, str) and (found := _UNKEEPABLE.search(value)):
        return "must not hold a NUL character" if found[0] == "\x00" else "must not hold half a character (a surrogate)"
    if isinstance(value, float) and not isfinite(value):
        return "must be a finite number"
    return None


def _unkeepable(data: object) -> Problem | None:
    """The first thing in a body that could not be kept."""
    level = [(data, "")]
    for _ in range(_DEEPEST):
        for value, path in level:
            message = _fault(value)
            if message is not None:
                return Problem(_UNKEEPABLE.sub("", path), message)
        level = [inner for value, path in level for inner in _inside(value, path)]
        if not level:
            return None
    return Problem(level[0][1][:200], f"is nested deeper than {_DEEPEST} levels")


class RequestModel(BaseModel):
    """Base of every request body: unknown fields are refused, and so is what PostgreSQL cannot hold."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _refuse_unkeepable(cls, data: object) -> object:
        problem = _unkeepable(data)
        if problem is not None:
            # Not a ValueError: it passes through pydantic with the path that only we know.
            raise InvalidInputError([problem])
        return data


_FORMS: dict[str, str] = {}


def formed(pattern: str, words: str) -> StringConstraints:
    """A text of this form.

    Args:
        pattern: A regular expression.
        words: What it says, for people whose text is refused.
    """
    _FORMS[pattern] = words
    return StringConstraints(pattern=pattern)


def in_words(error: Mapping[str, Any]) -> tuple[str, str]:
    """Message and hint of what pydantic found wrong: never its input."""
    words = _FORMS.get(error.get("ctx", {}).get("pattern", ""))
    return ("is not of the form asked for", words) if words else (error["msg"], "")


VersionNumber = Annotated[StrictInt, Field(ge=1, le=2**31 - 1)]
Line = Annotated[str, AfterValidator(_one_line), StringConstraints(max_length=1000)]
Name = Annotated[str, AfterValidator(_one_line), StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Label = Annotated[
    str,
    formed(
        r"^[A-Za-z0-9][A-Za-z0-9_.@/-]{0,99}$",
        "up to 100 letters a-z, digits and _.@/- without spaces, the first a letter or digit",
    ),
]
"""A tag or group: what a selector can name without quoting."""
