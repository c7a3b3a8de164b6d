"""Actions of library linux on real hosts: what they say against what is there."""

import asyncio
import base64
import hashlib
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from opsconductor.errors import ActionFailedError, CommandFailedError
from opsconductor.sdk.transport import CommandOutput
from steplib.linux import command, directory, disk, facts, file, process, script, service, uptime
from tests.doubles.local_host import LocalHost
from tests.integration.steplib.world import World

HOSTILE = [
    "two words",
    "-rf",
    "$(touch pwned)",
    "`touch pwned`",
    "a;touch pwned",
    "'; touch pwned; '",
    '"; touch pwned; "',
    "line\nbreak",
    "tab\tand \\ backslash",
    "*",
    "ünïcödé 🙂",
    "&& touch pwned ||",
]


class TestCommand:
    async def test_runs_a_line_of_the_shell(self, world: World) -> None:
        result = await command.command.call(
            world.host, {"line": "printf '%s\\n' one two | wc -l; echo oops >&2; pwd", "directory": world.home}
        )

        assert result.did_change
        assert result.outputs.stdout.split() == ["2", world.home]
        assert result.outputs.stderr == "oops\n"

    async def test_says_the_exit_code_and_the_last_words(self, world: World) -> None:
        with pytest.raises(CommandFailedError, match="exit code 3: the end"):
            await command.command.call(world.host, {"line": "echo start >&2; echo 'the end' >&2; exit 3"})

    async def test_an_accepted_exit_code_is_an_answer(self, world: World) -> None:
        result = await command.command.call(world.host, {"line": "exit 3", "accept": [0, 3], "changes": False})

        assert not result.did_change
        assert result.exit_code == 3

    async def test_input_and_environment_arrive(self, world: World) -> None:
        result = await command.command.call(
            world.host, {"line": 'cat; echo "$GREETING"', "stdin": "in\n", "environment": {"GREETING": "it's $HOME"}}
        )

        assert result.stdout == "in\nit's $HOME\n"

    async def test_creates_keeps_it_from_running(self, world: World) -> None:
        (world.outside / "done").touch()
        result = await command.command.call(
            world.host, {"line": "touch again", "creates": world.path("done"), "directory": world.home}
        )

        assert not result.did_change
        assert not (world.outside / "again").exists()

    @pytest.mark.parametrize("interpreter", ["sh", "dash", "bash"])
    async def test_json_comes_back_as_values(self, world: World, interpreter: str) -> None:
        result = await command.command.call(
            world.host, {"line": """echo '{"a": [1, "ü"]}'""", "parse": "json", "interpreter": interpreter}
        )

        assert result.values["data"] == {"a": [1, "ü"]}


class TestScript:
    @pytest.mark.parametrize("interpreter", ["sh", "dash", "bash"])
    async def test_arguments_are_never_code(self, world: World, interpreter: str) -> None:
        result = await script.script.call(
            world.host,
            {
                "text": 'for one in "$@"; do printf "%s" "$one" | od -An -tx1 | tr -d " \\n"; echo; done',
                "arguments": HOSTILE,
                "interpreter": interpreter,
                "directory": world.home,
            },
        )

        assert [bytes.fromhex(line).decode() for line in result.stdout.splitlines()] == HOSTILE
        assert list(world.outside.iterdir()) == []


