"""Commands on real hosts: what reaches them, what comes back."""

import asyncio
import hashlib
import os
import signal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deploy.fleet import Fleet
from opsconductor.errors import CommandFailedError, CommandTimedOutError, InvalidInputError
from steplib.transports.ssh.connection import SSHConnection

from .conftest import Connect, living, operation

pytestmark = pytest.mark.real

HOSTILE = st.text(
    st.one_of(
        st.sampled_from("'\"\\!$`;&|<>(){}[]*?~#\n\t "),
        st.characters(exclude_characters="\0\r", exclude_categories=["Cc", "Cs"]),
    ),
    max_size=20,
)


@pytest.mark.parametrize("username", ["ops", "bash"])
async def test_hostile_arguments_never_become_code(connect: Connect, fleet: Fleet, username: str) -> None:
    connection = await connect(1, username)
    host = connection.host(operation())
    arguments: list[str] = []

    @settings(max_examples=60, database=None)
    @given(st.lists(HOSTILE, min_size=1, max_size=5))
    def collect(words: list[str]) -> None:
        arguments.extend(words)

    collect()
    arguments += [
        "; touch ~/owned",
        "$(touch ~/owned)",
        "`touch ~/owned`",
        "'; touch ~/owned; '",
        "\\'; touch ~/owned #",
    ]
    groups = [arguments[start : start + 40] for start in range(0, len(arguments), 40)]
    for group in groups:
        raw = await host.run("sh", "-c", 'printf "%s\\n" "$@" | od -An -v -tx1 | tr -d " \\n"', "x", *group)
        assert bytes.fromhex(raw.stdout).decode() == "".join(f"{word}\n" for word in group)
    assert not (fleet.hosts[1].home.parent / username / "owned").exists()


async def test_every_exit_code_comes_back(connection: SSHConnection) -> None:
    host = connection.host(operation())
    outputs = await asyncio.gather(*(host.shell(f"exit {code}", accept=()) for code in range(256)))
    assert [output.exit_code for output in outputs] == list(range(256))


@pytest.mark.parametrize("name", ["HUP", "INT", "KILL", "TERM", "SEGV", "PIPE", "USR1"])
async def test_a_signal_is_128_and_its_number(connection: SSHConnection, name: str) -> None:
    output = await connection.host(operation()).shell(f"ulimit -c 0; kill -{name} $$; sleep 9", accept=())
    assert output.exit_code == 128 + getattr(signal, f"SIG{name}")


async def test_an_exit_code_that_is_not_accepted_is_an_error_with_the_last_words(connection: SSHConnection) -> None:
    with pytest.raises(CommandFailedError, match="ended with exit code 3: second") as failed:
        await connection.host(operation()).shell("echo first >&2; echo second >&2; exit 3")
    assert failed.value.exit_code == 3


@pytest.mark.parametrize("once", [False, True])
async def test_a_megabyte_goes_through_as_it_is(connection: SSHConnection, once: bool) -> None:
    data = os.urandom(1 << 20)
    host = connection.host(operation(once=once))
    output = await host.run("md5sum", stdin=data, once=once)
    assert output.stdout.split()[0] == hashlib.md5(data).hexdigest()


async def test_without_input_there_is_none(connection: SSHConnection) -> None:
    output = await connection.host(operation()).shell("cat; echo end")
    assert output.stdout == "end\n"


async def test_input_that_nobody_reads_hurts_nobody(connection: SSHConnection) -> None:
    output = await connection.host(operation()).run("true", stdin=b"x" * (1 << 20))
    assert output.exit_code == 0


@pytest.mark.parametrize("sudo", [False, True])
async def test_environment_and_directory(connection: SSHConnection, sudo: bool) -> None:
    host = connection.host(operation())
    output = await host.shell(
        'printf "%s|" "$PWD" "$A" "$B" "$(cat)"',
        environment={"A": "it's\n$HOME", "B": ""},
        directory="/tmp",
        stdin=b"input",
        sudo=sudo,
    )
    assert output.stdout == "/tmp|it's\n$HOME||input|"


async def test_environment_values_are_in_no_process_list(connection: SSHConnection) -> None:
    script = "sleep 0.2; cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' '\\n' | grep -c 'hunter[2]-4711'"
    output = await connection.host(operation()).shell(script, environment={"TOKEN": "hunter2-4711"}, accept=())
    assert output.stdout == "0\n"


async def test_a_directory_that_is_not_there_is_named(connection: SSHConnection) -> None:
    with pytest.raises(CommandFailedError, match="cannot enter the directory '/nowhere'"):
        await connection.host(operation()).run("pwd", directory="/nowhere")


