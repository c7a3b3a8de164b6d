"""Texts as requests may hold them."""

import re
from typing import Annotated, cast

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints, model_validator

from opsconductor.errors import InvalidInputError, Problem

_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def _one_line(text: str) -> str:
    if _CONTROL.search(text):
        raise ValueError("must not hold control or direction characters")
    return text


def _nul_path(value: object, path: str = "") -> str | None:
    """Where a NUL character is."""
    if isinstance(value, str):
        return path if "\x00" in value else None
    if isinstance(value, dict):
        items = cast("dict[object, object]", value).items()
        inner = [(item, f"{path}.{key}".lstrip(".")) for key, item in items] + [(key, path) for key, _ in items]
    elif isinstance(value, list | tuple):
        inner = [(item, f"{path}[{index}]") for index, item in enumerate(cast("list[object]", value))]
    else:
        return None
    return next((found for item, where in inner if (found := _nul_path(item, where)) is not None), None)


class RequestModel(BaseModel):
    """Base of every request body: unknown fields are refused, and so is NUL, which PostgreSQL cannot hold."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _refuse_nul(cls, data: object) -> object:
        path = _nul_path(data)
        if path is not None:
            # Not a ValueError: it passes through pydantic with the path that only we know.
            raise InvalidInputError([Problem(path.replace("\x00", ""), "must not hold a NUL character")])
        return data


Line = Annotated[str, AfterValidator(_one_line), StringConstraints(max_length=1000)]
Name = Annotated[str, AfterValidator(_one_line), StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Label = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.@/-]{0,99}$")]
"""A tag or group: what a selector can name without quoting."""
