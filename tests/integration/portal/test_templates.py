import asyncio

import httpx
import psycopg
import pytest
from fastapi import FastAPI

from flows.plan import Plan
from tests.fixtures.portal import sign_in

from .world import JOB, add, add_member

TEMPLATE = """\
# what every web host needs
apiVersion: opsconductor/v1
kind: Template
name: web.restart
parameters: {unit: {type: string}}
outputs: {lines: steps.probe.stdout}
steps:
  - {id: probe, uses: linux/command@1, with: {line: "systemctl status ${{ params.unit }}"}}
"""
USING = """\
apiVersion: opsconductor/v1
kind: Job
name: tidy
targets: {select: all}
steps:
  - {id: web, uses: template/web.restart@1, with: {unit: nginx.service}}
  - {id: note, uses: core/log@1, with: {message: "${{ steps.web.lines }}"}}
"""
_WAITING = """
SELECT pid FROM pg_locks WHERE NOT granted AND pid IN (
  SELECT pid FROM pg_stat_activity WHERE datname = current_database())
"""
NESTING = """\
apiVersion: opsconductor/v1
kind: Template
name: outer
steps: [{id: inner, uses: template/web.restart@1, with: {unit: x}}]
"""


async def test_a_job_is_compiled_with_its_templates_and_says_when_there_is_a_newer_one(
    api: httpx.AsyncClient, portal_database: str
):
    template = await add(api, "/job-templates", {"yaml": TEMPLATE, "folder": "parts", "tags": ["web"]})
    assert (template["ref"], template["yaml"], template["folder"]) == ("template/web.restart@1", TEMPLATE, "parts")
    job = await add(api, "/jobs", {"yaml": USING})
    assert job["yaml"] == USING
    with psycopg.connect(portal_database) as connection:
        row = connection.execute("SELECT plan FROM published_jobs").fetchone()
    assert row is not None
    block = Plan.model_validate(row[0]).nodes[0]
    assert (block.id, [step.id for step in getattr(block, "steps", ())]) == ("web", ["web__probe"])
    changed = TEMPLATE.replace("status", "show")
    path = f"/api/v1/job-templates/{template['id']}"
    newer = await api.patch(path, json={"yaml": changed}, headers={"If-Match": '"1"'})
    assert (newer.json()["version"], newer.headers["ETag"]) == (2, '"2"')
    assert (await api.patch(path, json={"yaml": changed})).json()["version"] == 2, "the same makes no version"
    await api.patch(path, json={"tags": ["shared"]})
    (updated,) = (await api.get("/api/v1/audit", params={"event": "template.updated"})).json()["items"]
    assert (updated["facts"]["name"], updated["facts"]["after"]["tags"]) == ("web.restart", ["shared"])
    used = (await api.get(f"/api/v1/jobs/{job['id']}")).json()["templates"]
    assert [(use["ref"], use["direct"], use["newer_version"]) for use in used] == [("template/web.restart@1", True, 2)]
    found = (await api.get(f"{path}/uses")).json()
    assert [(user["name"], user["template_version"], user["newer_version"]) for user in found["jobs"]] == [
        ("tidy", 1, 2)
    ]
    await api.patch(f"/api/v1/jobs/{job['id']}", json={"yaml": USING.replace("restart@1", "restart@2")})
    assert (await api.get(f"{path}/uses")).json()["jobs"][0]["newer_version"] is None
    assert [row["version"] for row in (await api.get(f"{path}/versions")).json()["items"]] == [2, 1]
    assert (await api.get(f"{path}/versions/1")).json()["yaml"] == TEMPLATE
    events = [entry["event"] for entry in (await api.get("/api/v1/audit")).json()["items"]]
    assert {"template.created", "template.version_created"} <= set(events)


async def test_templates_inside_templates_are_found(api: httpx.AsyncClient):
    await add(api, "/job-templates", {"yaml": TEMPLATE})
    outer = await add(api, "/job-templates", {"yaml": NESTING})
    yaml = JOB.replace("uses: linux/command@1, with: {line: uptime}", "uses: template/outer@1")
    job = await add(api, "/jobs", {"yaml": yaml})
    assert {(use["ref"], use["direct"]) for use in job["templates"]} == {
        ("template/outer@1", True),
        ("template/web.restart@1", False),
    }
    inner = (await api.get("/api/v1/job-templates", params={"q": "restart"})).json()["items"][0]
    found = (await api.get(f"/api/v1/job-templates/{inner['id']}/uses")).json()
    assert [user["name"] for user in found["templates"]] == ["outer"]
    assert [(user["name"], user["direct"]) for user in found["jobs"]] == [("look", False)]
    assert (await api.delete(f"/api/v1/job-templates/{outer['id']}")).status_code == 409


