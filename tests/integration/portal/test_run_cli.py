"""`opsconductor run`, over a run that was played and one that was not."""

import json
from pathlib import Path

import httpx
import psycopg
import pytest
from fastapi import FastAPI

from flows.maintenance_plan import TEST_JOB_ID
from opsconductor.sdk.outcome import Outcome, RunOutcome
from tests.fixtures.portal import sign_in

from .command_line import CommandLine
from .test_matrix import opened, start
from .test_outputs import add_output, played, printed
from .world import add

_CHECKS = """
INSERT INTO job_runs SELECT (jsonb_populate_record(run, jsonb_build_object(
  'id', gen_random_uuid(), 'job_id', CAST(%(test)s AS text), 'trigger', 'health'))).*
FROM job_runs run, generate_series(1, 300)
"""


@pytest.fixture
async def admin(served: str, portal_app: FastAPI, tmp_path: Path) -> CommandLine:
    return CommandLine(f"http://{served}", tmp_path).signed_in(await sign_in(portal_app))


async def test_a_run_is_looked_at_from_every_side(
    api: httpx.AsyncClient, admin: CommandLine, portal_database: str, tmp_path: Path
):
    run_id = (await played(api, portal_database)).rsplit("/", 1)[1]
    folded = await admin.run("run", "matrix", "last")
    assert [line.split()[-4:] for line in folded.splitlines()[1:3]] == [
        ["web03", "✕", "·", "·"],
        ["web02", "✓", "·", "»"],
    ]
    rows = json.loads(await admin.run("run", "matrix", run_id[-8:], "--json"))
    assert rows["web03"] == {"look": "failed", "once": "waiting", "act": "waiting"}
    groups = await admin.run("run", "output", "last", "--group", "look")
    assert "1 target failed: web03" in groups
    assert "3 targets ok: web00, web01, web02" in groups
    hits = await admin.run("run", "output", "last", "--search", "LOAD", "web03")
    assert hits == "web03 look stdout:1: load 9\nweb03 look stderr:2: load!\n"
    assert await admin.run("run", "output", "last", "web03", "look", "--tail", "1") == "load 9\n"
    assert await admin.run("run", "output", "last", "web03", "look", "--from", "2", "--count", "1") == ""
    assert await admin.run("run", "output", "last", "web02", "look", "--from", "2", "--count", "5") == "load Ärger 1\n"
    both = await admin.try_run("run", "output", "last", "web02", "look", "--from", "2", "--tail", "1")
    assert (both.code, "choose one" in both.err) == (2, True)
    file = tmp_path / "out.txt"
    await admin.run("run", "output", "last", "web03", "look", "--download", str(file))
    assert file.read_text() == "load 9\nno space left on device\nload!\n"
    refused = await admin.try_run("run", "output", "last", "--download", str(tmp_path / "no"), "nobody")
    assert (refused.code, (tmp_path / "no").exists()) == (2, False)
    assert "name a target" in (await admin.try_run("run", "output", "last")).err
    assert (await admin.run("run", "output", "last", "web03", "--tail", "1")) == "load 9\n"  # the step that went wrong
    several = await admin.try_run("run", "output", "last", "web02")
    assert (several.code, "name one" in several.err) == (2, True)
    assert (await admin.run("run", "timeline", "last")).splitlines()[1].split()[:2] == ["look", "5"]
    nothing = ("run", "start", "grid", "--select", "host:nobody")
    assert (await admin.try_run(*nothing)).code == 2
    assert json.loads(await admin.run(*nothing, "--allow-empty", "--json"))["outcome"] == "no_targets"


async def test_a_run_is_found_behind_many_checks_and_after_its_job_is_gone(
    api: httpx.AsyncClient, admin: CommandLine, portal_database: str
):
    run = await start(api, 1)
    with psycopg.connect(portal_database) as connection:
        connection.execute(_CHECKS, {"test": str(TEST_JOB_ID)})
    assert json.loads(await admin.run("run", "show", run["id"][-8:], "--json"))["id"] == run["id"]
    await api.delete(f"/api/v1/jobs/{run['job_id']}")
    kept = json.loads(await admin.run("run", "list", "--job", "grid", "--sort", "job", "--json"))
    assert [row["id"] for row in kept] == [run["id"]]
    assert "No run matches" in await admin.run("run", "list", "--rerun-of", "last")
    unknown = await admin.try_run("run", "list", "--job", "grit")
    assert (unknown.code, "opsconductor job list" in unknown.err) == (2, True)


async def test_a_dry_run_of_a_decision_keeps_nothing(api: httpx.AsyncClient, admin: CommandLine, portal_database: str):
    run = await start(api, 2)
    ledger = await opened(portal_database, run)
    await add_output(ledger, 1, 0, printed(Outcome.UNKNOWN, ""))
    await ledger.end(RunOutcome.UNKNOWN, "")
    await ledger.close()
    tried = await admin.run("run", "decide", "last", "web01", "look", "skip", "--dry-run")
    assert tried == "Would keep: look on web01 skip.\n"
    assert "Kept: look on web01 ran." in await admin.run("run", "decide", "last", "web01", "look", "ran")


async def test_runs_are_found_kept_and_repeated(api: httpx.AsyncClient, admin: CommandLine, portal_database: str):
    run_id = (await played(api, portal_database)).rsplit("/", 1)[1]
    preview = await admin.try_run("run", "start", "grid", "--select", "host:web01", "--preview")
    assert (preview.code, "web01" in preview.out, "left out: web02" in preview.out) == (0, True, True)
    dry = await admin.run("run", "rerun", "last", "--all", "--dry-run", "--json")
    assert [row["name"] for row in json.loads(dry)] == ["web00", "web01", "web02", "web03"]
    await admin.run("run", "pin", "last")
    await add(api, "/runs", {"job": "grid", "targets": {"select": "host:web01"}})
    pinned = json.loads(
        await admin.run("run", "list", "gri", "--pinned", "--target", "web03", "--since", "1h", "--json")
    )
    assert [run["id"] for run in pinned] == [run_id]
    assert "No run matches" in await admin.run("run", "list", "--by", "nobody")
    history = json.loads(await admin.run("run", "history", "web01", "--json"))
    assert len(history) == 2
    assert "ended differently" in await admin.run("run", "compare", run_id, "last")
    both = await admin.try_run("run", "rerun", run_id, "--all", "--unreachable")
    assert (both.code, "choose one" in both.err) == (2, True)
    undecided = await admin.run("run", "decide", run_id, "web01", "look", "ran", "--dry-run")
    assert undecided == "Not decided: web01: is not of unknown outcome.\n"
    assert "Nobody has to decide" in await admin.run("run", "decide", run_id, "all", "look", "skip")