class TestFiles:
    @pytest.mark.parametrize("name", HOSTILE)
    async def test_any_name_is_only_a_name(self, world: World, name: str) -> None:
        path = world.path(name)
        written = await file.write.call(world.host, {"path": path, "content": name})
        again = await file.write.call(world.host, {"path": path, "content": name})
        copied = await file.copy.call(world.host, {"source": path, "destination": path + "2"})
        found = await file.stat.call(world.host, {"path": path + "2", "sha256": True})
        read = await file.read.call(world.host, {"path": path + "2"})

        assert (written.did_change, again.did_change, copied.did_change) == (True, False, True)
        assert found.values["sha256"] == hashlib.sha256(name.encode()).hexdigest()
        assert read.values["content"] == name
        assert {item.name: item.read_text() for item in world.outside.iterdir()} == {name: name, name + "2": name}

        deleted = await file.delete.call(world.host, {"path": path})
        assert deleted.did_change
        assert not (await file.delete.call(world.host, {"path": path})).did_change
        assert [item.name for item in world.outside.iterdir()] == [name + "2"]

    async def test_every_byte_survives(self, world: World) -> None:
        content = bytes(range(256)) * 150
        text = base64.b64encode(content).decode()
        await file.write.call(world.host, {"path": world.path("bytes"), "content": text, "encoding": "base64"})

        read = await file.read.call(world.host, {"path": world.path("bytes"), "encoding": "base64"})

        assert (world.outside / "bytes").read_bytes() == content
        assert read.values["content"] == text

    async def test_a_large_file_is_written_whole(self, world: World) -> None:
        content = "0123456789abcdef" * 100_000
        await file.write.call(world.host, {"path": world.path("large"), "content": content})

        assert (world.outside / "large").read_text() == content
        with pytest.raises(ActionFailedError, match="has 1600000 bytes, more than the limit of 48000"):
            await file.read.call(world.host, {"path": world.path("large")})

    async def test_the_largest_file_that_can_be_read(self, world: World) -> None:
        content = os.urandom(file.READ_LIMIT_BYTES)
        (world.outside / "large").write_bytes(content)

        read = await file.read.call(world.host, {"path": world.path("large"), "encoding": "base64"})

        assert base64.b64decode(read.values["content"]) == content

    async def test_mode_is_set_kept_and_mended(self, world: World) -> None:
        path, inside = world.path("a"), world.outside / "a"
        await file.write.call(world.host, {"path": path, "content": "1"})
        assert inside.stat().st_mode & 0o7777 == 0o644
        changed = await file.write.call(world.host, {"path": path, "content": "1", "mode": "0600"})
        assert (changed.did_change, inside.stat().st_mode & 0o7777) == (True, 0o600)
        await file.write.call(world.host, {"path": path, "content": "2"})
        assert (inside.read_text(), inside.stat().st_mode & 0o7777) == ("2", 0o600)
        assert not (await file.write.call(world.host, {"path": path, "content": "2", "mode": "600"})).did_change

    async def test_through_a_link_the_file_behind_it_changes(self, world: World) -> None:
        owner = world.outside.stat()
        (world.outside / "real").write_text("old")
        os.chown(world.outside / "real", owner.st_uid, owner.st_gid)
        (world.outside / "link").symlink_to("real")

        await file.write.call(world.host, {"path": world.path("link"), "content": "new"})

        assert (world.outside / "link").is_symlink()
        assert (world.outside / "real").read_text() == "new"

    async def test_a_refusal_leaves_the_old_file_and_no_litter(self, world: World) -> None:
        (world.outside / "a").write_text("old")
        with pytest.raises(CommandFailedError, match="nobody-of-this-name"):
            await file.write.call(
                world.host, {"path": world.path("a"), "content": "new", "owner": "nobody-of-this-name"}
            )

        assert [item.name for item in world.outside.iterdir()] == ["a"]
        assert (world.outside / "a").read_text() == "old"

    async def test_a_missing_folder_is_a_failure(self, world: World) -> None:
        with pytest.raises(CommandFailedError, match="No such file or directory"):
            await file.write.call(world.host, {"path": world.path("no/a"), "content": "x"})

    async def test_stat_tells_what_is_there(self, world: World) -> None:
        (world.outside / "a").write_text("four")
        os.utime(world.outside / "a", (0, 1_700_000_000))
        (world.outside / "link").symlink_to("a")
        (world.outside / "broken").symlink_to("nowhere")

        seen = {name: await self._kind(world, name) for name in ("a", "link", "broken", ".", "nothing")}
        found = (await file.stat.call(world.host, {"path": world.path("a")})).values

        assert seen == {"a": "file", "link": "link", "broken": "link", ".": "directory", "nothing": "absent"}
        assert (found["size_bytes"], found["modified_at"]) == (4, "2023-11-14T22:13:20Z")

    async def _kind(self, world: World, name: str) -> str:
        return (await file.stat.call(world.host, {"path": world.path(name)})).values["kind"]

    async def test_deleting_a_link_keeps_what_it_points_to(self, world: World) -> None:
        (world.outside / "keep").mkdir()
        (world.outside / "keep" / "a").touch()
        (world.outside / "link").symlink_to("keep")

        await file.delete.call(world.host, {"path": world.path("link/"), "recursive": True})

        assert (world.outside / "keep" / "a").exists()
        assert not (world.outside / "link").is_symlink()

    async def test_a_folder_goes_only_when_it_is_meant(self, world: World) -> None:
        await directory.create.call(world.host, {"path": world.path("a/b/c"), "mode": "0750"})
        await file.write.call(world.host, {"path": world.path("a/b/c/file"), "content": ""})
        assert (world.outside / "a/b/c").stat().st_mode & 0o7777 == 0o750

        with pytest.raises(ActionFailedError, match="recursive"):
            await file.delete.call(world.host, {"path": world.path("a")})
        await file.delete.call(world.host, {"path": world.path("a"), "recursive": True})

        assert list(world.outside.iterdir()) == []

    async def test_a_folder_is_made_once(self, world: World) -> None:
        arguments = {"path": world.path("a/b"), "mode": "0700"}

        first = await directory.create.call(world.host, arguments)
        second = await directory.create.call(world.host, arguments)
        mended = await directory.create.call(world.host, arguments | {"mode": "0755"})

        assert (first.did_change, second.did_change, mended.did_change) == (True, False, True)
        with pytest.raises(CommandFailedError, match="No such file"):
            await directory.create.call(world.host, {"path": world.path("x/y"), "parents": False})

    async def test_dry_runs_leave_no_trace(self, world: World) -> None:
        (world.outside / "a").write_text("old")
        for action, arguments in (
            (file.write, {"path": world.path("a"), "content": "new"}),
            (file.copy, {"source": world.path("a"), "destination": world.path("b")}),
            (file.delete, {"path": world.path("a")}),
            (directory.create, {"path": world.path("d")}),
        ):
            assert (await action.dry_run(world.host, arguments)).did_change

        assert [(item.name, item.read_text()) for item in world.outside.iterdir()] == [("a", "old")]


