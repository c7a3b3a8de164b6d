"""`opsconductor credential bind|unbind|of|test|accesses`: what signs in with a credential, and who used it."""

import time
from typing import Final, Literal

from .lookup import resolve
from .output import Done, JsonOption, changing, console, print_json, print_list
from .session import portal

_ACCESS_COLUMNS: Final = ("at", "event", "by", "job", "targets", "version", "reason")
_PATHS: Final = {"target": "/targets", "group": "/groups", "job": "/jobs"}
_POLL_SECONDS: Final = 0.3

Place = Literal["target", "group", "job"]


@changing
def bind(name: str, place: Place, place_name: str) -> Done:
    """Let a target, the targets of a group, or those of a job sign in with a credential.

    A target's own credential comes first, then that of its nearest group, then the job's.

    Args:
        name: Name or id of the credential.
        place: target, group or job.
        place_name: Name or id of the target, group or job.
    """
    with portal() as client:
        found = resolve(client, "/credentials", "credential", name)
        there = resolve(client, _PATHS[place], place, place_name)
        bound = client.request("PUT", f"/credentials/{found['id']}/bindings/{place}/{there['id']}")
    before = f" instead of {bound['replaced']}" if bound["replaced"] else ""
    return Done(bound, f"Bound {found['name']} to {place} {there['name']}{before}.")


@changing
def unbind(name: str, place: Place, place_name: str) -> Done:
    """Take a credential away from a target, a group or a job.

    Args:
        name: Name or id of the credential.
        place: target, group or job.
        place_name: Name or id of the target, group or job.
    """
    with portal() as client:
        found = resolve(client, "/credentials", "credential", name)
        there = resolve(client, _PATHS[place], place, place_name)
        client.delete(f"/credentials/{found['id']}/bindings/{place}/{there['id']}")
    fact = {"credential": found["name"], "place": place, "place_id": there["id"], "deleted": True}
    return Done(fact, f"Took {found['name']} away from {place} {there['name']}.")


def of(target: str, *, job: str | None = None, json_: JsonOption = False) -> None:
    """Say which credential a target signs in with, and why.

    Args:
        target: Name or id of the target.
        job: Name or id of a job: as in its runs.
    """
    with portal() as client:
        there = resolve(client, "/targets", "target", target)
        job_id = resolve(client, "/jobs", "job", job)["id"] if job else None
        found = client.get(f"/targets/{there['id']}/credential", job_id=job_id)
    if json_:
        print_json(found)
        return
    print_list(found["order"], ("source", "place", "credential"), as_json=False, empty="No credential.")
    console.print(f"The first one counts: {found['why']}." if found["order"] else f"{found['why']}.", highlight=False)


def try_(name: str, target: str, *, json_: JsonOption = False) -> None:
    """Log in to a target with a credential that it signs in with, or that is for it; exit code 1 when that fails.

    Args:
        name: Name or id of the credential.
        target: Name or id of the target.
    """
    with portal() as client:
        found = resolve(client, "/credentials", "credential", name)
        there = resolve(client, "/targets", "target", target)
        started = client.post(f"/credentials/{found['id']}/test", {"target_id": there["id"]})
        while client.get(f"/connection-tests/{started['id']}")["status"] != "ended":
            time.sleep(_POLL_SECONDS)
        [result] = client.get(f"/connection-tests/{started['id']}/results")
    if json_:
        print_json(result)
    elif result["status"] == "connected":
        who = f"{result['user']} on {result['hostname']}"
        console.print(f"{found['name']} signs in to {there['name']}: {who}.", highlight=False)
    else:
        console.print(f"{result['status']}: {result['reason']}", highlight=False, style="red", soft_wrap=True)
    if result["status"] != "connected":
        raise SystemExit(1)


def accesses(name: str, *, json_: JsonOption = False) -> None:
    """List who used, tested or saw a secret, the newest first.

    Args:
        name: Name or id.
    """
    with portal() as client:
        found = resolve(client, "/credentials", "credential", name)
        rows = client.pages(f"/credentials/{found['id']}/accesses", size=500)
        print_list(rows, _ACCESS_COLUMNS, as_json=json_, empty=f"Nobody has used {found['name']} yet.")
