import httpx
import pytest
from fastapi import FastAPI

from tests.fixtures.portal import sign_in

from .world import JOB, add, add_member


async def add_jobs(api: httpx.AsyncClient, **folders: str) -> None:
    for name, folder in folders.items():
        await add(api, "/jobs", {"yaml": JOB.replace("name: look", f"name: {name}"), "folder": folder})


async def tree(api: httpx.AsyncClient) -> list[tuple[str, int, int]]:
    items = (await api.get("/api/v1/job-folders")).json()["items"]
    return [(item["path"], item["jobs"], item["jobs_below"]) for item in items]


async def test_folders_are_made_by_use_and_counted(api: httpx.AsyncClient):
    assert await tree(api) == []
    await add_jobs(api, a="", b="web", c="web/prod/fra", d="web/prod/fra", e="web-old")
    assert await tree(api) == [
        ("", 1, 5), ("web", 1, 3), ("web/prod", 0, 2), ("web/prod/fra", 2, 2), ("web-old", 1, 1),
    ]  # fmt: skip


async def test_a_folder_moves_with_everything_below_and_the_roles_there(api: httpx.AsyncClient, portal_app: FastAPI):
    await add_jobs(api, a="web", b="web/prod", c="web_x", d="webb")
    steps = [{"id": "a", "uses": "core/log@1", "with": {"message": "x"}}]
    template = {"apiVersion": "opsconductor/v1", "kind": "Template", "name": "t", "steps": steps}
    await add(api, "/job-templates", {"document": template, "folder": "web/parts"})
    await add_member(portal_app, "anna", [("operator", "job_folder", "web/prod")])
    await add_member(portal_app, "bert", [("viewer", "job_folder", "web_x")])
    moved = await api.post("/api/v1/job-folders/move", json={"path": "web", "new_path": "/ops/front/"})
    assert moved.json() == {"path": "ops/front", "jobs": 2, "templates": 1, "grants": 1}
    assert [path for path, here, _ in await tree(api) if here] == ["ops/front", "ops/front/prod", "web_x", "webb"]
    entry = (await api.get("/api/v1/audit")).json()["items"][0]
    assert (entry["event"], entry["facts"]["new_path"], entry["facts"]["jobs"]) == ("folder.moved", "ops/front", 2)
    assert [item["folder"] for item in (await api.get("/api/v1/job-templates")).json()["items"]] == ["ops/front/parts"]
    admin = api.headers["Authorization"]
    api.headers["Authorization"] = f"Bearer {await sign_in(portal_app, 'anna')}"
    assert await tree(api) == [("", 0, 1), ("ops", 0, 1), ("ops/front", 0, 1), ("ops/front/prod", 1, 1)]
    for path, new_path in (("ops/front/prod", "mine"), ("web_x", "ops/front/prod/x"), ("ops", "ops2")):
        refused = await api.post("/api/v1/job-folders/move", json={"path": path, "new_path": new_path})
        assert refused.status_code == 403, path
    own = {"path": "ops/front/prod/x", "new_path": "ops/front/prod/y"}
    assert (await api.post("/api/v1/job-folders/move", json=own)).status_code == 404
    api.headers["Authorization"] = admin


async def test_a_folder_is_not_moved_onto_another_or_into_itself(api: httpx.AsyncClient, portal_app: FastAPI):
    await add_jobs(api, a="web", b="db/prod")
    await add_member(portal_app, "anna", [("operator", "job_folder", "empty/but/granted")])
    before = await tree(api)
    for new_path, status in (
        ("db", 409), ("db/prod", 409), ("empty", 409), ("web", 422), ("web/inner", 422), ("", 422), ("../x", 422),
        ("x" * 201, 422), ("a\x00", 422),
    ):  # fmt: skip
        refused = await api.post("/api/v1/job-folders/move", json={"path": "web", "new_path": new_path})
        assert refused.status_code == status, new_path
    assert await tree(api) == before


@pytest.mark.parametrize("new_path", ["x" * 198, "/".join("abcdefghijklmnop")])
async def test_a_move_that_makes_paths_too_long_is_refused_whole(api: httpx.AsyncClient, new_path: str):
    await add_jobs(api, a="web", b="web/prod")
    refused = await api.post("/api/v1/job-folders/move", json={"path": "web", "new_path": new_path})
    assert (refused.status_code, refused.json()["problems"][0]["path"]) == (422, "new_path")
    assert [path for path, here, _ in await tree(api) if here] == ["web", "web/prod"]