async def test_content_that_arrives_cut_replaces_nothing(tmp_path: Any) -> None:
    class CuttingHost(LocalHost):
        """Loses the end of what is sent, as a breaking line does."""

        async def run(
            self,
            *argv: str,
            accept: Sequence[int] = (0,),
            stdin: bytes | None = None,
            environment: Mapping[str, str] | None = None,
            directory: str | None = None,
            sudo: bool = False,
            once: bool = False,
        ) -> CommandOutput:
            return await super().run(
                *argv, accept=accept, stdin=stdin[:-1] if stdin else stdin, environment=environment
            )

    (tmp_path / "a").write_text("old")

    with pytest.raises(ActionFailedError, match="did not arrive whole; nothing was changed"):
        await file.write.call(CuttingHost(tmp_path), {"path": str(tmp_path / "a"), "content": "new content"})

    assert [(item.name, item.read_text()) for item in tmp_path.iterdir()] == [("a", "old")]


class TestLooking:
    async def test_facts(self, world: World) -> None:
        found = (await facts.facts.call(world.host, {})).values

        assert found["kernel"] == os.uname().release
        assert found["architecture"] == os.uname().machine
        assert found["cpus"] == os.cpu_count()
        assert found["memory_bytes"] == os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        assert 0 < found["memory_available_bytes"] <= found["memory_bytes"]
        assert found["os_id"]
        assert found["hostname"]
        assert found["init"]

    async def test_uptime(self, world: World) -> None:
        found = (await uptime.uptime.call(world.host, {})).values

        assert abs(found["seconds"] - time.clock_gettime(time.CLOCK_BOOTTIME)) < 5
        assert found["load_1"] >= 0

    async def test_disk_usage_of_a_path(self, world: World) -> None:
        found = (await disk.usage.call(world.host, {"path": world.home})).values
        space = os.statvfs(world.outside)

        (system,) = found["filesystems"]
        assert system["size_bytes"] == pytest.approx(space.f_blocks * space.f_frsize, abs=1024)
        assert 0 <= found["highest_percent"] <= 100

    async def test_disk_usage_of_all(self, world: World) -> None:
        found = (await disk.usage.call(world.host, {"memory": True})).values

        assert found["fullest"] in {system["mount"] for system in found["filesystems"]}

    async def test_process_list_has_the_first_process(self, world: World) -> None:
        found = (await process.list_processes.call(world.host, {"limit": 1000})).values

        first = next(one for one in found["processes"] if one["pid"] == 1)
        assert (first["parent_pid"], first["user"]) == (0, "root")
        assert found["count"] == len(found["processes"])
        assert [one["memory_bytes"] for one in found["processes"]] == sorted(
            (one["memory_bytes"] for one in found["processes"]), reverse=True
        )


