"""From what people type for a run or a target of it to what the API wants."""

from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from cyclopts import Parameter

from opsconductor.errors import InvalidInputError, NotFoundError, Problem

from .run_view import short

if TYPE_CHECKING:
    from opsconductor.client import PortalClient

RunArgument = Annotated[str, Parameter(help="Its id, the last characters of it, or `last`.")]
_SHORTEST = 4


def find_run(client: "PortalClient", typed_id: str) -> str:
    """The id of a run.

    Raises:
        NotFoundError: No run fits.
        InvalidInputError: It is too short, or fits several.
    """
    try:
        return str(UUID(typed_id))
    except ValueError:
        recent = client.get("/runs", size=200)["items"]
    if typed_id == "last":
        if not recent:
            raise NotFoundError("run", "'last'", hint="nothing has run yet")
        return recent[0]["id"]
    if len(typed_id) < _SHORTEST:
        raise InvalidInputError([Problem("run", f"{typed_id!r} is too short", "give the id, its end, or `last`")])
    ending = [run["id"] for run in recent if run["id"].endswith(typed_id) or run["id"].startswith(typed_id)]
    if len(ending) > 1:
        hint = "give its last characters, as opsconductor run list shows them"
        raise InvalidInputError([Problem("run", f"{typed_id!r} fits {len(ending)} runs", hint)])
    if not ending:
        raise NotFoundError("run", f"{typed_id!r}", hint="see opsconductor run list")
    return ending[0]


def find_target_ord(client: "PortalClient", run_id: str, name: str) -> int:
    """The number of a target in a run; -1 for `-`: the steps that run once.

    Raises:
        NotFoundError: The run has no such target.
    """
    if name == "-":
        return -1
    for target in client.pages(f"/runs/{run_id}/targets", size=500):
        if target["name"].lower() == name.lower():
            return target["ord"]
    raise NotFoundError("target", f"{name!r} in run {run_id}", hint=f"see opsconductor run show {short(run_id)}")


def find_attempt(client: "PortalClient", run_id: str, target: str, step: str, attempt: int | None) -> tuple[int, Any]:
    """The number of a target, and the attempt of a step on it: the last one when none is named.

    Raises:
        NotFoundError: The step was not sent there, or not so often.
    """
    ord_ = find_target_ord(client, run_id, target)
    sent = client.get(f"/runs/{run_id}/targets/{ord_}/steps")
    rows = [row for row in sent if row["step"] == step]
    if not rows:
        known = ", ".join(dict.fromkeys(row["step"] for row in sent)) or "none"
        raise NotFoundError("output", f"of step {step!r} on {target}", hint=f"steps that were sent there: {known}")
    if attempt is None:
        return ord_, rows[-1]
    row = next((row for row in rows if row["attempt"] == attempt), None)
    if row is None:
        raise NotFoundError("attempt", f"{attempt} of step {step!r}", hint=f"there are {len(rows)}")
    return ord_, row
