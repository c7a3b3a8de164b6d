"""One part of the product: a process that the supervisor starts, watches and stops."""

import asyncio
import contextlib
import ctypes
import os
import signal
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .account import Account

_PR_SET_PDEATHSIG = 1
_STOP_GRACE_SECONDS = 15.0
_BACKOFF_SECONDS = (0.0, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
_STEADY_SECONDS = 10.0


def _die_with_parent() -> None:
    """Ask the kernel for TERM when the supervisor dies, so that no part is left alone (prctl(2))."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass(slots=True)
class Part:
    """What to start, as whom, and how to tell that it works.

    Attributes:
        name: What people call it.
        argv: Command line; it holds no secret.
        account: OS user.
        environment: All the variables it gets; none is a secret but what the operator put into an `OTEL_*` variable.
        directory: Working directory.
        log: File that takes its output.
        ready: Answers whether the part does its work now.
        stop_signal: How it is asked to end.
    """

    name: str
    argv: list[str]
    account: Account
    environment: Mapping[str, str]
    directory: Path
    log: Path
    ready: Callable[[], Awaitable[bool]]
    stop_signal: signal.Signals = signal.SIGTERM
    restarts: int = 0
    process: asyncio.subprocess.Process | None = None
    started_at: float = 0.0
    is_ready: asyncio.Event = field(default_factory=asyncio.Event)

    async def start(self) -> None:
        """Start the process; readiness is another matter."""
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *self.argv,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.directory,
                env=dict(self.environment),
                start_new_session=True,
                preexec_fn=_die_with_parent,
                **self.account.popen,
            )
        self.started_at = time.monotonic()

    async def keep(self, on_change: Callable[["Part", str], None]) -> None:
        """Run the process, and start it again when it ends, until cancelled."""
        failures = 0
        while True:
            on_change(self, "starting")
            await self.start()
            assert self.process is not None  # noqa: S101 (start sets it)
            watch = asyncio.create_task(self._watch(on_change))
            code = await self.process.wait()
            watch.cancel()
            failures = 0 if self._was_steady() else failures + 1
            self.is_ready.clear()
            self.restarts += 1
            on_change(self, f"ended ({_describe(code)}), starting again")
            await asyncio.sleep(_BACKOFF_SECONDS[min(failures, len(_BACKOFF_SECONDS) - 1)])

    async def stop(self) -> None:
        """Ask the process to end; insist after a grace."""
        process = self.process
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(self.stop_signal)
        try:
            await asyncio.wait_for(process.wait(), _STOP_GRACE_SECONDS)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()

    async def _watch(self, on_change: Callable[["Part", str], None]) -> None:
        while not await self.ready():  # noqa: ASYNC110
            await asyncio.sleep(0.1)  # the part cannot tell us: ask again
        self.is_ready.set()
        on_change(self, "ready")

    def _was_steady(self) -> bool:
        """Whether it worked for some time: its end is an accident, and nothing speaks for waiting."""
        return self.is_ready.is_set() and time.monotonic() - self.started_at > _STEADY_SECONDS

    def last_words(self, lines: int = 5) -> str:
        """The end of the part's log, for a message to a person."""
        try:
            text = self.log.read_text(errors="replace")
        except OSError:
            return ""
        return "\n".join(text.splitlines()[-lines:])


def _describe(code: int) -> str:
    if code < 0:
        return f"signal {signal.Signals(-code).name}"
    return f"exit code {code}"
