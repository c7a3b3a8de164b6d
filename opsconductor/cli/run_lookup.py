"""From what people type for a run or a target of it to what the API wants."""

from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from cyclopts import Parameter

from opsconductor.errors import InvalidInputError, NotFoundError, Problem

from .run_view import GOOD, short

if TYPE_CHECKING:
    from opsconductor.client import PortalClient

RunArgument = Annotated[str, Parameter(help="Its id, the last characters of it, or `last`: the newest run of a job.")]
_SHORTEST = 4
_RECENT = 5000


def find_run(client: "PortalClient", typed_id: str) -> str:
    """The id of a run.

    Raises:
        NotFoundError: No run fits.
        InvalidInputError: It is too short, or fits several.
    """
    try:
        return str(UUID(typed_id))
    except ValueError:
        pass
    if typed_id == "last":
        newest = client.get("/runs", size=1, of_jobs=True)["items"]
        if not newest:
            raise NotFoundError("run", "'last'", hint="no job has run yet")
        return newest[0]["id"]
    if len(typed_id) < _SHORTEST:
        raise InvalidInputError([Problem("run", f"{typed_id!r} is too short", "give the id, its end, or `last`")])
    ending = _fitting(client, typed_id, of_jobs=True) or _fitting(client, typed_id, of_jobs=False)
    if len(ending) > 1:
        hint = "give its last characters, as opsconductor run list shows them"
        raise InvalidInputError([Problem("run", f"{typed_id!r} fits {len(ending)} runs", hint)])
    if not ending:
        raise NotFoundError("run", f"{typed_id!r}", hint="see opsconductor run list; an older one by its whole id")
    return ending[0]


def _fitting(client: "PortalClient", typed_id: str, *, of_jobs: bool) -> list[str]:
    """Ids of recent runs that begin or end so. Health checks come by the hundred: they are looked through last."""
    recent = islice(client.pages("/runs", of_jobs=of_jobs, size=500), _RECENT)
    return [run["id"] for run in recent if run["id"].endswith(typed_id) or run["id"].startswith(typed_id)]


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


def find_attempt(
    client: "PortalClient", run_id: str, target: str, step: str | None, attempt: int | None
) -> tuple[int, Any]:
    """The number of a target, and the attempt of a step on it: the last one when none is named.

    Without a step it is the last one that did not end well, or else the only one.

    Raises:
        NotFoundError: The step was not sent there, or not so often.
    """
    ord_ = find_target_ord(client, run_id, target)
    sent = client.get(f"/runs/{run_id}/targets/{ord_}/steps")
    step = step or _telling(sent)
    rows = [row for row in sent if row["step"] == step]
    if step is None and sent:
        known = ", ".join(dict.fromkeys(row["step"] for row in sent))
        raise InvalidInputError([Problem("step", "name one, for none went wrong", f"steps that were sent: {known}")])
    if not rows:
        known = ", ".join(dict.fromkeys(row["step"] for row in sent)) or "none"
        what = f"of step {step!r} on {target}" if step else f"on {target}"
        raise NotFoundError("output", what, hint=f"steps that were sent there: {known}")
    if attempt is None:
        return ord_, rows[-1]
    row = next((row for row in rows if row["attempt"] == attempt), None)
    if row is None:
        raise NotFoundError("attempt", f"{attempt} of step {step!r}", hint=f"there are {len(rows)}")
    return ord_, row


def _telling(sent: list[Any]) -> str | None:
    bad = [row["step"] for row in sent if row["outcome"] is not None and row["outcome"] not in GOOD]
    steps = {row["step"] for row in sent}
    return bad[-1] if bad else steps.pop() if len(steps) == 1 else None
