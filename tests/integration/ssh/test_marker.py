"""The marker on real hosts: a `once` command starts once, and what became of it can be found out."""

import asyncio
from pathlib import Path

import pytest

from deploy.fleet import Fleet
from opsconductor.errors import ConnectionLostError, MarkerError
from opsconductor.sdk.transport import CommandOutput, Operation
from steplib.transports.ssh import SSHConnector
from steplib.transports.ssh.connection import SSHConnection

from .conftest import Connect, operation, probe_until, started

pytestmark = pytest.mark.real


@pytest.fixture(params=["ops", "bash"])
async def connection(request: pytest.FixtureRequest, connect: Connect) -> SSHConnection:
    return await connect(2, request.param)


@pytest.fixture
def home(connection: SSHConnection, fleet: Fleet, request: pytest.FixtureRequest) -> Path:
    return fleet.hosts[2].home.parent / request.node.callspec.params["connection"]


async def start(connection: SSHConnection, subject: Operation, script: str) -> CommandOutput:
    return await connection.host(subject).shell(script, once=True, accept=())


def marker_of(home: Path, subject: Operation) -> Path:
    return home / ".opsconductor" / "ops" / subject.token


SCRIPTS = {
    "quotes": """echo "a 'b' \\"c\\" \\$HOME $((1+2)) \\\\ back\\\\slash ! %s" 'single "dq" `x` $y'""",
    "newlines": "echo one\necho two\n\n# comment\nfor i in 1 2 3\ndo\n echo $i\ndone",
    "here document": "cat <<'EOF'\nline 'x' \"y\" $z\nEOF\ncat <<EOF2\n$((40+2))\nEOF2\n",
    "stderr": "echo out; echo err >&2; exit 3",
    "set -e": "set -e; echo before; false; echo after",
    "noclobber": "set -Ceu; f=$(mktemp); rm $f; echo x >$f; (echo y >$f) 2>/dev/null || echo clob; rm $f; echo $nosuch",
    "exit in a function": "f(){ exit 7; }; f; echo no",
    "exec": "exec sh -c 'exit 9'",
    "trap EXIT": "trap 'echo bye' EXIT; exit 4",
    "default TERM": "trap; kill -TERM $$; echo survived",
    "umask": "umask; touch um; stat -c %a um; rm um",
    "environment": "pwd; env | grep -v -e ^SSH_ -e ^OPSC_OP -e ^_= -e ^SHLVL | sort",
    "arguments": 'echo "[$#|$*]"',
    "descriptors": "ls /proc/self/fd | wc -l",
    "options": "echo $-",
    "bytes": "printf '\\303\\251\\377\\001' | od -An -tx1",
    "syntax error": "if then",
    "not found": "nosuchcommand",
    "no terminal": "test -t 0 || test -t 1 || echo notty",
    "limits": "ulimit -a; nice",
    "signals": "grep -i -e ^Sig -e ^Shd /proc/self/status",
    "long": f"echo {'x' * 100_000} | wc -c",
    "no input": "cat; echo eof",
}


@pytest.mark.parametrize("name", SCRIPTS)
async def test_the_wrapper_is_not_noticed(connection: SSHConnection, name: str) -> None:
    subject = operation(once=True)
    plain = await connection.host(operation()).shell(SCRIPTS[name], accept=())
    assert await start(connection, subject, SCRIPTS[name]) == plain
    verdict = await connection.probe(subject)
    assert (verdict.kind, verdict.exit_code) == ("done", plain.exit_code)


async def test_exit_codes_are_recorded(connection: SSHConnection) -> None:
    subjects = [operation(once=True) for _ in range(0, 256, 5)]
    outputs = await asyncio.gather(*(start(connection, s, f"exit {n * 5}") for n, s in enumerate(subjects)))
    assert [output.exit_code for output in outputs] == list(range(0, 256, 5))
    for subject, output in zip(subjects, outputs, strict=True):
        assert (await connection.probe(subject)).exit_code == output.exit_code


@pytest.mark.parametrize(("name", "number"), [("HUP", 1), ("INT", 2), ("KILL", 9), ("TERM", 15), ("PIPE", 13)])
async def test_a_signal_is_recorded(connection: SSHConnection, name: str, number: int) -> None:
    subject = operation(once=True)
    assert (await start(connection, subject, f"kill -{name} $$; sleep 9")).exit_code == 128 + number
    assert (await connection.probe(subject)).exit_code == 128 + number


