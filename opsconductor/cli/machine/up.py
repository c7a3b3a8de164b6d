"""`opsconductor up`."""

import asyncio
import os
import subprocess
import sys
import time
from typing import Annotated, TextIO

from cyclopts import Parameter, validators
from rich.console import Console

from opsconductor.errors import UnavailableError

from .home import Home, HomeOption, default_root
from .lock import UpLock
from .machine import Machine
from .progress import StartProgress
from .settings import MachineSettings
from .supervisor import Supervisor

_Port = Annotated[int, Parameter(validator=validators.Number(gte=1, lte=65535))]


def up(
    *,
    home: HomeOption = None,
    host: Annotated[
        str | None, Parameter(help="Address that the portal listens on; else $OPSCONDUCTOR_HOST, else 127.0.0.1.")
    ] = None,
    port: Annotated[_Port | None, Parameter(help="TCP port of the portal; else $OPSCONDUCTOR_PORT, else 8080.")] = None,
    prefect_port: Annotated[
        _Port | None,
        Parameter(help="TCP port of the Prefect server, on loopback; else $OPSCONDUCTOR_PREFECT_PORT, else 4200."),
    ] = None,
    detach: Annotated[bool, Parameter(help="Go on in the background; end it with `opsconductor down`.")] = False,
) -> None:
    """Start everything on this machine: database, Prefect server, portal, worker. Ctrl-C ends it."""
    given = {"host": host, "port": port, "prefect_port": prefect_port}
    settings = MachineSettings(**{name: value for name, value in given.items() if value is not None})  # pyright: ignore[reportArgumentType]
    place = Home((home or default_root()).absolute())
    if detach:
        UpLock(place.lock).refuse_if_held(place.root)
        _detach(place)
        return
    machine = Machine.plan(place, settings)
    lock = UpLock(place.lock)
    machine.make_lock_folder()
    lock.take(place.root)
    try:
        machine.check()
        machine.make_folders()
        _run(machine, settings, lock)
    finally:
        lock.release()


def _run(machine: Machine, settings: MachineSettings, lock: UpLock) -> None:
    started = time.monotonic()
    progress = StartProgress(Console())

    def on_ready(password: str | None) -> None:
        progress.ready(machine, time.monotonic() - started, password)

    with progress:
        asyncio.run(Supervisor(machine, settings, progress.report).run(lock, on_ready))


def _detach(place: Home) -> None:
    """Start `up` again in a session of its own, and stay until it says ready or fails."""
    arguments = [argument for argument in sys.argv[1:] if argument != "--detach"]
    log = place.logs / "up.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600), "wb") as output:
        child = subprocess.Popen(
            [sys.executable, "-m", "opsconductor", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            cwd="/",
        )
    with log.open(errors="replace") as printed:
        if not _show_until_ready(printed, child):
            raise UnavailableError(f"OpsConductor did not start from {place.root}; the reason stands above")
    log.write_text("")  # the one-time password was shown once and is kept nowhere


def _show_until_ready(printed: TextIO, child: subprocess.Popen[bytes]) -> bool:
    """Pass on what the child prints, until the empty line after its greeting, or its end."""
    greeted = False
    while True:
        alive = child.poll() is None  # asked before reading: what it printed last is still read
        for line in iter(printed.readline, ""):
            sys.stdout.write(line)
            sys.stdout.flush()
            greeted = greeted or line.startswith("Ready")
            if greeted and not line.strip():
                return True
        if not alive:
            return False
        time.sleep(0.1)
