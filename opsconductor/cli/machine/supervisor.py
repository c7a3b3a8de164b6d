"""Starts the parts, watches them, and stops them in the right order."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable

from opsconductor.errors import UnavailableError

from .databases import ensure_databases
from .lock import Running, UpLock
from .machine import Machine
from .orphans import Orphans, adopt_orphans
from .part import Part
from .parts import database_part, product_parts
from .settings import MachineSettings

Report = Callable[[str, str], None]
_GIVE_UP_RESTARTS = 4


class PartFailedError(UnavailableError):
    """A part does not come up."""

    def __init__(self, part: Part) -> None:
        super().__init__(f"the {part.name} does not start. The end of {part.log}:\n{part.last_words()}")


class Supervisor:
    """One machine's parts, from start to end."""

    def __init__(self, machine: Machine, settings: MachineSettings, report: Report) -> None:
        self._machine = machine
        self._settings = settings
        self._report = report
        self._keepers: list[tuple[Part, asyncio.Task[None]]] = []
        self._failed: asyncio.Future[Part] | None = None
        self._all_ready = False
        self._orphans = Orphans(self._pids)

    async def run(self, lock: UpLock, on_ready: Callable[[str | None], None]) -> None:
        """Start everything, say so, and stay until a signal asks to end.

        Args:
            lock: Held already; told the addresses.
            on_ready: Called once with the one-time password of a first start, else None.
        """
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for name in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(name, stop.set)
        self._failed = loop.create_future()
        adopt_orphans()
        reaper = None
        try:
            work = asyncio.create_task(self._start(lock))
            await self._until(work, stop)
            if not stop.is_set():
                self._all_ready = True
                reaper = asyncio.create_task(self._orphans.reap())
                on_ready(work.result())
                await stop.wait()
        finally:
            if reaper is not None:
                reaper.cancel()
            await self._stop()

    async def _until(self, work: asyncio.Task[str | None], stop: asyncio.Event) -> None:
        assert self._failed is not None  # noqa: S101 (made by run)
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({work, stopping, self._failed}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if self._failed.done():
            work.cancel()
            raise PartFailedError(self._failed.result())
        if stop.is_set():
            work.cancel()
            return
        work.result()

    async def _start(self, lock: UpLock) -> str | None:
        machine, addresses = self._machine, self._machine.addresses
        lock.tell(Running(os.getpid(), addresses.portal_url, addresses.prefect_api_url, addresses.database))
        if machine.cluster is not None:
            await asyncio.to_thread(machine.cluster.create)
            await self._bring_up([database_part(machine.home, machine.cluster)])
            await asyncio.to_thread(ensure_databases, machine.cluster)
        await asyncio.to_thread(machine.make_files, self._settings)
        parts = product_parts(machine.home, machine.accounts, addresses)
        slow = [part for part in parts if part.name in ("prefect", "flows")]
        for part in slow:  # they need no tables of ours: start while we migrate
            self._keep(part)
        self._report("tables", "starting")
        password = await asyncio.to_thread(machine.migrate)
        self._report("tables", "ready")
        await self._bring_up([part for part in parts if part not in slow])
        await asyncio.gather(*(part.is_ready.wait() for part in slow))
        return password

    async def _bring_up(self, parts: list[Part]) -> None:
        for part in parts:
            self._keep(part)
        await asyncio.gather(*(part.is_ready.wait() for part in parts))

    def _keep(self, part: Part) -> None:
        self._keepers.append((part, asyncio.create_task(part.keep(self._changed))))

    def _changed(self, part: Part, state: str) -> None:
        self._report(part.name, state)
        hopeless = not self._all_ready and part.restarts >= _GIVE_UP_RESTARTS
        if hopeless and self._failed is not None and not self._failed.done():
            self._failed.set_result(part)

    async def _stop(self) -> None:
        for part, keeper in reversed(self._keepers):
            keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await keeper
            if part.name == "database":
                await self._orphans.end()  # they give their runs back to it
            self._report(part.name, "stopping")
            await part.stop()
        await self._orphans.end()

    def _pids(self) -> set[int]:
        return {part.process.pid for part, _ in self._keepers if part.process is not None}