async def test_nothing_runs_with_a_refused_variable(connection: SSHConnection, fleet: Fleet) -> None:
    with pytest.raises(InvalidInputError, match="LD_PRELOAD"):
        await connection.host(operation()).run("touch", "refused", environment={"LD_PRELOAD": "/x.so"})
    assert not (fleet.hosts[0].home / "refused").exists()


async def test_a_nul_is_refused_before_anything_is_sent(connection: SSHConnection) -> None:
    with pytest.raises(InvalidInputError, match=r"argv\[1\].*NUL"):
        await connection.host(operation()).run("touch", "a\0b")


async def test_variables_of_the_login_reach_the_command_unchanged(connection: SSHConnection) -> None:
    host = connection.host(operation(once=True))
    plain = await host.shell(
        "env | grep -v -e ^OPSC_OP= -e ^SSH_ -e ^_= | sort; umask; trap; echo $-; ls /proc/self/fd | wc -l"
    )
    once = await host.shell(
        "env | grep -v -e ^OPSC_OP= -e ^SSH_ -e ^_= | sort; umask; trap; echo $-; ls /proc/self/fd | wc -l", once=True
    )
    assert once.stdout == plain.stdout


@pytest.mark.parametrize(
    ("encoding", "octal"), [("cp437", r"\341"), ("cp850", r"\341"), ("latin-1", r"\337"), ("utf-16-le", r"\337\000")]
)
async def test_output_is_read_in_the_target_s_encoding(connect: Connect, encoding: str, octal: str) -> None:
    connection = await connect(encoding=encoding)
    assert (await connection.host(operation()).run("printf", octal)).stdout == "ß"


async def test_output_is_capped_and_the_gap_is_said(connection: SSHConnection) -> None:
    host = connection.host(operation(output_limit_bytes=1000))
    output = await host.shell("head -c 10000000 /dev/zero | tr '\\0' x; echo end; echo problem >&2")
    assert output.stdout_bytes == 10_000_004
    assert output.truncated
    assert "9,999,004 bytes not kept" in output.stdout
    assert output.stdout.endswith("xend\n")
    assert output.stderr == "problem\n"


async def test_output_is_heard_while_the_command_runs(connection: SSHConnection, fleet: Fleet) -> None:
    heard: list[tuple[str, str]] = []
    first = asyncio.Event()

    def live(stream: str, text: str) -> None:
        heard.append((stream, text))
        first.set()

    host = connection.host(operation(live=live))
    script = "echo one; while [ ! -e heard ]; do sleep 0.05; done; rm heard; echo two >&2"
    running = asyncio.create_task(host.shell(script))
    async with asyncio.timeout(10):
        await first.wait()
    assert heard == [("stdout", "one\n")]
    (fleet.hosts[0].home / "heard").touch()
    await running
    assert heard == [("stdout", "one\n"), ("stderr", "two\n")]


async def test_a_child_in_the_background_does_not_hold_the_step(connection: SSHConnection) -> None:
    host = connection.host(operation())
    async with asyncio.timeout(10):
        output = await host.shell("sleep 57.5 & echo started")
    assert output.stdout == "started\n"
    assert await living(connection, "sleep 57.5")
    await host.run("pkill", "-f", "sleep 57.5")


async def test_output_that_is_still_on_its_way_when_the_command_ended_is_whole(connection: SSHConnection) -> None:
    output = await connection.host(operation(output_limit_bytes=10)).shell("head -c 3000000 /dev/zero & exit 0")
    assert output.stdout_bytes == 3_000_000


@pytest.mark.parametrize(
    ("limits", "said"),
    [({"timeout_seconds": 0.5}, "took longer than 0.5 s"), ({"idle_timeout_seconds": 0.5}, "said nothing")],
)
@pytest.mark.parametrize("once", [False, True])
async def test_a_command_that_takes_too_long_is_stopped(
    connection: SSHConnection, limits: dict[str, float], said: str, once: bool
) -> None:
    host = connection.host(operation(once=once, **limits))
    with pytest.raises(CommandTimedOutError, match=f"{said}.*was stopped"):
        await host.shell("setsid sleep 58.5 & sleep 58.5; sleep 58.5", once=once)
    assert not await living(connection, "sleep 58.5")


async def test_output_keeps_the_idle_timeout_away(connection: SSHConnection) -> None:
    host = connection.host(operation(idle_timeout_seconds=0.6))
    output = await host.shell("for n in 1 2 3 4 5; do sleep 0.2; echo $n; done")
    assert output.stdout == "1\n2\n3\n4\n5\n"


async def test_more_commands_than_sessions_wait_their_turn(connection: SSHConnection) -> None:
    host = connection.host(operation())
    outputs = await asyncio.gather(*(host.shell("sleep 0.1; echo done") for _ in range(40)))
    assert [output.stdout for output in outputs] == ["done\n"] * 40