async def test_process_list_finds_a_process_with_an_odd_name(tmp_path: Path) -> None:
    script = tmp_path / "odd (x) y"
    script.write_text("#!/bin/sh\necho started\nread line\n")
    script.chmod(0o755)
    running = await asyncio.create_subprocess_exec(
        script, "*", "two words", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert running.stdout is not None
        await running.stdout.readline()
        found = (await process.list_processes.call(LocalHost(tmp_path), {"name": "odd (x)"})).values
    finally:
        await running.communicate(b"\n")

    (one,) = found["processes"]
    assert (one["pid"], one["parent_pid"]) == (running.pid, os.getpid())
    assert one["command"].endswith("odd (x) y * two words")
    assert 0 <= one["age_seconds"] < 60


@pytest.mark.parametrize("sudo", [False, True])
class TestService:
    async def test_start_stop_restart_and_status(self, world: World, sudo: bool) -> None:
        unit = world.unit("inactive")

        before = await service.status.call(world.host, {"unit": unit})
        told = [
            (await action.call(world.host, {"unit": unit, "sudo": sudo})).did_change
            for action in (service.start, service.start, service.restart, service.stop, service.stop, service.restart)
        ]
        after = await service.status.call(world.host, {"unit": unit})

        assert (before.values["active"], after.values["active"]) == (False, True)
        assert told == [True, False, True, True, False, True]
        assert world.unit_log(unit) == ["start", "restart", "stop", "restart"]

    async def test_a_unit_that_will_not_start_is_a_failure(self, world: World, sudo: bool) -> None:
        unit = world.unit("inactive", refusal="port 80 is taken")

        with pytest.raises(CommandFailedError, match="port 80 is taken"):
            await service.start.call(world.host, {"unit": unit, "sudo": sudo})
        assert (await service.status.call(world.host, {"unit": unit})).values["state"] == "failed"

    async def test_dry_runs_do_nothing(self, world: World, sudo: bool) -> None:
        unit = world.unit("active")

        told = [
            (await action.dry_run(world.host, {"unit": unit, "sudo": sudo})).did_change
            for action in (service.start, service.stop, service.restart)
        ]

        assert told == [False, True, True]
        assert world.unit_log(unit) == []

    async def test_an_unknown_unit(self, world: World, sudo: bool) -> None:
        assert (await service.status.call(world.host, {"unit": "unknown.service"})).values["exists"] is False
        for action in (service.start, service.stop, service.restart):
            with pytest.raises(ActionFailedError, match=r"unit unknown\.service does not exist"):
                await action.call(world.host, {"unit": "unknown.service", "sudo": sudo})


class TestSudo:
    async def test_files_become_roots(self, world: World) -> None:
        arguments = {"path": world.path("a"), "content": "1", "mode": "0640", "owner": "root", "sudo": True}

        first = await file.write.call(world.host, arguments)
        second = await file.write.call(world.host, arguments)

        assert (first.did_change, second.did_change) == (True, False)
        assert (world.outside / "a").stat().st_uid == 0
        read = await file.read.call(world.host, {"path": world.path("a"), "sudo": True})
        assert read.values["content"] == "1"

    async def test_a_command_runs_as_root_with_its_own_input(self, world: World) -> None:
        result = await command.command.call(world.host, {"line": "id -u; cat", "stdin": "input", "sudo": True})

        assert result.stdout == "0\ninput"
