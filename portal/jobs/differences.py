"""What changed between two documents: step by step, key by key."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

from opsconductor.sdk.job import Place, children, is_mapping, path_of

_LANES = ("steps", "rescue", "always")


@dataclass(frozen=True, slots=True)
class KeyDifference:
    """A key that one document has, or has otherwise."""

    key: str
    change: Literal["added", "removed", "changed"]
    before: Any = None
    after: Any = None


@dataclass(frozen=True, slots=True)
class StepDifference:
    """What became of a step.

    Attributes:
        lane: Where it stands: `steps`, or `deploy.rescue` inside a block.
        moved: Whether it stands elsewhere among the steps that both documents have.
    """

    id: str
    change: Literal["added", "removed", "changed"]
    lane: str
    moved: bool
    keys: list[KeyDifference]


@dataclass(frozen=True, slots=True)
class _Node:
    id: str
    lane: str
    facts: Mapping[str, Any]


def step_differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[StepDifference]:
    """What became of each step or block, in the order of the newer document; those that are gone come last."""
    old = {node.id: node for node in _nodes(before, "steps", "steps")}
    new = {node.id: node for node in _nodes(after, "steps", "steps")}
    moved = _moved(old, new)
    found: list[StepDifference] = []
    for node in new.values():
        former = old.get(node.id)
        keys = key_differences(former.facts if former else {}, node.facts)
        if former is None:
            found.append(StepDifference(node.id, "added", node.lane, False, keys))
        elif keys or node.id in moved:
            found.append(StepDifference(node.id, "changed", node.lane, node.id in moved, keys))
    gone = [node for node in old.values() if node.id not in new]
    return found + [StepDifference(n.id, "removed", n.lane, False, key_differences(n.facts, {})) for n in gone]


def setting_differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[KeyDifference]:
    """What changed outside of the steps."""
    return key_differences(_without(before, "steps"), _without(after, "steps"))


def key_differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[KeyDifference]:
    """Keys that differ, by their path; lists are compared whole."""
    old, new = dict(_leaves(before, ())), dict(_leaves(after, ()))
    found: list[KeyDifference] = []
    for place in sorted(old.keys() | new.keys(), key=path_of):
        key = path_of(place)
        if place not in old:
            found.append(KeyDifference(key, "added", after=new[place]))
        elif place not in new:
            found.append(KeyDifference(key, "removed", before=old[place]))
        elif _text(old[place]) != _text(new[place]):
            found.append(KeyDifference(key, "changed", old[place], new[place]))
    return found


def _nodes(around: Mapping[str, Any], key: str, lane: str) -> Iterator[_Node]:
    for node in children(around.get(key)).values():
        yield _Node(node["id"], lane, _without(node, "id", "block"))
        for inner in _LANES:
            yield from _nodes(node.get("block", {}), inner, f"{node['id']}.{inner}")


def _moved(old: Mapping[str, _Node], new: Mapping[str, _Node]) -> set[str]:
    elsewhere = {name for name in old.keys() & new.keys() if old[name].lane != new[name].lane}
    stayed = old.keys() & new.keys() - elsewhere
    # Grouped by lane, so that a block that moves does not take its steps along.
    former = sorted((name for name in old if name in stayed), key=lambda name: old[name].lane)
    latter = sorted((name for name in new if name in stayed), key=lambda name: new[name].lane)
    kept: set[str] = set()
    for block in SequenceMatcher(None, former, latter, autojunk=False).get_matching_blocks():
        kept.update(former[block.a : block.a + block.size])
    return elsewhere | (stayed - kept)


def _leaves(value: Any, place: Place) -> Iterator[tuple[Place, Any]]:
    if not (is_mapping(value) and (value or not place)):
        yield place, value
        return
    for key, inner in value.items():
        yield from _leaves(inner, (*place, key))


def _without(mapping: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {name: value for name, value in mapping.items() if name not in keys}


def _text(value: Any) -> str:
    """JSON, in which 1 and true, or 1 and 1.0, are not the same."""
    return json.dumps(value, sort_keys=True)
