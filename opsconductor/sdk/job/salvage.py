"""Read as much of a refused document as can be read."""

import copy
from typing import Any, cast

from pydantic import ValidationError

from .document import JobDocument
from .paths import Place, SourceLines
from .plain import find, is_list, is_mapping
from .shape import LANES, errors_by_place

UNKNOWN_ACTION = "unknown/unknown@1"
"""Stands in a salvaged document where no action could be read."""


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
            for place, _ in errors_by_place(error, rest):
                _mend(rest, place)
    return None


def _mend(data: dict[str, Any], place: Place) -> None:
    node_end = next((i for i in range(len(place) - 1, 0, -1) if _is_node(place[: i + 1])), None)
    if node_end is None:
        _mend_top(data, place)
        return
    lane, index = find(data, place[:node_end]), cast("int", place[node_end])
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
    elif key == "with":
        del node["with"]
        node["uses"] = UNKNOWN_ACTION
    elif key == "needs":
        node["needs"] = [above["id"] for above in lane[:index] if is_mapping(above) and "id" in above]
    else:
        node.pop(key, None)


def _rename(lane: list[Any], old: Any, new: str) -> None:
    for needs in (node["needs"] for node in lane if is_mapping(node) and is_list(node.get("needs"))):
        needs[:] = [new if isinstance(old, str) and need == old else need for need in needs]


def _is_node(place: Place) -> bool:
    return isinstance(place[-1], int) and place[-2] in LANES and (len(place) == 2 or place[-3] == "block")
