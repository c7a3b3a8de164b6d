"""`opsconductor run`: start, watch and steer runs."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

import cyclopts
from cyclopts import Parameter

from opsconductor.errors import InvalidInputError, NotFoundError, Problem

from .lookup import pairs, resolve, typed
from .output import JsonOption, console, error_console, print_json, print_list, print_record, table, took
from .run_view import EXIT_CODES, GOOD, RunView, brief, facts, print_next, result, short
from .session import portal

if TYPE_CHECKING:
    from opsconductor.client import PortalClient

app = cyclopts.App(
    name="run",
    help="Start, watch and steer runs.",
    help_epilogue="RUN is a run's id, the last characters of it, or `last`. "
    "Commands that wait end with 0 succeeded, 1 failed, 3 partial, 4 cancelled, 5 unknown; 2 is a refusal.",
)

_COLUMNS = ("run", "job", "version", "outcome", "targets", "by", "created", "took")
_SHORTEST = 4

RunArgument = Annotated[str, Parameter(help="Its id, the last characters of it, or `last`.")]
WatchOption = Annotated[
    bool, Parameter(name=["--watch", "-w"], help="Stay and show it live; Ctrl-C leaves it running.")
]


@app.command
def start(
    job: str,
    *,
    param: Annotated[
        list[str] | None, Parameter(name=["--param", "-p"], help="A parameter, NAME=VALUE; can be given again.")
    ] = None,
    select: Annotated[str | None, Parameter(help="Other targets than the job's own, as a selector.")] = None,
    version: Annotated[int | None, Parameter(help="Version of the job; the newest when absent.")] = None,
    check: Annotated[bool, Parameter(negative=(), help="Dry run: look, change nothing.")] = False,
    key: Annotated[str | None, Parameter(help="Idempotency key: the same key again finds the same run.")] = None,
    watch: WatchOption = False,
    json_: JsonOption = False,
) -> int:
    """Start a run of a published job.

    Args:
        job: Name or id.
    """
    with portal() as client:
        found = resolve(client, "/jobs", "job", job)
        parameters = pairs(param or (), "--param")
        if parameters:
            parameters = typed(parameters, client.get(f"/jobs/{found['id']}")["parameters"])
        body: dict[str, Any] = {"job_id": found["id"], "parameters": parameters, "check_only": check}
        if select is not None:
            body["targets"] = {"select": select}
        if version is not None:
            body["version"] = version
        run = client.post("/runs", body, headers={"Idempotency-Key": key} if key else None)
        return _started(client, run, watch=watch, as_json=json_)


@app.command(name="list")
def list_(
    *,
    job: Annotated[str | None, Parameter(help="Only runs of this job.")] = None,
    status: Annotated[Literal["queued", "running", "ended"] | None, Parameter(help="Only runs in this status.")] = None,
    outcome: Annotated[str | None, Parameter(help="Only runs that ended so.")] = None,
    limit: Annotated[int, Parameter(name=["--limit", "-n"], help="At most so many, the newest first.")] = 20,
    json_: JsonOption = False,
) -> None:
    """List runs, the newest first."""
    with portal() as client:
        job_id = resolve(client, "/jobs", "job", job)["id"] if job else None
        page = client.get("/runs", job_id=job_id, status=status, outcome=outcome, size=min(limit, 500))
    runs = page["items"][:limit]
    narrowed = job or status or outcome
    empty = "No run matches." if narrowed else "No runs yet. Start one: opsconductor run start JOB"
    print_list(runs if json_ else map(brief, runs), _COLUMNS, as_json=json_, empty=empty)


@app.command
def show(
    run: RunArgument,
    *,
    outcome: Annotated[str | None, Parameter(help="Only targets that ended so.")] = None,
    json_: JsonOption = False,
) -> None:
    """Show a run: its steps, and how each target ended."""
    with portal() as client:
        found = client.get(f"/runs/{_find(client, run)}")
        targets = list(client.pages(f"/runs/{found['id']}/targets", outcome=outcome, size=500))
    if json_:
        print_json({**found, "targets": targets})
        return
    print_record(facts(found))
    console.print("", table(found["steps"], ("id", "uses", "ok", "changed", "skipped", "bad")))
    if targets:
        console.print("", table(targets, ("name", "address", "outcome", "reason")))
    print_next(found, next((row["name"] for row in targets if row["outcome"] not in GOOD), None))


@app.command
def watch(run: RunArgument) -> int:
    """Show a run live, from its beginning, until it has ended. Ctrl-C leaves it running."""
    with portal() as client:
        return _watch(client, _find(client, run))


@app.command
def steps(run: RunArgument, target: str, *, json_: JsonOption = False) -> None:
    """Show what happened on one target, attempt by attempt.

    Args:
        target: Name of the target; `-` for steps that run once for the whole run.
    """
    with portal() as client:
        run_id = _find(client, run)
        rows = client.get(f"/runs/{run_id}/targets/{_target(client, run_id, target)}/steps")
    columns = ("step", "attempt", "outcome", "exit_code", "took", "summary")
    shown = rows if json_ else [{**row, "took": took(row.get("sent_at"), row.get("done_at"))} for row in rows]
    print_list(shown, columns, as_json=json_, empty="Nothing was sent to this target.")


@app.command
def output(run: RunArgument, target: str, step: str, *, attempt: int | None = None, json_: JsonOption = False) -> None:
    """Print what a step printed on a target, secrets redacted: its stdout on stdout, its stderr on stderr.

    Args:
        target: Name of the target; `-` for a step that runs once.
        step: Id of the step.
        attempt: Which attempt; the last one when absent.
    """
    with portal() as client:
        run_id = _find(client, run)
        ord_ = _target(client, run_id, target)
        sent = client.get(f"/runs/{run_id}/targets/{ord_}/steps")
        rows = [row for row in sent if row["step"] == step]
        if not rows:
            known = ", ".join(dict.fromkeys(row["step"] for row in sent)) or "none"
            raise NotFoundError("output", f"of step {step!r} on {target}", hint=f"steps that were sent there: {known}")
        row = rows[-1] if attempt is None else next((row for row in rows if row["attempt"] == attempt), rows[-1])
        path = f"/runs/{run_id}/targets/{ord_}/steps/{row['step_ord']}/attempts/{row['attempt']}/output"
        printed = client.get(path)
    if json_:
        print_json(printed)
        return
    console.out(printed["stdout"], end="", highlight=False)
    if printed["stderr"]:
        if console.is_terminal:
            console.rule("stderr")
        error_console.out(printed["stderr"], end="", highlight=False)


@app.command
def cancel(run: RunArgument, *, watch: WatchOption = False) -> int:
    """Ask a run to stop. What it started on the targets is ended there, and that is confirmed."""
    with portal() as client:
        run_id = _find(client, run)
        client.post(f"/runs/{run_id}/cancel")
        console.print("Asked it to stop.")
        return _watch(client, run_id) if watch else 0


@app.command
def rerun(
    run: RunArgument,
    *,
    all_: Annotated[
        bool, Parameter(name="--all", negative=(), help="On all targets, not only those that failed.")
    ] = False,
    watch: WatchOption = False,
    json_: JsonOption = False,
) -> int:
    """Run the same again, on the targets that did not end well: a new run."""
    with portal() as client:
        run_id = _find(client, run)
        again = client.post(f"/runs/{run_id}/rerun", {"targets": "all" if all_ else "failed"})
        return _started(client, again, watch=watch, as_json=json_)


@app.command
def resume(run: RunArgument, *, watch: WatchOption = False) -> int:
    """Let a run that ended as unknown or cancelled go on from where it stopped: the same run."""
    with portal() as client:
        run_id = _find(client, run)
        again = client.post(f"/runs/{run_id}/resume")
        return _started(client, again, watch=watch, as_json=False)


@app.command
def decide(
    run: RunArgument,
    target: str,
    step: str,
    decision: Literal["ran", "not_ran"],
    *,
    reason: Annotated[str, Parameter(help="How you know.")] = "",
) -> None:
    """Say what became of a step whose outcome is unknown. Then `opsconductor run resume` goes on.

    Args:
        target: Name of the target; `-` for a step that runs once.
        step: Id of the step.
        decision: `ran`: it is done. `not_ran`: it may run again.
    """
    with portal() as client:
        run_id = _find(client, run)
        name = "" if target == "-" else target
        body = {"target": name, "step": step, "decision": decision, "reason": reason}
        kept = client.post(f"/runs/{run_id}/decisions", body)
    console.print(f"Kept: {kept['step']} on {kept['target'] or 'the run'} {kept['decision']}. Go on with: "
                  f"opsconductor run resume {run_id}", highlight=False)  # fmt: skip


def _started(client: "PortalClient", run: Mapping[str, Any], *, watch: bool, as_json: bool) -> int:
    if as_json:
        return _as_json(client, run, watch=watch)
    count = run["target_count"]
    targets = f"{count} target" if count == 1 else f"{count} targets"
    console.print(f"Run {run['id']} of {run['job_name']} on {targets}.", highlight=False, soft_wrap=True)
    if watch:
        return _watch(client, run["id"])
    console.print(f"Watch it: opsconductor run watch {short(run['id'])}", highlight=False)
    return 0


def _as_json(client: "PortalClient", run: Mapping[str, Any], *, watch: bool) -> int:
    """One JSON document on stdout: the run as it started, or with `watch` as it ended."""
    if not watch:
        print_json(run)
        return 0
    for _ in client.events(run["id"]):
        pass
    ended = client.get(f"/runs/{run['id']}")
    print_json(ended)
    return EXIT_CODES.get(ended["outcome"], 5)


def _watch(client: "PortalClient", run_id: str) -> int:
    with RunView(console, client.get(f"/runs/{run_id}/matrix")) as view:
        for event in client.events(run_id):
            view.apply(event)
    run = client.get(f"/runs/{run_id}")
    targets = list(client.pages(f"/runs/{run_id}/targets", size=500))
    for part in result(run, targets):
        console.print(part)
    print_next(run, next((row["name"] for row in targets if row["outcome"] not in GOOD), None))
    return EXIT_CODES.get(run["outcome"], 5)


def _find(client: "PortalClient", typed_id: str) -> str:
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


def _target(client: "PortalClient", run_id: str, name: str) -> int:
    if name == "-":
        return -1
    for target in client.pages(f"/runs/{run_id}/targets", size=500):
        if target["name"].lower() == name.lower():
            return target["ord"]
    raise NotFoundError("target", f"{name!r} in run {run_id}", hint=f"see opsconductor run show {short(run_id)}")
