"""What somebody with roles in some places reaches by ways that name no place."""

import json
from typing import Any

import httpx
import psycopg
import pytest
from fastapi import FastAPI

from tests.fixtures.inventory import inventory

from .test_templates import NESTING, TEMPLATE, USING
from .world import JOB, add, add_credential, add_member, add_role, add_target

OTHER = JOB.replace("name: look", "name: other")


@pytest.fixture
async def places(api: httpx.AsyncClient) -> dict[str, str]:
    """Two groups by name → key."""
    return {name: (await add(api, "/groups", {"name": name}))["id"] for name in ("mine", "theirs")}


async def become(api: httpx.AsyncClient, app: FastAPI, *grants: tuple[str, str, str]) -> None:
    """Go on as somebody who has these roles in these places, and nothing else."""
    api.headers["Authorization"] = f"Bearer {await add_member(app, 'anna', grants)}"


async def status(api: httpx.AsyncClient, method: str, path: str, body: Any = None) -> int:
    return (await api.request(method, f"/api/v1{path}", json=body)).status_code


async def test_what_uses_a_credential_is_named_to_those_who_see_it(
    api: httpx.AsyncClient, portal_app: FastAPI, places: dict[str, str]
):
    credential = await add_credential(api)
    path = f"/api/v1/credentials/{credential['id']}"
    services = [{"type": "ssh", "credential": "root"}]
    await add_target(api, "hidden01", groups=["theirs"], credential="root", services=services)
    job = await add(api, "/jobs", {"yaml": JOB.replace("name: look", "name: hidden-job"), "folder": "theirs"})
    assert (await api.put(f"{path}/bindings/job/{job['id']}")).status_code == 200
    shown = [(await api.get(path)).text, (await api.get(f"{path}/uses")).text]
    assert ["hidden01" in text for text in shown] == [True, True]
    viewing = ("viewer", "credential", credential["id"])
    await become(api, portal_app, viewing, ("viewer", "target_group", places["mine"]))
    uses = (await api.get(f"{path}/uses")).json()
    assert [(uses[way]["total"], uses[way]["items"]) for way in ("targets", "services", "jobs")] == [(1, [])] * 3
    assert "hidden" not in (await api.get(path)).text
    assert "hidden" not in (await api.get("/api/v1/credentials")).text


async def test_a_credential_is_bound_to_no_group_out_of_sight(
    api: httpx.AsyncClient, portal_app: FastAPI, places: dict[str, str]
):
    credential = await add_credential(api)
    await become(
        api, portal_app, ("operator", "credential", credential["id"]), ("operator", "target_group", places["mine"])
    )
    path = f"/credentials/{credential['id']}/bindings/group"
    assert await status(api, "PUT", f"{path}/{places['theirs']}") == 404
    assert await status(api, "PUT", f"{path}/{places['mine']}") == 200


async def test_a_bundle_changes_only_what_its_importer_may(api: httpx.AsyncClient, portal_app: FastAPI):
    await add(api, "/jobs", {"yaml": JOB, "folder": "theirs"})
    await add(api, "/job-templates", {"yaml": TEMPLATE, "folder": "theirs"})
    await become(api, portal_app, ("operator", "job_folder", "mine"), ("viewer", "job_folder", "theirs"))

    async def take(folder: str, job: str = "", template: str = "") -> int:
        jobs = [{"yaml": job, "folder": folder}] if job else []
        templates = [{"ref": "template/x@1", "yaml": template, "folder": folder}] if template else []
        bundle = {"format": "opsconductor-bundle/v1", "jobs": jobs, "templates": templates}
        return await status(api, "POST", "/job-bundles/import", {"bundle": bundle, "existing": "update"})

    say = "apiVersion: opsconductor/v1\nkind: Job\nname: look\nsteps: [{id: a, uses: core/log@1, with: {message: x}}]"
    assert await take("mine", job=say) == 403, "it is in a folder that they only look at"
    assert await take("mine", job=say.replace("name: look", "name: mine")) == 200
    assert await take("mine", template=TEMPLATE.replace("systemctl", "service")) == 403
    assert await take("theirs", template=TEMPLATE.replace("web.restart", "new")) == 403
    assert await take("mine", template=TEMPLATE.replace("web.restart", "new")) == 200