async def test_a_template_in_use_stays_and_versions_are_given_once(api: httpx.AsyncClient):
    template = await add(api, "/job-templates", {"yaml": TEMPLATE})
    job = await add(api, "/jobs", {"yaml": USING})
    path = f"/api/v1/job-templates/{template['id']}"
    refused = await api.delete(path)
    assert refused.status_code == 409
    assert "job tidy" in refused.json()["detail"]
    await api.patch(f"/api/v1/jobs/{job['id']}", json={"yaml": JOB})
    assert (await api.delete(path)).status_code == 204
    assert (await api.get(path)).status_code == 404
    restored = await api.post(f"/api/v1/jobs/{job['id']}/versions/1/restore", json={})
    assert (restored.status_code, restored.json()["problems"][0]["path"]) == (422, "steps[0].uses")
    again = await add(api, "/job-templates", {"yaml": TEMPLATE.replace("status", "show")})
    assert again["version"] == 2, "a reference never comes to mean something else"


async def test_what_is_wrong_is_named_at_the_use_and_inside_it(api: httpx.AsyncClient):
    await add(api, "/job-templates", {"yaml": TEMPLATE})
    broken = USING.replace("unit: nginx.service", "unti: 3").replace("core/log@1", "core/lgo@1")
    refused = await api.post("/api/v1/jobs", json={"yaml": broken})
    problems = {problem["path"]: problem["message"] for problem in refused.json()["problems"]}
    assert {"steps[0].with.unti", "steps[0].with", "steps[1].uses"} == set(problems)
    unknown = await api.post("/api/v1/jobs/validate", json={"yaml": USING.replace("restart@1", "restart@9")})
    assert unknown.json()["problems"][0]["hint"] == "did you mean `template/web.restart@1`?"
    checked = await api.post(
        "/api/v1/job-templates/validate", json={"yaml": TEMPLATE.replace("params.unit", "params.u")}
    )
    assert (checked.json()["valid"], checked.json()["problems"][0]["path"]) == (False, "steps[0].with.line")
    renamed = await api.patch(
        f"/api/v1/job-templates/{(await api.get('/api/v1/job-templates')).json()['items'][0]['id']}",
        json={"yaml": TEMPLATE.replace("web.restart", "other")},
    )
    assert (renamed.status_code, renamed.json()["problems"][0]["path"]) == (422, "name")
    assert (await api.post("/api/v1/job-templates", json={"yaml": TEMPLATE})).status_code == 409


@pytest.mark.parametrize("yaml", ["[", "kind: Template", "a: &a [*a]", JOB, "x\x00", "!!python/object:x {}"])
async def test_what_is_no_template_is_refused(api: httpx.AsyncClient, yaml: str):
    assert (await api.post("/api/v1/job-templates", json={"yaml": yaml})).status_code == 422


async def test_a_template_out_of_sight_is_not_there_to_use(api: httpx.AsyncClient, portal_app: FastAPI):
    template = await add(api, "/job-templates", {"yaml": TEMPLATE, "folder": "secret/parts"})
    await add(api, "/job-templates", {"yaml": NESTING, "folder": "web"})
    job = await add(api, "/jobs", {"yaml": USING, "folder": "web"})
    await add_member(portal_app, "anna", [("operator", "job_folder", "web")])
    api.headers["Authorization"] = f"Bearer {await sign_in(portal_app, 'anna')}"
    refused = await api.post("/api/v1/jobs", json={"yaml": USING.replace("tidy", "mine"), "folder": "web"})
    assert (refused.status_code, refused.json()["problems"][0]["path"]) == (422, "steps[0].uses")
    path = f"/api/v1/job-templates/{template['id']}"
    for answer in (
        await api.get(path), await api.get(f"{path}/versions"), await api.get(f"{path}/uses"),
        await api.patch(path, json={"tags": []}), await api.delete(path),
    ):  # fmt: skip
        assert answer.status_code == 404
    assert [item["name"] for item in (await api.get("/api/v1/job-templates")).json()["items"]] == ["outer"]
    yaml = JOB.replace("uses: linux/command@1, with: {line: uptime}", "uses: template/outer@1")
    assert (await api.post("/api/v1/jobs", json={"yaml": yaml, "folder": "web"})).status_code == 201
    assert (await api.get(f"/api/v1/jobs/{job['id']}")).status_code == 200
    assert (await api.post("/api/v1/job-templates", json={"yaml": TEMPLATE, "folder": ""})).status_code in (403, 409)


async def test_a_template_is_not_deleted_while_a_job_comes_to_use_it(api: httpx.AsyncClient, portal_database: str):
    template = await add(api, "/job-templates", {"yaml": TEMPLATE})
    with psycopg.connect(portal_database) as connection:
        # Somebody is deleting it: they have looked for who uses it, and have not committed yet.
        connection.execute("UPDATE job_templates SET deleted_at = now() WHERE id = %s", (template["id"],))
        published = asyncio.create_task(api.post("/api/v1/jobs", json={"yaml": USING}))
        while connection.execute(_WAITING).fetchone() is None:
            await asyncio.sleep(0.01)
    answer = await published
    assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (409, "template-gone")
    assert (await api.get("/api/v1/jobs")).json()["items"] == []
