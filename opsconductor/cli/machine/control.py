"""`down`, `status`, `admin reset-password` and `admin rotate-token-keys`."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.console import Console
from rich.table import Table

from opsconductor.cli.output import Done, changing
from opsconductor.errors import ConflictError, UnavailableError

from .home import Home, HomeOption, default_root
from .lock import Running, UpLock
from .machine import Machine
from .maintenance import missing_maintenance
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
    missing = missing_maintenance(place, running) if running and parts["prefect"] else None
    if json_:
        told = {"running": running is not None, "home": str(place.root), "parts": parts, "maintenance_missing": missing}
        Console().print_json(json.dumps(told))
    else:
        _print(place, running, parts, missing or ())
    if running is None or not all(parts.values()):
        raise SystemExit(1)


@changing
def reset_password(user: str = "admin", *, home: HomeOption = None) -> Done:
    """Give a user a new one-time password, and sign out all of their sessions.

    Args:
        user: Login name.
    """
    password = _admin("reset-password", user, home=home)["password"]
    return Done({"username": user, "one_time_password": password}, f"New one-time password of {user}: {password}")


@changing
def reset_second_factor(user: str = "admin", *, home: HomeOption = None) -> Done:
    """Let a user sign in by their password alone, and sign out all of their sessions.

    For the last admin who lost the authenticator app and the recovery codes; another admin uses
    `opsconductor second-factor reset`.

    Args:
        user: Login name.
    """
    _admin("reset-second-factor", user, home=home)
    return Done({"username": user}, f"{user} signs in by their password alone now.")


@changing
def rotate_token_keys(*, home: HomeOption = None) -> Done:
    """Let a new key sign access tokens, without a restart. Nobody is signed out: old tokens run out by themselves."""
    key = _admin("rotate-token-keys", home=home)["key"]
    return Done({"key": key}, f"Access tokens are signed by the new key {key} from now on.")


def _admin(*command: str, home: Path | None) -> dict[str, str]:
    """What a command of `portal.admin` made, on the installation that runs here."""
    place = Home((home or default_root()).absolute())
    running = UpLock(place.lock).holder()
    if running is None:
        raise ConflictError(f"nothing is running from {place.root}: start it with `opsconductor up` first")
    machine = Machine.plan(place, MachineSettings(database_url=running.database_url))
    return json.loads(machine.run_module("portal.admin", *command).splitlines()[-1])


def _parts(place: Home, running: Running) -> dict[str, bool]:
    return {
        "portal": reachable(f"{running.portal_url}/health/ready"),
        "prefect": reachable(running.prefect_api_url + "/health"),
        "flows": is_listened_to(place.forkserver_socket),
        "worker": is_held(place.worker_ready),
    }


def _print(place: Home, running: Running | None, parts: dict[str, bool], missing: Sequence[str]) -> None:
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
    if missing:
        console.print(f"[yellow]![/yellow] maintenance is missing: {', '.join(missing)}", highlight=False)