async def test_a_template_stays_in_its_folder_and_names_only_users_in_sight(
    api: httpx.AsyncClient, portal_app: FastAPI
):
    template = await add(api, "/job-templates", {"yaml": TEMPLATE, "folder": "mine"})
    await add(api, "/job-templates", {"yaml": NESTING, "folder": "theirs"})
    await add(api, "/jobs", {"yaml": USING, "folder": "theirs"})
    path = f"/job-templates/{template['id']}"
    used = (await api.get(f"/api/v1{path}/uses")).text
    assert ("tidy" in used, "outer" in used) == (True, True)
    await become(api, portal_app, ("operator", "job_folder", "mine"))
    used = (await api.get(f"/api/v1{path}/uses")).text
    assert ("tidy" in used, "outer" in used) == (False, False)
    assert await status(api, "PATCH", path, {"folder": "theirs"}) == 403
    assert await status(api, "PATCH", path, {"folder": "mine/below"}) == 200


async def test_a_folder_is_moved_by_those_who_may_edit_what_is_in_it(api: httpx.AsyncClient, portal_app: FastAPI):
    await add(api, "/jobs", {"yaml": JOB, "folder": "theirs"})
    await add(api, "/jobs", {"yaml": OTHER, "folder": "mine"})
    await become(api, portal_app, ("operator", "job_folder", "mine"))
    assert await status(api, "POST", "/job-folders/move", {"path": "theirs", "new_path": "mine/theirs"}) == 403
    assert await status(api, "POST", "/job-folders/move", {"path": "mine", "new_path": "theirs/mine"}) == 403
    assert "theirs" not in (await api.get("/api/v1/job-folders")).text


async def test_a_document_learns_nothing_of_targets_out_of_sight(
    api: httpx.AsyncClient, portal_app: FastAPI, places: dict[str, str]
):
    await add_target(api, "hidden01", groups=["theirs"], variables={"site": "fra"})
    yaml = JOB.replace('"group:web"', '"host:hidden01 or group:theirs"').replace(
        "line: uptime", 'line: "echo ${{ target.vars.site }}"'
    )

    bundle = {"format": "opsconductor-bundle/v1", "jobs": [{"yaml": yaml, "folder": "mine"}]}

    async def unresolved() -> tuple[list[str], ...]:
        report = await api.post("/api/v1/job-bundles/import", json={"bundle": bundle, "dry_run": True})
        return tuple(report.json()["unresolved"][kind] for kind in ("targets", "groups", "variables"))

    assert await unresolved() == ([], [], [])
    await become(api, portal_app, ("operator", "job_folder", "mine"), ("viewer", "target_group", places["mine"]))
    assert await unresolved() == (["hidden01"], ["theirs"], ["site"]), "like what nobody has"
    checked = (await api.post("/api/v1/jobs/validate", json={"yaml": yaml})).json()
    assert len(checked["warnings"]) == 2


async def test_runs_are_started_and_found_where_one_may(
    api: httpx.AsyncClient, portal_app: FastAPI, places: dict[str, str]
):
    hidden = await add_target(api, "hidden01", groups=["theirs", "web"])
    await add(api, "/jobs", {"yaml": JOB, "folder": "theirs"})
    run = await add(api, "/runs", {"job": "look"})
    assert [row["id"] for row in (await api.get("/api/v1/runs", params={"target": "hidden01"})).json()["items"]] == [
        run["id"]
    ]
    await become(
        api,
        portal_app,
        ("viewer", "job_folder", "theirs"),
        ("operator", "job_folder", "mine"),
        ("viewer", "target_group", places["mine"]),
    )
    assert await status(api, "POST", "/runs", {"job": "look"}) == 403
    assert [row["id"] for row in (await api.get("/api/v1/runs")).json()["items"]] == [run["id"]]
    for name in ("hidden01", hidden["id"]):
        assert (await api.get("/api/v1/runs", params={"target": name})).json()["items"] == [], name
    assert await status(api, "GET", f"/targets/{hidden['id']}/runs?outcome=failed") == 404


