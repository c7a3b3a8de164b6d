"""`opsconductor target test` and `health`: whether targets can be logged in to, and whether they answer."""

import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from cyclopts import Parameter
from rich.progress import Progress

from opsconductor.errors import InvalidInputError, Problem

from .lookup import resolve
from .output import Done, JsonOption, console, error_console, print_done, print_json, print_list, print_record, removed
from .session import portal

if TYPE_CHECKING:
    from opsconductor.client import PortalClient

_POLL_SECONDS: Final = 0.3
_RESULTS: Final = ("name", "status", "user", "hostname", "os", "kernel", "login_ms", "fingerprint", "reason")
_HISTORY: Final = ("at", "mode", "status", "latency_ms", "detail")
_STATUSES: Final = ("name", "status", "since", "checked_at", "latency_ms", "detail")
_SHOWN: Final = 20


def log_in(
    *names: str,
    select: Annotated[str | None, Parameter(help="Test what this selector picks, such as group:web, or all.")] = None,
    at_most: Annotated[int, Parameter(help="Test nothing when the selector picks more.")] = 500,
    json_: JsonOption = False,
) -> None:
    """Log in to targets, each with its own credential, and say where that leads or why it does not work.

    Of a target whose host key is not known yet, the key that it shows is kept, and no other is accepted from then on.
    Ends with 1 when a target could not be logged in to.

    Args:
        names: Names or ids.
    """
    if bool(names) == (select is not None):
        raise InvalidInputError([Problem("names", "name targets, or pick them with --select")])
    with portal() as client:
        started = _start(client, names, select, at_most)
        ended = _watch(client, started)
        results = client.get(f"/connection-tests/{started['id']}/results")
    if json_:
        print_json({**ended, "results": results})
    else:
        print_list(results, _told(results), as_json=False, empty="No target was tested.")
        counts = Counter(row["status"] for row in results)
        console.print(", ".join(f"{count} {status}" for status, count in counts.most_common()) + ".", highlight=False)
    if any(row["status"] != "connected" for row in results):
        sys.exit(1)


def _told(results: Sequence[Mapping[str, Any]]) -> list[str]:
    """The columns that say something: no host name that is the target's name, and of many targets no kernel."""
    used = [column for column in _RESULTS if any(row[column] not in (None, "") for row in results)]
    if all(row["hostname"] in (row["name"], None) for row in results):
        used = [column for column in used if column != "hostname"]
    return [column for column in used if column != "kernel" or len(results) == 1]


def _start(client: "PortalClient", names: tuple[str, ...], select: str | None, at_most: int) -> dict[str, Any]:
    if select is not None:
        return client.post("/connection-tests", {"select": select, "at_most": at_most})
    targets = [resolve(client, "/targets", "target", name) for name in names]
    if len(targets) == 1:
        return client.post(f"/targets/{targets[0]['id']}/test")
    picked = " or ".join(f'name:"{target["name"]}"' for target in targets)
    return client.post("/connection-tests", {"select": picked, "at_most": len(targets)})


def _watch(client: "PortalClient", started: dict[str, Any]) -> dict[str, Any]:
    """The test once it has ended."""
    test = started
    with Progress(console=error_console, transient=True) as progress:
        task = progress.add_task("Logging in", total=test["total"])
        while test["status"] != "ended":
            time.sleep(_POLL_SECONDS)
            test = client.get(f"/connection-tests/{test['id']}")
            progress.update(task, completed=test["total"] - test["counts"].get("waiting", 0))
    return test


def health(
    name: str | None = None,
    *,
    group: Annotated[str | None, Parameter(help="Show or say how the targets of this group are checked.")] = None,
    check: Annotated[
        Literal["tcp", "login", "off", "none"] | None,
        Parameter(help="Check the port (tcp) or sign in (login); off: not, whatever its groups say; none: no rule."),
    ] = None,
    every: Annotated[int, Parameter(help="Seconds between checks, from 60.")] = 300,
    status: Annotated[str | None, Parameter(help="Only targets that are so, such as unreachable.")] = None,
    json_: JsonOption = False,
) -> None:
    """Show how targets are, or say how they are checked. Nothing is checked unless somebody says so.

    Checks are made by the Prefect deployment `opsconductor target health`, once a minute; `doctor` says
    when it is missing.

    Args:
        name: Name or id of a target; all that were checked when absent.
    """
    with portal() as client:
        if check is not None:
            print_done(_set(client, name, group, check, every), as_json=json_)
        elif group is not None:
            _show_group(client, name, group, as_json=json_)
        elif name is None:
            found = client.pages("/target-health", status=status, size=500)
            empty = "No target was checked. Begin with: opsconductor target health NAME --check tcp"
            print_list(found, _STATUSES, as_json=json_, empty=empty)
        else:
            _show(client, name, as_json=json_)


def _show_group(client: "PortalClient", name: str | None, group: str, *, as_json: bool) -> None:
    if name is not None:
        raise InvalidInputError([Problem("name", "name a target, or a group with --group")])
    found = client.get(f"/groups/{resolve(client, '/groups', 'group', group)['id']}/health/check")
    if as_json:
        print_json(found)
    else:
        print_record(found)


def _set(client: "PortalClient", name: str | None, group: str | None, check: str, every: int) -> Done:
    if (name is None) == (group is None):
        raise InvalidInputError([Problem("name", "name a target, or a group with --group")])
    if group is not None:
        thing, path = resolve(client, "/groups", "group", group), "/groups"
    else:
        thing, path = resolve(client, "/targets", "target", name or ""), "/targets"
    place = f"{path}/{thing['id']}/health/check"
    if check == "none":
        client.delete(place)
        return Done(removed(thing), f"{thing['name']} has no check of its own any more.")
    kept = client.request("PUT", place, body={"mode": check, "interval_seconds": every})
    said = "is not checked" if check == "off" else f"is checked by {check} every {every} s"
    return Done(kept, f"{thing['name']} {said}.")


def _show(client: "PortalClient", name: str, *, as_json: bool) -> None:
    target = resolve(client, "/targets", "target", name)
    found = client.get(f"/targets/{target['id']}/health")
    history = client.get(f"/targets/{target['id']}/health/history", size=_SHOWN)["items"]
    if as_json:
        print_json({**found, "history": history})
        return
    check = found.pop("check")
    found["check"] = f"{check['mode']} every {check['interval_seconds']} s, by {check['source']}" if check else None
    print_record(found)
    print_list(history, _HISTORY, as_json=False, empty="It was never checked.")
