"""`opsconductor run list` and `history`: runs by what people ask for."""

from itertools import islice
from typing import TYPE_CHECKING, Annotated, Literal
from uuid import UUID

from cyclopts import Parameter

from opsconductor.errors import NotFoundError

from .lookup import moment, resolve
from .output import JsonOption, print_list
from .run_lookup import find_run
from .run_view import brief
from .session import portal

if TYPE_CHECKING:
    from opsconductor.client import PortalClient

_COLUMNS = ("run", "job", "version", "outcome", "targets", "by", "created", "took")

SinceOption = Annotated[
    str | None, Parameter(help="Only runs asked for since: 30m, 24h, 7d, or a time such as 2026-11-24T10:00.")
]
LimitOption = Annotated[int, Parameter(name=["--limit", "-n"], help="At most so many, the newest first.")]


def list_(
    search: str | None = None,
    *,
    job: Annotated[str | None, Parameter(help="Only runs of this job, also of one that is gone.")] = None,
    folder: Annotated[str | None, Parameter(help="Only runs of the jobs in this folder and below it.")] = None,
    status: Annotated[Literal["queued", "running", "ended"] | None, Parameter(help="Only runs in this status.")] = None,
    outcome: Annotated[str | None, Parameter(help="Only runs that ended so.")] = None,
    by: Annotated[str | None, Parameter(help="Only runs that this user started.")] = None,
    trigger: Annotated[str | None, Parameter(help="Only runs that began so: manual, schedule, test, health …")] = None,
    target: Annotated[str | None, Parameter(help="Only runs on this target.")] = None,
    since: SinceOption = None,
    until: Annotated[str | None, Parameter(help="Only runs asked for before: as for --since.")] = None,
    pinned: Annotated[bool | None, Parameter(negative=(), help="Only runs that are pinned.")] = None,
    rerun_of: Annotated[str | None, Parameter(help="Only reruns of this run.")] = None,
    sort: Annotated[
        str, Parameter(help="created_at or job; `-` before it: backwards.", allow_leading_hyphen=True)
    ] = "-created_at",
    limit: LimitOption = 20,
    json_: JsonOption = False,
) -> None:
    """List runs of jobs, the newest first. Connection tests and health checks are there with `--trigger`.

    Args:
        search: Part of a job's name, or of who started the run.
    """
    wanted = {
        "q": search, "folder": folder, "status": status, "outcome": outcome, "by": by, "trigger": trigger,
        "target": target, "pinned": pinned, "created_after": moment(since, "--since"),
        "created_before": moment(until, "--until"),
    }  # fmt: skip
    narrowed = job or rerun_of or any(value is not None for value in wanted.values())
    with portal() as client:
        wanted |= {**_of_job(client, job), "of_jobs": None if trigger else True}
        wanted |= {"sort": sort, "rerun_of": find_run(client, rerun_of) if rerun_of else None}
        runs = list(islice(client.pages("/runs", **wanted, size=min(limit, 500)), limit))
    empty = "No run matches." if narrowed else "No runs yet. Start one: opsconductor run start JOB"
    print_list(runs if json_ else map(brief, runs), _COLUMNS, as_json=json_, empty=empty)


def history(
    target: str,
    *,
    outcome: Annotated[str | None, Parameter(help="Only runs that as a whole ended so.")] = None,
    since: SinceOption = None,
    limit: LimitOption = 20,
    json_: JsonOption = False,
) -> None:
    """List the runs on one target, and how each ended there.

    Args:
        target: Name or id; by its id also a target that is gone.
    """
    with portal() as client:
        key = target if _is_id(target) else resolve(client, "/targets", "target", target)["id"]
        query = {"outcome": outcome, "created_after": moment(since, "--since"), "size": min(limit, 500)}
        runs = list(islice(client.pages(f"/targets/{key}/runs", **query), limit))
    rows = runs if json_ else [
        {**brief(run), "here": run["target_outcome"], "reason": run["target_reason"]} for run in runs
    ]  # fmt: skip
    columns = ("run", "job", "here", "outcome", "by", "created", "reason")
    print_list(rows, columns, as_json=json_, empty=f"Nothing has run on {target}.")


def _of_job(client: "PortalClient", job: str | None) -> dict[str, str]:
    """Which runs are of a job; one that is gone is known by the name that its runs have."""
    if job is None:
        return {}
    if _is_id(job):
        return {"job_id": job}
    try:
        return {"job_id": resolve(client, "/jobs", "job", job)["id"]}
    except NotFoundError:
        if not client.get("/runs", job=job, size=1)["items"]:
            raise
        return {"job": job}


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