async def test_an_inventory_reaches_only_where_its_importer_does(
    api: httpx.AsyncClient, portal_app: FastAPI, places: dict[str, str]
):
    await add_credential(api, "hidden-login")
    await add_target(api, "hidden01", groups=["theirs"])
    seen = await add(api, "/groups", {"name": "seen"})
    picked = await add(api, "/groups", {"name": "picked", "select": "tag:prod"})
    await add_target(api, "prod01", groups=[], tags=["prod"])
    await become(
        api,
        portal_app,
        ("operator", "target_group", places["mine"]),
        ("operator", "target_group", picked["id"]),
        ("viewer", "target_group", seen["id"]),
    )
    assert "hidden01" not in (await api.get("/api/v1/inventory/export", params={"format": "csv"})).text

    async def refused(row: dict[str, Any], **options: Any) -> str:
        body = inventory([row], **options)
        answer = await api.post("/api/v1/inventory/import", json=body)
        assert answer.status_code in (403, 422), answer.text
        return json.dumps(answer.json())

    new = {"name": "new01", "address": "new01.test"}
    assert "targets:create" in await refused({**new, "groups": []})
    for groups in ([], ["seen"]):
        planned = inventory([{**new, "groups": groups}], dry_run=True)
        assert "targets:create" in (await api.post("/api/v1/inventory/import", json=planned)).text, groups
    assert "no credential of that name" in await refused({**new, "groups": ["mine"], "credential": "hidden-login"})
    assert "targets:edit" in await refused({"name": "prod01", "tags": []}, update_existing=True), "it would leave"
    body = inventory([{**new, "groups": ["mine"]}])
    assert (await api.post("/api/v1/inventory/import", json=body)).status_code == 200


async def test_who_manages_groups_here_and_there_moves_no_target_that_they_may_not_edit(
    api: httpx.AsyncClient, portal_app: FastAPI, portal_database: str, places: dict[str, str]
):
    await add_target(api, "theirs01", groups=["theirs"])
    picked = await add(api, "/groups", {"name": "picked", "select": "tag:prod"})
    add_role(portal_database, "gardener", ["targets:view", "groups:manage"])
    await become(
        api,
        portal_app,
        ("operator", "target_group", places["mine"]),
        ("gardener", "target_group", places["theirs"]),
        ("operator", "target_group", picked["id"]),
    )
    assert await status(api, "PATCH", f"/groups/{places['theirs']}", {"parents": ["mine"]}) == 403
    assert await status(api, "PATCH", f"/groups/{picked['id']}", {"select": None}) == 403
    assert await status(api, "PATCH", f"/groups/{places['theirs']}", {"description": "tended"}) == 200


async def test_the_health_of_targets_out_of_sight_is_not_told(
    api: httpx.AsyncClient, portal_app: FastAPI, portal_database: str, places: dict[str, str]
):
    made = [await add_target(api, f"{place}01", groups=[place]) for place in places]
    with psycopg.connect(portal_database) as connection:
        for target in made:
            connection.execute(
                "INSERT INTO target_statuses (target_id, status, since, checked_at, detail)"
                " VALUES (%s, 'up', now(), now(), '')",
                (target["id"],),
            )
    await become(api, portal_app, ("viewer", "target_group", places["mine"]))
    assert [row["name"] for row in (await api.get("/api/v1/target-health")).json()["items"]] == ["mine01"]
