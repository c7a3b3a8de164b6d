"""Environment variables: what is refused, and how values travel."""

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opsconductor.errors import InvalidInputError
from steplib.transports.ssh.environment import check_environment, export_line


@pytest.mark.parametrize(
    "name",
    [
        *(
            "LD_PRELOAD",
            "LD_AUDIT",
            "BASH_ENV",
            "ENV",
            "PATH",
            "path",
            "IFS",
            "PYTHONPATH",
            "PYTHONSTARTUP",
            "PERL5OPT",
        ),
        *("NODE_OPTIONS", "BASH_FUNC_ls%%", "1A", "A=B", "GIT_SSH_COMMAND", "OPSC_OP", "SHELLOPTS", "PS4"),
        *("", "a b", "A\nB"),
    ],
)
def test_names_that_change_which_code_runs_are_refused(name: str) -> None:
    with pytest.raises(InvalidInputError, match=r"environment\."):
        check_environment({name: "x"})


def test_all_refused_names_are_told_at_once() -> None:
    with pytest.raises(InvalidInputError) as refused:
        check_environment({"LC_ALL": "C", "PATH": "/x", "VALUE": "a\0b"})
    assert [problem.path for problem in refused.value.problems] == ["environment.PATH", "environment.VALUE"]


def test_ordinary_names_are_taken() -> None:
    check_environment({"LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive", "_X9": "", "http_proxy": "http://x"})


@settings(deadline=None, max_examples=40)
@given(st.text(st.characters(exclude_characters="\0\r", exclude_categories=["Cs"]), max_size=40))
def test_values_arrive_as_they_are(value: str) -> None:
    line = export_line({"A": value, "B": "2"}).decode()
    assert line.count("\n") == 1
    script = f'_n="\n";IFS= read -r _e;eval "$_e";exec {sys.executable} -I -S -c "import os; print(ascii(os.environ))"'
    done = subprocess.run(["/bin/sh", "-c", script], input=line.encode(), capture_output=True, check=True, env={})
    assert f"'A': {value!a}" in done.stdout.decode()
