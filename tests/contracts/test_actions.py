"""The standard that every action of every built-in library keeps."""

import contextlib
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import BaseModel

from opsconductor.errors import OpsError
from opsconductor.sdk.action import AnyAction
from steplib.loader import load
from tests.cases.case import cases, host_of, perform

REGISTRY = load()
ACTIONS = list(REGISTRY)
CASES: Mapping[str, list[dict[str, Any]]] = defaultdict(list)
for _ref, _case in cases():
    CASES[_ref].append(_case)


def each(actions: list[AnyAction]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("action", actions, ids=lambda action: action.ref)


def test_every_built_in_library_loads() -> None:
    assert REGISTRY.broken == {}
    assert set(REGISTRY.versions) >= {"core", "data", "linux", "notify"}


def test_every_case_belongs_to_an_action() -> None:
    assert {ref for ref in CASES if REGISTRY.find(ref) is None} == set()


@each(ACTIONS)
def test_has_cases_for_what_works_and_for_what_does_not(action: AnyAction) -> None:
    assert any("error" not in case for case in CASES[action.ref]) or action.name == "fail"
    if action.parameters.model_fields:
        assert any("error" in case for case in CASES[action.ref])


@each(ACTIONS)
def test_has_a_case_of_its_dry_run(action: AnyAction) -> None:
    if action.effect != "read" or action.check is not None:
        assert any(case.get("check") for case in CASES[action.ref])


@each(ACTIONS)
def test_describes_itself(action: AnyAction) -> None:
    assert len(action.docstring) > len(action.summary)
    undescribed = [model.__name__ + "." + name for model, name, text in _fields(action) if not text]
    assert undescribed == []


@each(ACTIONS)
def test_its_schemas_can_be_published(action: AnyAction) -> None:
    entry = next(item for item in REGISTRY.catalogue() if item["ref"] == action.ref)

    assert entry["parameters"]["additionalProperties"] is False
    assert set(entry["parameters"]["properties"]) == set(action.parameters.model_fields)
    if action.outputs:
        assert set(entry["outputs"]["properties"]) == set(action.outputs.model_fields)


@each([action for action in ACTIONS if action.scope == "target"])
async def test_guards_one_command_if_and_only_if_it_is_for_once(action: AnyAction) -> None:
    guarded = [await _guarded(action, case) for case in CASES[action.ref]]

    assert max(guarded) == (1 if action.effect == "once" else 0)


@each([action for action in ACTIONS if action.effect == "read" and action.scope == "target"])
async def test_a_reading_action_says_unchanged(action: AnyAction) -> None:
    for case in CASES[action.ref]:
        if "error" not in case:
            assert not (await perform(action, host_of(case), case)).did_change


# What `command.read` runs is its author's, whose word it takes.
@each([action for action in ACTIONS if action.scope == "target" and action.name != "command.read"])
async def test_a_dry_run_never_changes(action: AnyAction) -> None:
    reads = ("facts", "uptime", "connection.test", "file.read ", "process.list ")
    harmless = ("look ", "test ", "systemctl show ", "df ", *reads)
    for case in CASES[action.ref]:
        host = host_of(case)
        with contextlib.suppress(OpsError):
            await perform(action, host, {**case, "check": True})
        assert [line for line in host.commands if not line.startswith(harmless)] == [], case["name"]


async def _guarded(action: AnyAction, case: dict[str, Any]) -> int:
    host = host_of(case)
    with contextlib.suppress(OpsError):
        await perform(action, host, case)
    return sum(call.once for call in host.calls)


def _fields(action: AnyAction) -> list[tuple[type[BaseModel], str, str | None]]:
    models = [action.parameters, *([action.outputs] if action.outputs else [])]
    return [(model, name, info.description) for model in models for name, info in model.model_fields.items()]
