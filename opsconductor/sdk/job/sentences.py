"""Sentences and hints for what is wrong with a value, instead of a validator's words."""

import re
from collections.abc import Mapping
from typing import Any, cast

from .document import Block, JobDocument, Lanes, Need, Retry, Step, Strategy, Targets
from .parameters import Parameter, ValueSchema
from .paths import Place, did_you_mean, printable
from .plain import find

_MODELS: dict[str, Any] = {"targets": Targets, "strategy": Strategy, "retry": Retry, "items": ValueSchema}
_EXPECTED = {
    "string_type": ("must be text", "put it in quotes"),
    "int_type": ("must be a whole number", "write digits, without quotes"),
    "float_type": ("must be a number", "write digits, without quotes"),
    "bool_type": ("must be true or false", "write it without quotes"),
    "dict_type": ("must be a mapping", "write `key: value` lines"),
    "model_type": ("must be a mapping", "write `key: value` lines"),
    "tuple_type": ("must be a list", "write `[first, second]` or lines that begin with `- `"),
    "list_type": ("must be a list", "write `[first, second]` or lines that begin with `- `"),
}
_LIMITS = {
    "greater_than": ("must be above {gt}", "write more than {gt}"),
    "greater_than_equal": ("must be at least {ge}", "write {ge} or more"),
    "less_than": ("must be below {lt}", "write less than {lt}"),
    "less_than_equal": ("must be at most {le}", "write {le} or less"),
    "string_too_long": ("is longer than {max_length} characters", "shorten it"),
    "string_too_short": ("is empty", "write something, or leave the key out"),
    "too_long": ("has more than {max_length} entries", "write fewer"),
}
_FORMS = {
    "id": ("is no id: ids are letters, digits and `_`, and begin with a letter", ""),
    "uses": ("is no action reference", "write `library/noun.verb@major`, such as `linux/service.start@1`"),
    "name": ("holds line breaks or control characters", "write it on one line"),
}
_HINTS = {
    "when": 'an expression is text; put it in quotes, such as "params.count > 3"',
    "apiVersion": "this version reads `apiVersion: opsconductor/v1`",
    "kind": "write `kind: Job`",
    "needs": "write a list of step ids, such as `needs: [probe]`",
    "layout": "write `step_id: [x, y]`",
}


def explain(kind: str, place: Place, facts: Mapping[str, Any], value: Any, data: Any) -> tuple[str, str]:
    """Message and hint for one of pydantic's errors at a place of the data."""
    key = next((part for part in reversed(place) if isinstance(part, str)), "")
    key = "layout" if place[:1] == ("layout",) else key
    if kind == "missing" and isinstance(place[-1], int):
        return "this entry is missing", _HINTS.get(key, "write one more")
    if kind == "missing":
        return f"`{key}` is missing", _missing_hint(place)
    if kind == "extra_forbidden":
        return _unknown_field(place, data)
    if "batches" in place or key == "max_failures":
        return f"`{_shown(value)}` is no size", "write a count such as 5 or a percentage such as 10%"
    if kind == "string_pattern_mismatch":
        message, hint = _FORMS.get(key, ("is not in the form it must have", ""))
        if key == "id":
            hint = f"write `{_as_id(str(value))}`"
        return f"`{_shown(value)}` {message}", hint
    if kind == "literal_error":
        choices = re.findall(r"'([^']*)'", str(facts.get("expected", "")))
        return f"`{_shown(value)}` is no value of `{key}`", did_you_mean(str(value), choices) or _HINTS.get(key, "")
    if kind == "too_short":
        return "must not be empty", "leave the key out" if key != "steps" else "write at least one step"
    message, hint = say(kind, facts, value, "is not what belongs here")
    return message, _HINTS.get(key, hint)


def say(kind: str, facts: Mapping[str, Any], value: Any, otherwise: str) -> tuple[str, str]:
    """Message and hint about a refused value for one of pydantic's kinds of error; the value is not repeated."""
    if kind in _LIMITS:
        message, hint = _LIMITS[kind]
        return message.format(**facts), hint.format(**facts)
    expected, hint = _EXPECTED.get(kind, ("", ""))
    return (f"{expected}, but this is {_kind_name(value)}", hint) if expected else (otherwise, "")


def _missing_hint(place: Place) -> str:
    key = place[-1]
    if key == "uses":
        return "a step has `uses: library/noun.verb@major`, a block has `block:`"
    if key == "id":
        return "give it a name such as `check_disk`"
    if key == "type":
        return "write `type: string`, integer, number, boolean, array, object or secret"
    return _HINTS.get(str(key), f"add `{key}: …`")


def _unknown_field(place: Place, data: Any) -> tuple[str, str]:
    key = str(place[-1])
    model = _model_at(place[:-1], data)
    if key == "uses" and model is Block:
        return "a node has either `uses` or `block`", "put the step inside the block, or beside it"
    known = [field.alias or name for name, field in model.model_fields.items()]
    return f"`{printable(key)}` is not a field", did_you_mean(key, known)


def _model_at(place: Place, data: Any) -> Any:
    if not place:
        return JobDocument
    last, around = place[-1], place[-2] if len(place) > 1 else ""
    if isinstance(last, int):
        if around == "needs":
            return Need
        return Block if find(data, (*place, "block")) is not None else Step
    if around == "parameters" and len(place) == 2:
        return Parameter
    return Lanes if last == "block" else _MODELS.get(last, JobDocument)


def _as_id(text: str) -> str:
    words = re.sub(r"[^A-Za-z0-9_]+", "_", text).strip("_")[:63]
    return words if words[:1].isalpha() else f"step_{words}".rstrip("_")


def _shown(value: Any) -> str:
    return printable(value if isinstance(value, str) else repr(value))


def _kind_name(value: Any) -> str:
    names = {bool: "true or false", int: "a number", float: "a number", str: "text", dict: "a mapping", list: "a list"}
    return names.get(cast("type[Any]", type(value)), "nothing")
