"""`opsconductor job` and `opsconductor template` against a portal, as a user runs them."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from fastapi import FastAPI
from structlog.testing import capture_logs

from opsconductor.cli import app
from opsconductor.cli.session import Session
from opsconductor.errors import OpsError
from tests.fixtures.portal import sign_in

from .test_templates import TEMPLATE, USING
from .world import JOB

Run = Callable[..., Awaitable[str]]


@pytest.fixture
async def run(
    served: str,
    portal_app: FastAPI,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> AsyncIterator[Run]:
    """Runs a command as the admin and gives what it printed; a refusal is raised."""
    monkeypatch.setenv("OPSCONDUCTOR_TOKEN_FILE", str(tmp_path / "session.json"))
    monkeypatch.chdir(tmp_path)
    Session(f"http://{served}", "admin", await sign_in(portal_app), "").save()

    async def call(*words: str, code: int = 0) -> str:
        capsys.readouterr()
        ended = await asyncio.to_thread(app, list(words), result_action="return_value", exit_on_error=False)
        assert (ended or 0) == code
        return capsys.readouterr().out

    with capture_logs():  # the portal runs in this process; its log would stand between
        yield call


async def test_a_jobs_life(run: Run, tmp_path: Path):
    (tmp_path / "job.yaml").write_text(JOB)
    assert "Published look, version 1." in await run("job", "publish", "job.yaml", "--folder", "web/prod", "--tag", "x")
    (tmp_path / "job.yaml").write_text(JOB.replace("uptime", "'uptime -p'"))
    assert "version 2" in await run("job", "publish", "job.yaml")
    with pytest.raises(OpsError, match="at version 2 by now, not 1"):
        await run("job", "publish", "job.yaml", "--if-version", "1")
    listed = json.loads(await run("job", "list", "--folder", "web", "--last", "never", "--json"))
    assert [(job["name"], job["folder"], job["tags"]) for job in listed] == [("look", "web/prod", ["x"])]
    assert "No job matches." in await run("job", "list", "--inactive")
    assert "probe" in await run("job", "diff", "look", "1", "2", "--steps")
    assert "~ with.line  uptime → uptime -p" in await run("job", "diff", "look", "1", "2", "--steps")
    assert "version 3" in await run("job", "restore", "look", "1")
    assert [row["restored_from"] for row in json.loads(await run("job", "versions", "look", "--json"))] == [
        1,
        None,
        None,
    ]
    assert "Copied look to stare, in db." in await run("job", "clone", "look", "stare", "--folder", "db")
    assert "look has the tags a, b now." in await run("job", "tag", "look", "a", "b")
    assert json.loads(await run("job", "tag", "look", "--json"))["tags"] == []
    await run("job", "clone", "look", "gaze", "--tag", "y")
    assert [job["name"] for job in json.loads(await run("job", "list", "--tag", "y", "--json"))] == ["gaze"]
    await run("job", "delete", "gaze")
    assert "stare is in / now." in await run("job", "move", "stare", "/")
    assert "Moved 1 jobs, 0 templates and 0 roles to ops." in await run("job", "move-folder", "web", "ops")
    assert "ops/prod" in await run("job", "folders")
    assert "look is inactive now." in await run("job", "disable", "look")
    assert "look is active now." in await run("job", "enable", "look")
    assert "nginx.service" in await run("job", "params", "look")
    assert json.loads(await run("job", "stats", "look", "--json"))["runs"] == 0
    shown = await run("job", "show", "look")
    assert "ops/prod" in shown
    with pytest.raises(OpsError, match="neither a file nor a published job"):
        await run("job", "show", "lok")
    with pytest.raises(OpsError, match="did you mean look"):
        await run("job", "clone", "lok", "x")


async def test_a_templates_life(run: Run, tmp_path: Path):
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    (tmp_path / "job.yaml").write_text(USING)
    assert "refused" in await run("job", "validate", "--server", "job.yaml", code=2)
    assert "Published template/web.restart@1." in await run("template", "publish", "template.yaml", "--folder", "parts")
    assert "job.yaml: valid" in await run("job", "validate", "--server", "job.yaml")
    await run("job", "publish", "job.yaml")
    (tmp_path / "template.yaml").write_text(TEMPLATE.replace("status", "show"))
    assert "web.restart@2" in await run("template", "publish", "template.yaml")
    uses = json.loads(await run("template", "uses", "web.restart", "--json"))
    assert [(use["kind"], use["name"], use["newer_version"]) for use in uses] == [("job", "tidy", 2)]
    assert "newer: 2" in await run("job", "show", "tidy")
    assert "status" in await run("template", "show", "web.restart", "--version", "1")
    assert "web.restart" in await run("template", "list", "rest")
    with pytest.raises(OpsError, match="used by job tidy"):
        await run("template", "delete", "web.restart")
    assert json.loads(await run("template", "schema"))["properties"]["kind"]["const"] == "Template"
    (tmp_path / "bad.yaml").write_text(TEMPLATE.replace("params.unit", "params.u"))
    with pytest.raises(OpsError, match=r"steps\[0\].with.line"):
        await run("template", "publish", "bad.yaml")
    assert "valid" in await run("template", "validate", "template.yaml")
    (checked,) = json.loads(await run("template", "validate", "bad.yaml", "--json", code=2))
    assert checked["problems"][0]["path"] == "steps[0].with.line"
    rows = json.loads(await run("template", "versions", "web.restart", "--json"))
    assert [(row["version"], row["created_by"]) for row in rows] == [(2, "admin"), (1, "admin")]
    assert "web.restart is in shared now." in await run("template", "move", "web.restart", "shared")
    assert "No template matches." in await run("template", "list", "--tag", "x", "--sort", "-updated_at")
    await run("job", "delete", "tidy")
    assert "Removed web.restart." in await run("template", "delete", "web.restart")


@pytest.mark.parametrize("to", ["bundle.json", "bundle"])
async def test_jobs_go_from_one_portal_to_another(run: Run, tmp_path: Path, to: str):
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    (tmp_path / "job.yaml").write_text(USING.replace("select: all", 'select: "group:web"'))
    await run("template", "publish", "template.yaml")
    await run("job", "publish", "job.yaml", "--folder", "web")
    assert "1 jobs and 1 templates" in await run("job", "export", "tidy", "--to", to)
    await run("job", "delete", "tidy")
    tried = await run("job", "import", to, "--dry-run", "--group", "web=front")
    assert "Nothing was kept" in tried
    assert "Not here: groups: front" in tried
    await run("job", "import", to, "--group", "web=front", "--variable", "a=b", "--into", "from-a")
    job = json.loads(await run("job", "get", "tidy", "--json"))
    assert (job["folder"], job["document"]["targets"]["select"]) == ("from-a/web", "group:front")
    with pytest.raises(OpsError, match="exists already"):
        await run("job", "import", to)


async def test_a_bundle_of_a_stranger_names_no_file_outside_of_it(run: Run, tmp_path: Path):
    (tmp_path / "b").mkdir()
    (tmp_path / "secret").write_text("x")
    for file in ("../secret", "/etc/hostname"):
        manifest = {"format": "opsconductor-bundle/v1", "jobs": [{"file": file}], "templates": []}
        (tmp_path / "b" / "bundle.json").write_text(json.dumps(manifest))
        with pytest.raises(OpsError, match="outside of the bundle"):
            await run("job", "import", "b")
