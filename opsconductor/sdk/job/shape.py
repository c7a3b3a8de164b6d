"""Turn data into a document, or into problems that people can act on."""

import copy
import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

from pydantic import ValidationError

from opsconductor.errors import Problem

from .document import Block, JobDocument, Lanes, Need, Retry, Step, Strategy, Targets
from .parameters import Parameter, ValueSchema
from .paths import Place, SourceLines, did_you_mean, path_of, printable
from .plain import children, is_list, is_mapping

LANES = ("steps", "rescue", "always")
UNKNOWN_ACTION = "unknown/unknown@1"
"""Stands in a salvaged document where no action could be read."""

_MODELS: dict[str, Any] = {"targets": Targets, "strategy": Strategy, "retry": Retry, "items": ValueSchema}
_EXPECTED = {
    "string_type": "must be text", "int_type": "must be a whole number", "float_type": "must be a number",
    "bool_type": "must be true or false", "dict_type": "must be a mapping", "model_type": "must be a mapping",
    "model_attributes_type": "must be a mapping", "tuple_type": "must be a list", "list_type": "must be a list",
}  # fmt: skip
_LIMITS = {
    "greater_than": "must be above {gt}", "greater_than_equal": "must be at least {ge}",
    "less_than": "must be below {lt}", "less_than_equal": "must be at most {le}",
    "string_too_long": "is longer than {max_length} characters", "string_too_short": "is empty",
    "too_long": "has more than {max_length} entries",
}  # fmt: skip
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


def validate(data: Any, lines: SourceLines) -> tuple[JobDocument | None, list[Problem]]:
    """The document that the data is, or what keeps it from being one."""
    try:
        return JobDocument.model_validate(data).at_lines(lines), []
    except ValidationError as error:
        return None, list(_problems(error, data, lines))


def salvage(data: Any, lines: SourceLines) -> JobDocument | None:
    """As much of a refused document as can be read, so that its other problems can be named too.

    Places never shift: what cannot be read is replaced or left out, never moved.
    """
    rest = copy.deepcopy(data)
    for _ in range(4):
        try:
            return JobDocument.model_validate(rest).at_lines(lines)
        except ValidationError as error:
            if not is_mapping(rest):
                return None
            for place, _ in _errors(error, rest):
                _mend(rest, place)
    return None


def _problems(error: ValidationError, data: Any, lines: SourceLines) -> Iterator[Problem]:
    for place, details in _errors(error, data):
        message, hint = _explain(details["type"], place, details.get("ctx", {}), details["input"], data)
        yield Problem(path_of(place), message, hint, lines.find(place))


def _errors(error: ValidationError, data: Any) -> Iterator[tuple[Place, Any]]:
    """One error for each place: the other arms of a union say the same about the same value."""
    seen: set[Place] = set()
    for details in error.errors(include_url=False):
        place = _place(details["loc"])
        is_echo = details["type"] == "too_short" and _find(data, place)  # its entries were refused, each by itself
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


def _explain(kind: str, place: Place, facts: Mapping[str, Any], value: Any, data: Any) -> tuple[str, str]:
    key = next((part for part in reversed(place) if isinstance(part, str)), "")
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
        return f"`{_shown(value)}` is not a `{key}`", did_you_mean(str(value), choices) or _HINTS.get(key, "")
    if kind == "too_short":
        return "must not be empty", "leave the key out" if key != "steps" else "write at least one step"
    return say(kind, facts, value, "is not what belongs here"), _HINTS.get(key, "")


def say(kind: str, facts: Mapping[str, Any], value: Any, otherwise: str) -> str:
    """A sentence about a refused value for one of pydantic's kinds of error; no value is repeated."""
    if kind in _LIMITS:
        return _LIMITS[kind].format(**facts)
    expected = _EXPECTED.get(kind)
    return f"{expected}, but this is {_kind_name(value)}" if expected else otherwise


def _missing_hint(place: Place) -> str:
    key = place[-1]
    if key == "uses":
        return "a step has `uses: library/noun.verb@major`, a block has `block:`"
    if key == "id":
        return "give it a name such as `check_disk`"
    if key == "type":
        return "write `type: string`, integer, number, boolean, array, object or secret"
    return _HINTS.get(str(key), "")


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
        return Block if _find(data, (*place, "block")) is not None else Step
    if around == "parameters" and len(place) == 2:
        return Parameter
    return Lanes if last == "block" else _MODELS.get(last, JobDocument)


def _find(data: Any, place: Place) -> Any:
    for part in place:
        data = children(data).get(part)
    return data


def _as_id(text: str) -> str:
    words = re.sub(r"[^A-Za-z0-9_]+", "_", text).strip("_")[:63]
    return words if words[:1].isalpha() else f"step_{words}".rstrip("_")


def _shown(value: Any) -> str:
    return printable(value if isinstance(value, str) else repr(value))


def _kind_name(value: Any) -> str:
    names = {bool: "true or false", int: "a number", float: "a number", str: "text", dict: "a mapping", list: "a list"}
    return names.get(cast("type[Any]", type(value)), "nothing")


def _mend(data: dict[str, Any], place: Place) -> None:
    node_end = next((i for i in range(len(place) - 1, 0, -1) if _is_node(place[: i + 1])), None)
    if node_end is None:
        _mend_top(data, place)
        return
    lane, index = _find(data, place[:node_end]), cast("int", place[node_end])
    if not is_list(lane) or index >= len(lane):
        return
    _mend_node(lane, index, str(place[node_end + 1]) if len(place) > node_end + 1 else "", place)


def _mend_top(data: dict[str, Any], place: Place) -> None:
    required: dict[str, Any] = {"apiVersion": "opsconductor/v1", "kind": "Job", "name": "unnamed"}
    top = str(place[0]) if place else ""
    if top in required:
        data[top] = required[top]
    elif top == "parameters" and len(place) > 1 and is_mapping(data[top]):
        # Still a name that expressions may use, whatever it holds.
        data[top][str(place[1])] = {"type": "object"}
    else:
        data.pop(top, None)


def _mend_node(lane: list[Any], index: int, key: str, place: Place) -> None:
    stand_in = "unread_" + "_".join(str(part) for part in place if isinstance(part, int))
    node = lane[index]
    if not is_mapping(node) or not key:
        lane[index] = {"id": stand_in, "uses": UNKNOWN_ACTION}
    elif key == "id":
        _rename(lane, node.get("id"), stand_in)
        node["id"] = stand_in
    elif key == "uses" and "block" in node:
        del node["uses"]
    elif key in {"uses", "block"}:
        lane[index] = {name: node[name] for name in ("id", "needs", "on", "join", "when") if name in node}
        lane[index]["uses"] = UNKNOWN_ACTION
    elif key == "needs":
        node["needs"] = [above["id"] for above in lane[:index] if is_mapping(above) and "id" in above]
    else:
        node.pop(key, None)


def _rename(lane: list[Any], old: Any, new: str) -> None:
    for needs in (node["needs"] for node in lane if is_mapping(node) and is_list(node.get("needs"))):
        needs[:] = [new if isinstance(old, str) and need == old else need for need in needs]


def _is_node(place: Place) -> bool:
    return isinstance(place[-1], int) and place[-2] in LANES and (len(place) == 2 or place[-3] == "block")
