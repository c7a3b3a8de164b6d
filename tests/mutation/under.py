"""Tests under a mutant: a pytest plugin, and what runs pytest with it."""

import os
import subprocess
import sys
from contextlib import ExitStack
from functools import cache

import pytest

from .checks import check_mutants
from .doors import Mutant
from .sites import ROOT

_MUTANT = "OPSCONDUCTOR_TEST_MUTANT"
_FAILED = 1


def failing(mutant: Mutant, test: str) -> str | None:
    """Says that a test fails which passes when nothing is changed; None when it passes under the mutant, too."""
    if (plain := _run(test, "")) != 0:
        raise AssertionError(f"{test} does not pass without a mutant: pytest says {plain}")
    return f"{test} fails" if _run(test, mutant.what) == _FAILED else None


@cache
def _run(test: str, what: str) -> int:
    command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", "-p", __name__, test]
    return subprocess.run(
        command, cwd=ROOT, env={**os.environ, _MUTANT: what}, stdout=subprocess.DEVNULL, check=False
    ).returncode


def pytest_configure(config: pytest.Config) -> None:
    """The mutant holds until pytest ends."""
    what = os.environ.get(_MUTANT)
    if what:
        held = ExitStack()
        held.enter_context(next(mutant for mutant in check_mutants([]) if mutant.what == what)())
        config.add_cleanup(held.close)