async def test_a_second_start_is_refused_and_sends_one_looking(connection: SSHConnection, home: Path) -> None:
    subject = operation(once=True)
    await start(connection, subject, "echo once >>log-again")
    with pytest.raises(ConnectionLostError, match="started before"):
        await start(connection, subject, "echo once >>log-again")
    assert (home / "log-again").read_text() == "once\n"
    (home / "log-again").unlink()


async def test_of_many_starts_at_once_exactly_one_runs(connection: SSHConnection, connect: Connect, home: Path) -> None:
    other = await connect(2, home.name)
    subjects = [operation(once=True) for _ in range(40)]
    starts = [start(line, subject, "echo r >>log-many") for subject in subjects for line in (connection, other)]
    results = await asyncio.gather(*starts, return_exceptions=True)
    for first, second in zip(results[::2], results[1::2], strict=True):
        kinds = {type(first), type(second)}
        assert kinds == {CommandOutput, ConnectionLostError}
    assert (home / "log-many").read_text() == "r\n" * 40
    (home / "log-many").unlink()


async def test_a_probe_that_says_never_keeps_the_command_from_starting(connection: SSHConnection, home: Path) -> None:
    subject = operation(once=True)
    assert (await connection.probe(subject)).kind == "never"
    with pytest.raises(ConnectionLostError):
        await start(connection, subject, "touch late")
    assert (await connection.probe(subject)).kind == "never"
    assert not (home / "late").exists()


async def test_start_and_probe_at_once_agree(connection: SSHConnection, home: Path) -> None:
    subjects = [operation(once=True) for _ in range(40)]
    pairs = [
        asyncio.gather(start(connection, s, "echo r >>log-race"), connection.probe(s), return_exceptions=True)
        for s in subjects
    ]
    ran = 0
    for result, verdict in await asyncio.gather(*pairs):
        assert not isinstance(verdict, BaseException)
        assert (verdict.kind == "never") == isinstance(result, ConnectionLostError)
        ran += isinstance(result, CommandOutput)
    log = home / "log-race"
    assert (log.read_text() if log.exists() else "") == "r\n" * ran
    log.unlink(missing_ok=True)


async def test_running_then_done(connection: SSHConnection, home: Path) -> None:
    subject = operation(once=True)
    running = asyncio.create_task(start(connection, subject, "while [ ! -e go ]; do sleep 0.05; done; exit 5"))
    await asyncio.sleep(0)
    await probe_started(connection, home, subject)
    assert (await connection.probe(subject)).kind == "running"
    (home / "go").touch()
    assert (await running).exit_code == 5
    verdict = await connection.probe(subject)
    assert (verdict.kind, verdict.exit_code) == ("done", 5)
    (home / "go").unlink()


async def probe_started(connection: SSHConnection, home: Path, subject: Operation) -> None:
    """Wait until the claim is written; a probe would take it."""
    async with asyncio.timeout(10):
        while not (marker_of(home, subject).exists() and marker_of(home, subject).read_text()):
            await asyncio.sleep(0.02)


async def test_a_line_that_broke_leaves_an_exit_code(connection: SSHConnection, connect: Connect, home: Path) -> None:
    subject = operation(once=True)
    other = await connect(2, home.name)
    running = asyncio.create_task(start(other, subject, "touch begun; while [ ! -e go2 ]; do sleep 0.05; done; exit 6"))
    await started(connection, "begun")
    await other.close()
    with pytest.raises(ConnectionLostError):
        await running
    assert (await connection.probe(subject)).kind == "running"
    (home / "go2").touch()
    assert (await probe_until(connection, subject, "done")).exit_code == 6
    for name in ("go2", "begun"):
        (home / name).unlink()


async def test_a_wrapper_that_was_killed_leaves_an_orphan_and_then_nothing(
    connection: SSHConnection, home: Path
) -> None:
    subject = operation(once=True)
    running = asyncio.create_task(start(connection, subject, "while [ ! -e go3 ]; do sleep 0.05; done"))
    await asyncio.sleep(0)
    await probe_started(connection, home, subject)
    pid = marker_of(home, subject).read_text().split()[2]
    await connection.host(operation()).run("kill", "-9", pid)
    assert (await probe_until(connection, subject, "orphan", "lost")).kind == "orphan"
    (home / "go3").touch()
    assert (await probe_until(connection, subject, "lost")).exit_code is None
    await asyncio.wait((running,))
    (home / "go3").unlink()


