"""The marker's shell texts, run by this machine's shells without a host.

Stops are tried only on hosts with a process table of their own (tests/integration/ssh): they kill.
"""

import itertools
import shutil
import subprocess
from pathlib import Path
from secrets import token_hex

import pytest

from steplib.transports.ssh import marker, verdict
from steplib.transports.ssh.quoting import shell_line

SHELLS = [path for name in ("sh", "bash", "dash", "mksh", "ksh93") if (path := shutil.which(name))]
TOKEN = "0123456789abcdef" * 2
START = marker.start_script(environment=False, spool=False, directory=False)


def run(shell: str, home: Path, script: str, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    environment = {"HOME": str(home), "PATH": "/usr/bin:/bin"}
    argv = [shell, "-c", script, "opsc", *words]
    return subprocess.run(argv, input=stdin, capture_output=True, text=True, env=environment)


def test_no_text_needs_more_than_plain_quotes() -> None:
    starts = [
        marker.start_script(environment=environment, spool=spool, directory=directory, sudo=sudo)
        for environment, spool, directory, sudo in itertools.product((False, True), repeat=4)
    ]
    texts = [*map(marker.gate, starts), *map(marker.wrapper, starts), marker.SUDO_START, verdict.PROBE, verdict.STOP]
    texts += [verdict.SUDO_CONTROL, verdict.CLEAN]
    for text in texts:
        assert "'" not in text
        assert "\\" not in text


@pytest.mark.parametrize("shell", SHELLS)
def test_a_command_starts_once_and_its_exit_code_is_found(shell: str, tmp_path: Path) -> None:
    script = marker.wrapper(START)
    first = run(shell, tmp_path, script, TOKEN, "-", "-", "sh", "-c", "echo $OPSC_OP; exit 7")
    assert (first.returncode, first.stdout, first.stderr) == (7, f"{TOKEN}\n", "")
    second = run(shell, tmp_path, script, TOKEN, "-", "-", "sh", "-c", "echo again")
    assert (second.returncode, second.stdout) == (marker.REFUSED, "")
    assert marker.read_refusal(second.stderr, TOKEN) == "DUP"
    found = verdict.read_verdict(run(shell, tmp_path, verdict.PROBE, "", stdin=f"{TOKEN}\n").stdout)
    assert (found.kind, found.exit_code) == ("done", 7)


@pytest.mark.parametrize("shell", SHELLS)
def test_what_was_asked_for_never_starts(shell: str, tmp_path: Path) -> None:
    asked = run(shell, tmp_path, verdict.PROBE, "", stdin=f"{TOKEN}\n")
    assert verdict.read_verdict(asked.stdout).kind == "never"
    late = run(shell, tmp_path, marker.wrapper(START), TOKEN, "-", "-", "echo", "late")
    assert marker.read_refusal(late.stderr, TOKEN) == "DUP"
    gated = run(shell, tmp_path, marker.gate(START), TOKEN, "echo", "late")
    assert (marker.read_refusal(gated.stderr, TOKEN), gated.stdout) == ("STOPPED", "")


@pytest.mark.parametrize("shell", SHELLS)
def test_input_that_was_cut_starts_nothing(shell: str, tmp_path: Path) -> None:
    """Half a file must not be taken for a whole one."""
    start = marker.start_script(environment=False, spool=True, directory=False)
    cut = run(shell, tmp_path, marker.wrapper(start), TOKEN, "-", "-", "5", "cat", stdin="1234")
    assert (marker.read_refusal(cut.stderr, TOKEN), cut.stdout) == ("NOSTDIN", "")
    whole = run(shell, tmp_path, marker.wrapper(start), token_hex(16), "-", "-", "5", "cat", stdin="12345")
    assert (whole.returncode, whole.stdout) == (0, "12345")
    assert not list(tmp_path.rglob("*.in"))


def test_a_stderr_that_only_looks_like_a_refusal_is_the_command_s_own() -> None:
    assert marker.read_refusal(f"opsc DUP {TOKEN}\n", TOKEN) == "DUP"
    assert not marker.read_refusal(f"opsc DUP {TOKEN}\nmore\n", TOKEN)
    assert not marker.read_refusal(f"opsc DUP {'f' * 32}\n", TOKEN)


@pytest.mark.parametrize(
    ("answer", "kind", "exit_code"),
    [
        ("Welcome!\nopsc DONE 3 boot=b up=1.5\n", "done", 3),
        ("opsc STOPPED boot=b up=1.5\n", "done", None),
        ("opsc ORPHAN 12 13 boot=b up=1.5\nbye\n", "orphan", None),
        ("opsc LOST reboot boot=- up=-\n", "lost", None),
        ("opsc STUCK 12 boot=b up=1.5\n", "stuck", None),
        ("opsc NOPROC boot=b up=1.5\n", "no_marker", None),
        ("", "no_marker", None),
        ("This account is not available.\n", "no_marker", None),
    ],
)
def test_answers_are_read_through_the_login_s_noise(answer: str, kind: str, exit_code: int | None) -> None:
    found = verdict.read_verdict(answer)
    assert (found.kind, found.exit_code) == (kind, exit_code)
    assert found.detail


def test_the_line_is_one_line() -> None:
    assert "\n" not in shell_line(marker.wrapper(START), [TOKEN, "-", "-", "true"])
