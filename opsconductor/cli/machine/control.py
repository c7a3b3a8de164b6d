"""`down`, `status` and `admin reset-password`."""

import json
from typing import Annotated

from cyclopts import Parameter
from rich.console import Console
from rich.table import Table

from opsconductor.errors import ConflictError, UnavailableError

from .home import Home, HomeOption, default_root
from .lock import Running, UpLock
from .machine import Machine
from .ready import is_held, is_listened_to, reachable
from .settings import MachineSettings

_STOP_SECONDS = 60


def down(*, home: HomeOption = None) -> None:
    """Stop everything that `up` started. Runs that are under way go on at the next `up`."""
    place = Home((home or default_root()).absolute())
    lock = UpLock(place.lock)
    running = lock.ask_to_end()
    if running is None:
        Console().print(f"Nothing is running from {place.root}.")
        return
    if not lock.wait_until_free(_STOP_SECONDS):
        reason = f"the supervisor (pid {running.pid}) is still there after {_STOP_SECONDS} s"
        raise UnavailableError(f"{reason}; see {place.logs}")
    Console().print("Stopped.")


def status(
    *, home: HomeOption = None, json_: Annotated[bool, Parameter(name="--json", help="As JSON.")] = False
) -> None:
    """Say what runs here and whether it works; exit code 1 when something does not."""
    place = Home((home or default_root()).absolute())
    running = UpLock(place.lock).holder()
    parts = _parts(place, running) if running else {}
    if json_:
        Console().print_json(json.dumps({"running": running is not None, "home": str(place.root), "parts": parts}))
    else:
        _print(place, running, parts)
    if running is None or not all(parts.values()):
        raise SystemExit(1)


def reset_password(user: str = "admin", *, home: HomeOption = None) -> None:
    """Give a user a new one-time password, and sign out all of their sessions.

    Args:
        user: Login name.
    """
    place = Home((home or default_root()).absolute())
    running = UpLock(place.lock).holder()
    if running is None:
        raise ConflictError(f"nothing is running from {place.root}: start it with `opsconductor up` first")
    machine = Machine.plan(place, MachineSettings(database_url=running.database_url))
    printed = machine.run_module("portal.admin", "reset-password", user)
    password = json.loads(printed.splitlines()[-1])["password"]
    Console().print(f"New one-time password of {user}: {password}", highlight=False)


def _parts(place: Home, running: Running) -> dict[str, bool]:
    return {
        "portal": reachable(f"{running.portal_url}/health/ready"),
        "prefect": reachable(running.prefect_api_url + "/health"),
        "flows": is_listened_to(place.forkserver_socket),
        "worker": is_held(place.worker_ready),
    }


def _print(place: Home, running: Running | None, parts: dict[str, bool]) -> None:
    console = Console()
    if running is None:
        console.print(f"Not running ({place.root}). Start it with `opsconductor up`.")
        return
    console.print(f"Running from {place.root}, pid {running.pid}", highlight=False)
    table = Table.grid(padding=(0, 2))
    for name, works in parts.items():
        table.add_row("[green]✓[/green]" if works else "[red]✗[/red]", name, "works" if works else "does not answer")
    console.print(table)
    console.print(f"portal {running.portal_url}", highlight=False)
