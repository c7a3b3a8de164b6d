"""Docstrings of the typed client, from what the OpenAPI document says."""

import re
import textwrap
from collections.abc import Iterable, Mapping

from tests.contracts.client_types import Schema, Types

_WIDTH = 120
_ERRORS = {
    "404": ("NotFoundError", "Something that is named is not there, or out of sight."),
    "409": ("ConflictError", "The state of things is against it; the message says what."),
    "422": ("InvalidInputError", "Values are refused; `problems` names each."),
}
_KEYS = {
    "attempt": "Number of the attempt, from 1.",
    "step_id": "Id of the step in its job.",
    "step_ord": "Number of the step in the run.",
    "version": "Number of the version.",
}
_FIELDS = {
    "cursor": "Where to go on: what the answer before this one said.",
    "size": "How many items a page has.",
}


def docstring(text: str, sections: Mapping[str, Iterable[tuple[str, str]]], indent: int) -> list[str]:
    """The lines of a docstring.

    Args:
        text: What the thing is or does; paragraphs are kept.
        sections: Title → what stands there: names (or none) with what is said of them.
        indent: How many spaces stand before it.
    """
    first, *more = [" ".join(each.split()) for each in text.split("\n\n")]
    paragraphs = [_wrapped(f'"""{_ended(first)}', indent)] + [_wrapped(_ended(each), indent) for each in more]
    for title, items in sections.items():
        said = [
            _wrapped(f"{name}: {what}" if name else what, indent + 4, hanging=4 * bool(name)) for name, what in items
        ]
        if said:
            paragraphs.append("\n".join([" " * indent + title + ":", *said]))
    lines = "\n\n".join(paragraphs).replace("\\", "\\\\").splitlines()
    one_line = len(lines) == 1 and len(lines[0]) + 3 <= _WIDTH
    return [lines[0] + '"""'] if one_line else [*lines, " " * indent + '"""']


def class_docstring(schema: Schema, name: str, fields: Mapping[str, Schema]) -> list[str]:
    """The docstring of a class with fields: those that need words have them."""
    said = [(field, _line(each.get("description") or _FIELDS.get(field, ""))) for field, each in fields.items()]
    attributes = [(field, what) for field, what in said if what]
    return docstring(described(schema, name), {"Attributes": attributes}, 4)


def method_sections(
    operation: Schema, path: str, many: tuple[str, str] | None, returned: str, answers: Types
) -> dict[str, list[tuple[str, str]]]:
    """Arguments, answer and errors of a method.

    Args:
        operation: What the document says of it.
        path: Its path.
        many: Name and class of its keyword arguments.
        returned: Type of what it gives.
        answers: The types of all answers.
    """
    parameters = {each["name"]: each for each in operation.get("parameters", ())}
    arguments = [(name, _key(name, parameters[name])) for name in re.findall(r"{(\w+)}", path)]
    for header, name in HEADERS.items():
        if header in parameters:
            arguments.append((name, _line(parameters[header]["description"])))
    if many:
        arguments.append((f"**{many[0]}", f"The fields of `{many[1]}`."))
    return {"Args": arguments, "Returns": _returns(returned, answers), "Raises": _raises(operation, many)}


HEADERS = {"Idempotency-Key": "idempotency_key", "if-match": "if_match"}
"""Headers that are arguments of methods."""


def described(schema: Schema, name: str) -> str:
    """What the document says of a thing, at least its name."""
    return str(schema.get("description") or schema.get("summary") or name)


def _returns(returned: str, answers: Types) -> list[tuple[str, str]]:
    names = [name for name in re.findall(r"\w+", returned) if answers.sentence(name)]
    said = " ".join(f"`{name}`: {_line(answers.sentence(name))}" for name in names)
    if returned.endswith("Iterator[bytes]"):
        return [("", "The file, piece by piece as it arrives.")]
    if "Iterator[" in returned:
        return [("", f"One after the other; the next page is fetched when it is read. {said}".strip())]
    return [("", said)] if said else []


def _raises(operation: Schema, many: tuple[str, str] | None) -> list[tuple[str, str]]:
    return [_ERRORS[status] for status in operation["responses"] if status in _ERRORS and (status != "422" or many)]


def _key(name: str, parameter: Schema) -> str:
    values = parameter["schema"].get("enum")
    if parameter.get("description"):
        return _line(parameter["description"])
    if values:
        return f"One of {', '.join(f'`{value}`' for value in values)}."
    return _KEYS.get(name) or f"Id of the {name.removesuffix('_id').replace('_', ' ')}."


def _line(text: str) -> str:
    line = " ".join(text.split("\n\n")[0].split())
    return _ended(line) if line else ""


def _ended(text: str) -> str:
    return text if text.endswith((".", ":")) else text + "."


def _wrapped(text: str, indent: int, *, hanging: int = 0) -> str:
    before = " " * indent
    return textwrap.fill(
        text, _WIDTH, initial_indent=before, subsequent_indent=before + " " * hanging,
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
