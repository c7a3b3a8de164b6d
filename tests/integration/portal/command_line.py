"""`opsconductor` as a process of its own, against a portal that the test serves."""

import asyncio
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Printed:
    """What a command said, and how it ended."""

    code: int
    out: str
    err: str


@dataclass
class Running:
    """A command that has not ended yet."""

    process: asyncio.subprocess.Process
    said: str = ""

    async def read_until(self, text: str) -> str:
        """What it printed so far, once it holds a text."""
        assert self.process.stdout
        while text not in self.said:
            line = await self.process.stdout.readline()
            if not line:
                pytest.fail(f"it ended without {text!r}: {await self.finish()}")
            self.said += line.decode()
        return self.said

    async def finish(self, stdin: str = "") -> Printed:
        """Give it its input, and wait for its end."""
        out, err = await self.process.communicate(stdin.encode())
        assert self.process.returncode is not None
        return Printed(self.process.returncode, self.said + out.decode(), err.decode())


@dataclass(frozen=True)
class CommandLine:
    """Somebody's command line.

    Attributes:
        url: Address of the portal.
        home: Their folder, with the session file.
    """

    url: str
    home: Path

    @property
    def session_file(self) -> Path:
        return self.home / "session.json"

    def signed_in(self, access_token: str, username: str = "admin") -> "CommandLine":
        kept = {"url": self.url, "username": username, "access_token": access_token, "refresh_token": "none"}
        self.session_file.write_text(json.dumps(kept))
        return self

    async def start(self, *arguments: str, **environment: str) -> "Running":
        variables = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "OPSCONDUCTOR_TOKEN_FILE": str(self.session_file),
            "LANG": "C.UTF-8",
            **environment,
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "opsconductor", *arguments, env=variables, cwd="/",
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        return Running(process)

    async def try_run(self, *arguments: str, stdin: str = "", **environment: str) -> Printed:
        return await (await self.start(*arguments, **environment)).finish(stdin)

    async def run(self, *arguments: str, stdin: str = "", **environment: str) -> str:
        printed = await self.try_run(*arguments, stdin=stdin, **environment)
        if printed.code != 0:
            pytest.fail(f"opsconductor {' '.join(arguments)} gave {printed.code}:\n{printed.out}\n{printed.err}")
        return printed.out
