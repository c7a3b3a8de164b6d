"""A host that is this machine: real shells and programs, in a home directory of the test's own."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

from opsconductor.errors import CommandFailedError
from opsconductor.sdk.transport import CommandOutput, Host, LoginFacts


class LocalHost(Host):
    """Runs commands as child processes; `first_path` is searched for programs before anything else."""

    name = "here"
    platform = "linux"
    login = LoginFacts()

    def __init__(self, home: Path, *, first_path: Path | None = None) -> None:
        self.home = home
        self.started_once: list[tuple[str, ...]] = []
        system = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        self._environment = {"HOME": str(home), "PATH": f"{first_path}:{system}" if first_path else system}

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
        if once:
            self.started_once.append(argv)
        process = await asyncio.create_subprocess_exec(
            *argv,
            stdin=asyncio.subprocess.DEVNULL if stdin is None else asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=directory or self.home,
            env=self._environment | dict(environment or {}),
        )
        out, err = await process.communicate(stdin)
        code = process.returncode or 0
        code = code if code >= 0 else 128 - code
        stderr = err.decode(errors="replace")
        if accept and code not in accept:
            raise CommandFailedError(host=self.name, program=Path(argv[0]).name, exit_code=code, stderr=stderr)
        return CommandOutput(out.decode(errors="replace"), code, stderr, len(out), len(err))
