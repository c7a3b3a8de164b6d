"""Texts as requests may hold them."""

import re
from typing import Annotated, cast

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints, model_validator

_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def _one_line(text: str) -> str:
    if _CONTROL.search(text):
        raise ValueError("must not hold control or direction characters")
    return text


def _contains_nul(value: object) -> bool:
    if isinstance(value, str):
        return "\x00" in value
    if isinstance(value, dict):
        items = cast("dict[object, object]", value)
        return any(_contains_nul(part) for item in items.items() for part in item)
    if isinstance(value, list | tuple):
        return any(_contains_nul(item) for item in cast("list[object]", value))
    return False


class RequestModel(BaseModel):
    """Base of every request body: unknown fields are refused, and so is NUL, which PostgreSQL cannot hold."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _refuse_nul(cls, data: object) -> object:
        if _contains_nul(data):
            raise ValueError("must not hold a NUL character")
        return data


Line = Annotated[str, AfterValidator(_one_line), StringConstraints(max_length=1000)]
Name = Annotated[str, AfterValidator(_one_line), StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Label = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.@/-]{0,99}$")]
"""A tag or group: what a selector can name without quoting."""
