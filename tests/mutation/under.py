"""Tests under mutants: a pytest plugin, and what runs pytest with it."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Generator, Mapping, Sequence
from contextlib import nullcontext
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from .checks import check_mutants
from .doors import Mutant
from .sites import ROOT

_FOLDER = "OPSCONDUCTOR_TEST_MUTANTS"
_ASKED, _FOUND = "asked.json", "found.json"

_seen: list[tuple[str, str | None, bool]] = []


def failing(tests: Mapping[str, Sequence[str]]) -> set[str]:
    """The mutants of each test under which it fails, while it passes when nothing is changed; all in one session."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / _ASKED).write_text(json.dumps(tests))
        command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", "-p", __name__, *tests]
        environment = {**os.environ, _FOLDER: folder}
        subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, check=False)
        found: list[tuple[str, str | None, bool]] = json.loads((Path(folder) / _FOUND).read_text())
    plain = {test for test, mutant, _ in found if mutant is None}
    broken = {test for test, mutant, passed in found if mutant is None and not passed}
    if broken or plain != set(tests):
        raise AssertionError(f"do not pass without a mutant: {sorted(broken | (set(tests) - plain))}")
    return {mutant for _, mutant, passed in found if mutant is not None and not passed}


@cache
def _asked() -> Mapping[str, Sequence[str]]:
    return json.loads((Path(os.environ[_FOLDER]) / _ASKED).read_text())


@cache
def _mutants() -> Mapping[str, Mutant]:
    return {mutant.what: mutant for mutant in check_mutants([])}


@pytest.fixture(autouse=True)
def mutant(request: pytest.FixtureRequest) -> Generator[None]:
    """One of the test's mutants holds while it runs, or none."""
    what: str | None = getattr(request, "param", None)
    with nullcontext() if what is None else _mutants()[what]():
        yield


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Each test runs without a mutant and with each of its own."""
    mutants = _asked().get(metafunc.definition.nodeid, ())
    metafunc.parametrize(mutant.__name__, [None, *mutants], indirect=True)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Function, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    """What became of a test is kept with its mutant."""
    report = yield
    if report.when == "call" or report.failed:
        _seen.append((item.nodeid.partition("[")[0], item.callspec.params[mutant.__name__], report.passed))
    return report


def pytest_sessionfinish() -> None:
    """Hand over what became of them."""
    (Path(os.environ[_FOLDER]) / _FOUND).write_text(json.dumps(_seen))
