"""`opsconductor doctor`: each finding says what it means and what to do next."""

import json
import os
import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Annotated, Literal

from cyclopts import Parameter
from rich.console import Console

from blocks import keyring_file
from opsconductor.errors import OpsError

from .accounts import FLOW, SERVICE
from .cluster import server_binaries
from .home import Home, HomeOption, default_root
from .lock import UpLock
from .maintenance import missing_maintenance
from .ready import is_held, is_listened_to, reachable
from .settings import MachineSettings

_MARKS = {"good": "[green]✓[/green]", "warning": "[yellow]![/yellow]", "bad": "[red]✗[/red]"}
_LOW_BYTES = 2 * 1024**3


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at."""

    state: Literal["good", "warning", "bad"]
    what: str
    next_step: str = ""


def doctor(
    *,
    home: HomeOption = None,
    json_: Annotated[bool, Parameter(name="--json", help="As JSON.")] = False,
) -> None:
    """Look for what is wrong with this machine, and say what to do; exit code 1 when something is bad."""
    place = Home((home or default_root()).absolute())
    findings = [finding for look in _LOOKS for finding in look(place)]
    if json_:
        Console().print_json(json.dumps([asdict(finding) for finding in findings]))
    else:
        console = Console(highlight=False, soft_wrap=True)
        for finding in findings:
            console.print(f"{_MARKS[finding.state]} {finding.what}")
            if finding.next_step:
                console.print(f"    → {finding.next_step}")
    if any(finding.state == "bad" for finding in findings):
        raise SystemExit(1)


def _database(_: Home) -> Iterator[Finding]:
    if MachineSettings().database_url:
        yield Finding("good", "an outside PostgreSQL is used (OPSCONDUCTOR_DATABASE_URL)")
        return
    try:
        yield Finding("good", f"PostgreSQL server binaries in {server_binaries()}")
    except OpsError as error:
        yield Finding("bad", "no PostgreSQL server", str(error))


def _accounts(_: Home) -> Iterator[Finding]:
    if os.geteuid() == 0:
        yield Finding("good", f"action code runs as {FLOW}, apart from the keys that {SERVICE} holds")
    else:
        yield Finding(
            "warning",
            "not root: action code runs as the OS user that can read the keyring",
            "start with root once, so that two OS users can be made; or let only people you trust write jobs",
        )


def _disk(place: Home) -> Iterator[Finding]:
    existing = next(folder for folder in (place.root, *place.root.parents) if folder.exists())
    free = shutil.disk_usage(existing).free
    text = f"{free // 1024**2} MiB free under {existing}"
    yield Finding("good", text) if free > _LOW_BYTES else Finding("warning", text, "free some room soon")


def _keyring(place: Home) -> Iterator[Finding]:
    try:
        mode = stat.S_IMODE(place.keyring.stat().st_mode)
    except FileNotFoundError:
        sealed = "restore it from a backup: credentials that it sealed cannot be opened without it"
        state = Finding("bad", f"the keyring {place.keyring} is missing", sealed)
        yield state if place.cluster.exists() else Finding("good", "no keyring yet; the first `up` makes it")
        return
    except PermissionError:
        yield Finding("warning", f"the keyring {place.keyring} cannot be looked at", "run doctor as root")
        return
    if mode & 0o077:
        yield Finding("bad", f"the keyring is open to others ({mode:o})", f"chmod 600 {place.keyring}")
        return
    try:
        keys = len(keyring_file.read(place.keyring).keys)
    except OpsError as error:
        yield Finding("bad", "the keyring cannot be used", str(error))
        return
    if keys > 1:
        what = f"the keyring holds {keys} keys: a rotation of the keys has not ended"
        yield Finding("warning", what, "opsconductor admin rotate-keyring goes on with it")
    else:
        yield Finding("good", "keyring present, closed to others, one key")


def _parts(place: Home) -> Iterator[Finding]:
    running = UpLock(place.lock).holder()
    if running is None:
        yield Finding("warning", f"not running from {place.root}", "start it with `opsconductor up`")
        return
    for name, url in (
        ("portal", f"{running.portal_url}/health/ready"),
        ("Prefect server", f"{running.prefect_api_url}/health"),
    ):
        works = reachable(url)
        log = place.logs / f"{name.split()[0].lower()}.log"
        yield Finding("good", f"{name} answers") if works else Finding("bad", f"{name} does not answer", f"see {log}")
    for name, works in (
        ("worker", is_held(place.worker_ready)),
        ("fork server", is_listened_to(place.forkserver_socket)),
    ):
        yield (
            Finding("good", f"{name} is ready")
            if works
            else Finding("bad", f"{name} is not ready", f"see {place.logs}")
        )


def _maintenance(place: Home) -> Iterator[Finding]:
    running = UpLock(place.lock).holder()
    missing = missing_maintenance(place, running) if running else None
    if missing is None:
        return  # whether Prefect answers is said above
    if missing:
        what = f"Prefect does not run the maintenance: {', '.join(missing)}"
        step = "the portal deploys what is missing within an hour; resume in Prefect what is paused there"
        yield Finding("warning", what, step)
    else:
        yield Finding("good", "maintenance is deployed: retention, health of runs, health of targets")


_LOOKS: tuple[Callable[[Home], Iterator[Finding]], ...] = (_accounts, _database, _disk, _keyring, _parts, _maintenance)
