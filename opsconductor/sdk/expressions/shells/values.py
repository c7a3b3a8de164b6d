"""The text of a value in a command line."""

import json
from collections.abc import Callable
from typing import Any, cast

Write = Callable[[Any], str]


def text_of(value: Any) -> str:
    """A value as one argument: texts as they are, everything else as JSON.

    Raises:
        ValueError: It has no text, or one that no command line can carry.
    """
    if value is None:
        raise ValueError("the value is null, which has no text")
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if "\0" in text:
        raise ValueError("the value holds a NUL character, which no command line can carry")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("the value holds half a character (a lone surrogate)") from None
    return text


def writer(quote: Callable[[str], str], *, alone: bool, around: str = "") -> Write:
    """Make the function that writes a value at one place.

    Args:
        quote: Quotes one argument.
        alone: Whether nothing is joined to the value, so that a list may become several arguments.
        around: The author's quotes that enclose the place: they are closed before the value and opened after it.
    """

    def write(value: Any) -> str:
        if isinstance(value, list):
            if not alone:
                raise ValueError("the value is a list, which becomes several arguments: it has to stand alone")
            return " ".join(quote(text_of(element)) for element in cast("list[Any]", value))
        return f"{around}{quote(text_of(value))}{around}"

    return write
