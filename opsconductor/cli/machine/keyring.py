"""`opsconductor admin rotate-keyring`."""

import json
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from opsconductor.cli.output import Done, changing, error_console
from opsconductor.errors import ConflictError

from .home import Home, HomeOption, default_root
from .lock import UpLock
from .machine import Machine
from .settings import MachineSettings

_NAMED = 10


class KeyringNotRotatedError(ConflictError):
    """Some credentials do not open, so the old keys must stay."""

    def __init__(self, stuck: dict[str, str]) -> None:
        listed = "\n".join(f"  {reason}" for reason in list(stuck.values())[:_NAMED])
        super().__init__(
            f"{len(stuck)} stored credentials do not open, so the old keys are kept:\n{listed}\n"
            "Rotate or delete these credentials, then run this again"
        )
        self.stuck = stuck


@changing
def rotate_keyring(*, home: HomeOption = None) -> Done:
    """Seal all credentials again under a new key, and forget the old one. Runs go on meanwhile.

    It can be stopped at any time, and goes on where it was when it is run again. Portals and workers on other
    machines need a copy of the new keyring file.
    """
    place = Home((home or default_root()).absolute())
    running = UpLock(place.lock).holder()
    if running is None:
        raise ConflictError(f"nothing is running from {place.root}: start it with `opsconductor up` first")
    machine = Machine.plan(place, MachineSettings(database_url=running.database_url))
    last: dict[str, Any] = {}
    columns = (TextColumn("Sealing credentials again"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=error_console, transient=True) as progress:
        task = progress.add_task("", total=None)
        for line in machine.follow_module("portal.admin", "rotate-keyring", prefect_api_url=running.prefect_api_url):
            last = json.loads(line)
            _show(progress, task, last)
    if last["stuck"]:
        raise KeyringNotRotatedError(last["stuck"])
    said = f"Key {last['key']} seals now; {last['resealed']} were sealed again, {len(last['retired'])} retired."
    return Done({name: last[name] for name in ("key", "resealed", "retired")}, said)


def _show(progress: Progress, task: TaskID, said: dict[str, Any]) -> None:
    if "total" in said:
        progress.update(task, completed=said["done"], total=said["total"])
