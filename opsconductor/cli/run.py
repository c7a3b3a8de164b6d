"""`opsconductor run`: start, watch and steer runs."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

import cyclopts
from cyclopts import Parameter

from opsconductor.errors import InvalidInputError, Problem

from .dash import TargetOrDash
from .lookup import pairs, resolve, typed
from .output import Done, JsonOption, changing, console, print_json, print_list, print_record, table, took
from .run_list import history, list_
from .run_lookup import RunArgument, find_run, find_target_ord
from .run_matrix import compare, matrix, timeline
from .run_output import output
from .run_view import (
    EXIT_CODES,
    GOOD,
    RunView,
    counted,
    decisions,
    facts,
    print_next,
    print_preview,
    result,
    short,
)
from .session import portal

if TYPE_CHECKING:
    from opsconductor.client import PortalClient

app = cyclopts.App(
    name="run",
    help="Start, watch and steer runs.",
    help_epilogue="RUN is a run's id, the last characters of it, or `last`. "
    "Commands that wait end with 0 succeeded, 1 failed, 3 partial, 4 cancelled, 5 unknown; 2 is a refusal.",
)


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
    select: Annotated[
        str | None, Parameter(help="Fewer targets than the job's own: those that this selector picks too.")
    ] = None,
    allow_empty: Annotated[bool, Parameter(negative=(), help="End well when there is no target.")] = False,
    version: Annotated[int | None, Parameter(help="Version of the job; the newest when absent.")] = None,
    check: Annotated[bool, Parameter(negative=(), help="Dry run: look, change nothing.")] = False,
    key: Annotated[str | None, Parameter(help="Idempotency key: the same key again finds the same run.")] = None,
    preview: Annotated[bool, Parameter(negative=(), help="Only say what would run where, or why not.")] = False,
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
        if select is not None or allow_empty:
            body["targets"] = {"select": select or "all", **({"allow_empty": True} if allow_empty else {})}
        if version is not None:
            body["version"] = version
        if preview:
            return print_preview(client.post("/runs/preview", body), as_json=json_)
        run = client.post("/runs", body, headers={"Idempotency-Key": key} if key else None)
        return _started(client, run, watch=watch, as_json=json_)


app.command(list_, name="list")
app.command(history)


@app.command
@changing
def pin(run: RunArgument) -> Done:
    """Keep a run and its output, whatever retention says."""
    with portal() as client:
        found = client.request("PUT", f"/runs/{find_run(client, run)}/pin")
    return Done(found, f"Pinned run {short(found['id'])} of {found['job_name']}.")


@app.command
@changing
def unpin(run: RunArgument) -> Done:
    """Leave a run to retention again."""
    with portal() as client:
        found = client.request("DELETE", f"/runs/{find_run(client, run)}/pin")
    return Done(found, f"Unpinned run {short(found['id'])} of {found['job_name']}.")


@app.command
def show(
    run: RunArgument,
    *,
    outcome: Annotated[str | None, Parameter(help="Only targets that ended so; pending: that have not ended.")] = None,
    json_: JsonOption = False,
) -> None:
    """Show a run: its steps, and how each target ended."""
    with portal() as client:
        found = client.get(f"/runs/{find_run(client, run)}")
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
def watch(run: RunArgument, *, json_: JsonOption = False) -> int:
    """Show a run live, from its beginning, until it has ended; Ctrl-C leaves it running. With --json: as it ended."""
    with portal() as client:
        run_id = find_run(client, run)
        return _ended(client, run_id) if json_ else _watch(client, run_id)


@app.command
def steps(run: RunArgument, target: TargetOrDash, *, json_: JsonOption = False) -> None:
    """Show what happened on one target, attempt by attempt.

    Args:
        target: Name of the target; `-` for steps that run once for the whole run.
    """
    with portal() as client:
        run_id = find_run(client, run)
        rows = client.get(f"/runs/{run_id}/targets/{find_target_ord(client, run_id, target)}/steps")
    columns = ("step", "attempt", "outcome", "exit_code", "took", "summary")
    shown = rows if json_ else [{**row, "took": took(row.get("sent_at"), row.get("done_at"))} for row in rows]
    print_list(shown, columns, as_json=json_, empty="Nothing was sent to this target.")


app.command(output)
app.command(matrix)
app.command(timeline)
app.command(compare)


@app.command
def cancel(run: RunArgument, *, watch: WatchOption = False, json_: JsonOption = False) -> int:
    """Ask a run to stop. What it started on the targets is ended there, and that is confirmed."""
    with portal() as client:
        run_id = find_run(client, run)
        asked = client.post(f"/runs/{run_id}/cancel")
        if json_:
            return _as_json(client, asked, watch=watch)
        console.print("Asked it to stop.")
        return _watch(client, run_id) if watch else 0


@app.command
def rerun(
    run: RunArgument,
    *,
    failed: Annotated[bool, Parameter(negative=(), help="On those that did not end well; so it is unasked.")] = False,
    unreachable: Annotated[bool, Parameter(negative=(), help="On those that nobody got into.")] = False,
    not_started: Annotated[bool, Parameter(negative=(), help="On those where no command was begun.")] = False,
    all_: Annotated[bool, Parameter(name="--all", negative=(), help="On all targets.")] = False,
    dry_run: Annotated[bool, Parameter(negative=(), help="Only say exactly which targets it would run on.")] = False,
    watch: WatchOption = False,
    json_: JsonOption = False,
) -> int:
    """Run the same again, on the targets that did not end well, or on others of the run: a new run."""
    choices = {"failed": failed, "unreachable": unreachable, "not_started": not_started, "all": all_}
    chosen = [name for name, wanted in choices.items() if wanted] or ["failed"]
    if len(chosen) > 1:
        raise InvalidInputError([Problem("rerun", "choose one of --failed, --unreachable, --not-started and --all")])
    body = {"targets": chosen[0]}
    with portal() as client:
        run_id = find_run(client, run)
        if dry_run:
            targets = client.post(f"/runs/{run_id}/rerun/preview", body)["targets"]
            print_list(targets, ("name", "address", "outcome", "reason"), as_json=json_, empty="No target.")
            return 0
        return _started(client, client.post(f"/runs/{run_id}/rerun", body), watch=watch, as_json=json_)


@app.command
def resume(run: RunArgument, *, watch: WatchOption = False, json_: JsonOption = False) -> int:
    """Let a run that ended as unknown or cancelled go on from where it stopped: the same run."""
    with portal() as client:
        run_id = find_run(client, run)
        again = client.post(f"/runs/{run_id}/resume")
        return _started(client, again, watch=watch, as_json=json_)


@app.command
@changing
def decide(
    run: RunArgument,
    target: TargetOrDash,
    step: str,
    decision: Literal["ran", "not_ran", "skip"],
    *,
    reason: Annotated[str, Parameter(help="How you know.")] = "",
    dry_run: Annotated[bool, Parameter(negative=(), help="Only say which targets; nothing is kept.")] = False,
) -> Done:
    """Say what became of a step whose outcome is unknown. Then `opsconductor run resume` goes on.

    Args:
        target: Name of the target; `-` for a step that runs once, `all` for every target where nobody knows.
        step: Id of the step.
        decision: `ran`: it is done. `not_ran`: it may run again. `skip`: go on without it.
    """
    body: dict[str, Any] = {"step": step, "decision": decision, "reason": reason}
    left: list[dict[str, Any]] = []
    with portal() as client:
        run_id = find_run(client, run)
        name = "" if target == "-" else target
        if target == "all" or dry_run:
            names = {} if target == "all" else {"targets": [name]}
            found = client.post(f"/runs/{run_id}/decisions/many", {**body, **names, "dry_run": dry_run})
            kept, left = found["decided"], found["not_decided"]
        else:
            kept = [client.post(f"/runs/{run_id}/decisions", {**body, "target": name})]
    words = decisions(kept, left, dry_run=dry_run)
    if kept and not dry_run:
        words.append(f"Go on with: opsconductor run resume {run_id}")
    return Done({"decided": kept, "not_decided": left}, *words)


def _started(client: "PortalClient", run: Mapping[str, Any], *, watch: bool, as_json: bool) -> int:
    if as_json:
        return _as_json(client, run, watch=watch)
    targets = counted(run["target_count"])
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
    return _ended(client, run["id"])


def _ended(client: "PortalClient", run_id: str) -> int:
    for _ in client.events(run_id):
        pass
    ended = client.get(f"/runs/{run_id}")
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
