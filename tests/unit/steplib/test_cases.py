"""Every YAML case of every action: given replies and arguments, what is run and what comes back."""

import re
from typing import Any

import pytest

from opsconductor import errors
from opsconductor.sdk.action import Result
from opsconductor.sdk.testing import FakeHost
from steplib.loader import load
from tests.cases.case import cases, host_of, perform

REGISTRY = load()
KNOWN = {
    "name",
    "check",
    "arguments",
    "replies",
    "login",
    "commands",
    "calls",
    "argv",
    "once",
    "sudo",
    "stdin",
    "changed",
    "summary",
    "outputs",
    "stdout",
    "error",
}


@pytest.mark.parametrize(
    ("ref", "case"), [pytest.param(ref, case, id=f"{ref}: {case['name']}") for ref, case in cases()]
)
async def test_case(ref: str, case: dict[str, Any]) -> None:
    assert set(case) <= KNOWN, f"the case says {set(case) - KNOWN}, which nobody reads"
    action = REGISTRY.find(ref)
    assert action is not None
    host = host_of(case)

    if "error" in case:
        with pytest.raises(getattr(errors, case["error"]["type"])) as caught:
            await perform(action, host, case)
        assert re.search(case["error"]["match"], str(caught.value)), str(caught.value)
    else:
        compare(case, await perform(action, host, case))
    compare_calls(case, host)


def compare(case: dict[str, Any], result: Result[Any]) -> None:
    if "changed" in case:
        assert result.did_change is case["changed"]
    if "summary" in case:
        assert result.summary == case["summary"]
    if "stdout" in case:
        assert result.stdout == case["stdout"]
    values = result.values
    for name, value in case.get("outputs", {}).items():
        assert values[name] == value, name


def compare_calls(case: dict[str, Any], host: FakeHost) -> None:
    if "commands" in case:
        assert host.commands == case["commands"]
    if "argv" in case:
        assert list(host.calls[-1].argv) == case["argv"]
    for mark in ("once", "sudo"):
        if mark in case:
            assert [call.line for call in host.calls if getattr(call, mark)] == case[mark]
    for line, text in case.get("stdin", {}).items():
        assert [call.stdin for call in host.calls if call.line == line] == [text.encode()]
    for call, wanted in zip(host.calls, case.get("calls", ()), strict=False):
        for name, value in wanted.items():
            found = getattr(call, name)
            assert (found.decode() if isinstance(found, bytes) else found) == value, name