async def test_a_home_that_cannot_be_written_is_said_and_nothing_runs(connection: SSHConnection, home: Path) -> None:
    folder = home / ".opsconductor"
    aside = home / ".aside"
    if folder.exists():
        folder.rename(aside)
    folder.touch()
    try:
        subject = operation(once=True)
        with pytest.raises(MarkerError, match=r"cannot be written; the command did not start"):
            await start(connection, subject, "touch ran")
        assert (await connection.probe(subject)).kind == "no_marker"
        assert not (home / "ran").exists()
    finally:
        folder.unlink()
        if aside.exists():
            aside.rename(folder)


async def test_a_full_disk_is_said_and_nothing_runs(connect: Connect) -> None:
    root = await connect(3, "root")
    connection = await connect(3)
    await connection.host(operation()).shell("mkdir -p .opsconductor")  # as its owner: later tests use this host, too
    mount = "mount -t tmpfs -o size=64k,mode=777 none /home/ops/.opsconductor"
    await root.host(operation()).shell(f"{mount} && mkdir -m 777 /home/ops/.opsconductor/ops")
    try:
        await root.host(operation()).shell("head -c 70000 /dev/zero >/home/ops/.opsconductor/full", accept=())
        subject = operation(once=True)
        with pytest.raises(MarkerError, match="did not start"):
            await start(connection, subject, "touch ran")
        assert (await connection.probe(subject)).kind in ("never", "no_marker")
        await root.host(operation()).shell("rm /home/ops/.opsconductor/full")
        fills = operation(once=True)
        script = "head -c 70000 /dev/zero 2>/dev/null >.opsconductor/full; exit 3"
        assert (await start(connection, fills, script)).exit_code == 3
        assert (await connection.probe(fills)).kind in ("done", "lost")
    finally:
        await root.host(operation()).run("umount", "/home/ops/.opsconductor")


BOOT = "/proc/sys/kernel/random/boot_id"


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("", "torn"),
        ("run x", "torn"),
        ("run {boot} 999999 - .\n", "died"),
        ("run {boot} 1 - .\nrc 1", "died"),
        ("run another-boot 1 - .\n", "reboot"),
    ],
)
async def test_a_marker_without_an_exit_code_is_lost_and_burnt(
    connection: SSHConnection, home: Path, text: str, detail: str
) -> None:
    subject = operation(once=True)
    await start(connection, operation(once=True), "true")  # makes the folder
    marker_of(home, subject).write_text(text.format(boot=Path(BOOT).read_text().strip()))
    verdict = await connection.probe(subject)
    assert (verdict.kind, verdict.exit_code) == ("lost", None)
    assert detail in verdict.detail
    with pytest.raises(ConnectionLostError):
        await start(connection, subject, "true")


async def test_a_restart_does_not_hide_a_recorded_exit_code(connection: SSHConnection, home: Path) -> None:
    subject = operation(once=True)
    await start(connection, operation(once=True), "true")
    marker_of(home, subject).write_text("run another-boot 1 - .\nrc 4 .\n")
    assert (await connection.probe(subject)).exit_code == 4


async def test_a_synced_marker_is_whole_before_the_command_starts(connect: Connect) -> None:
    connection = await connect(2, connector=SSHConnector(sync_markers=True))
    subject = operation(once=True)
    output = await start(connection, subject, f"cat .opsconductor/ops/{subject.token}; exit 2")
    assert output.exit_code == 2
    assert output.stdout.startswith("run ")
    assert output.stdout.endswith(" .\n")


async def test_old_markers_are_cleared_and_unfinished_ones_stay(connect: Connect, fleet: Fleet) -> None:
    connection = await connect(4)
    home = fleet.hosts[4].home
    subjects = [Operation(f"0000{number:028x}", once=True) for number in range(4)]
    for subject in subjects[:3]:
        await start(connection, subject, "true")
    marker_of(home, subjects[1]).write_text("run x 1 - .\n")
    await connection.host(operation()).shell(
        f"cd .opsconductor/ops && touch -d '10 days ago' {subjects[0].token} {subjects[1].token}"
    )
    await connection.close()
    left = {path.name for path in (home / ".opsconductor" / "ops").iterdir()}
    assert left == {subjects[1].token, subjects[2].token}
