"""A structural diff says everything that changed, and nothing else."""

from copy import deepcopy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from portal.jobs.differences import key_differences, setting_differences, step_differences

KEYS = st.text(st.characters(codec="ascii", categories=["L", "N", "P"]), max_size=3)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=12,
)
FACTS = st.dictionaries(KEYS, JSON, max_size=4)
DOCUMENT: dict[str, Any] = {
    "name": "x",
    "steps": [
        {"id": "a", "uses": "core/log@1", "with": {"message": "one"}},
        {"id": "b", "block": {"steps": [{"id": "c", "uses": "core/log@1"}], "rescue": [{"id": "d", "uses": "x/y@1"}]}},
        {"id": "e", "uses": "core/log@1", "needs": ["a"]},
    ],
}


@given(FACTS)
def test_the_same_has_no_differences(facts: dict[str, Any]):
    assert key_differences(facts, deepcopy(facts)) == []


@given(FACTS, FACTS)
def test_differences_carry_one_into_the_other(before: dict[str, Any], after: dict[str, Any]):
    found = key_differences(before, after)
    assert (found == []) == (repr(sorted_deep(before)) == repr(sorted_deep(after)))
    back = {difference.key: (difference.after, difference.before) for difference in key_differences(after, before)}
    assert back == {difference.key: (difference.before, difference.after) for difference in found}


def sorted_deep(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: sorted_deep(value[key]) for key in sorted(value)}
    return [sorted_deep(item) for item in value] if isinstance(value, list) else value


def test_true_is_not_one():
    assert [found.change for found in key_differences({"a": True}, {"a": 1})] == ["changed"]


def changes(edit: Any) -> list[tuple[str, str, str, bool, list[str]]]:
    edited = deepcopy(DOCUMENT)
    edit(edited["steps"])
    return [
        (step.id, step.change, step.lane, step.moved, [key.key for key in step.keys])
        for step in step_differences(DOCUMENT, edited)
    ]


def test_each_step_is_known_by_its_id_wherever_it_stands():
    assert changes(lambda steps: steps.pop(0)) == [("a", "removed", "steps", False, ["uses", "with.message"])]
    assert changes(lambda steps: steps[1]["block"]["rescue"].append({"id": "n", "uses": "x/y@1"})) == [
        ("n", "added", "b.rescue", False, ["uses"])
    ]
    assert changes(lambda steps: steps[1]["block"]["steps"][0].update(when="true")) == [
        ("c", "changed", "b.steps", False, ["when"])
    ]
    assert changes(lambda steps: steps.insert(0, steps.pop())) == [("e", "changed", "steps", True, [])]
    assert changes(lambda steps: steps.append(steps[1]["block"]["rescue"].pop())) == [
        ("d", "changed", "steps", True, [])
    ]
    assert changes(lambda steps: steps.reverse()) != []


def test_settings_are_what_is_outside_of_the_steps():
    after = DOCUMENT | {"name": "y", "targets": {"select": "all"}, "steps": []}
    assert [(found.key, found.change) for found in setting_differences(DOCUMENT, after)] == [
        ("name", "changed"),
        ("targets.select", "added"),
    ]
