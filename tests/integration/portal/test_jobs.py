import asyncio
import json

import httpx
import psycopg
import pytest
from fastapi import FastAPI

from tests.doubles.gateway import RememberingGateway
from tests.fixtures.portal import sign_in

from .world import JOB, add, add_credential, add_job, add_member, add_target

CHANGED = JOB.replace("uptime", "'uptime -p'")


async def until_deployed(api: httpx.AsyncClient, job_id: str, version: int | None) -> None:
    async with asyncio.timeout(20):
        while (await api.get(f"/api/v1/jobs/{job_id}")).json()["deployed_version"] != version:
            await asyncio.sleep(0.02)


async def test_a_job_keeps_the_text_its_author_wrote(api: httpx.AsyncClient):
    made = await add_job(api)
    read = (await api.get(f"/api/v1/jobs/{made['id']}")).json()
    assert read["yaml"] == JOB
    assert (read["name"], read["version"]) == ("look", 1)
    assert read["parameters"][0]["json_schema"]["pattern"] == "^[a-z.]+$"


async def test_everything_wrong_with_a_document_is_named_at_once(api: httpx.AsyncClient):
    broken = JOB.replace("linux/command@1", "linux/comand@1").replace("type: string", "type: text")
    refused = await api.post("/api/v1/jobs", json={"yaml": broken})
    assert refused.status_code == 422
    problems = refused.json()["problems"]
    assert {problem["path"] for problem in problems} >= {"steps[0].uses", "parameters.unit.type"}
    assert all(problem["line"] for problem in problems)
    validated = (await api.post("/api/v1/jobs/validate", json={"yaml": broken})).json()
    assert (validated["valid"], len(validated["problems"])) == (False, len(problems))
    assert (await api.get("/api/v1/jobs")).json()["items"] == []


async def test_hostile_documents_are_refused(api: httpx.AsyncClient):
    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [{','.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(9)
    )
    for yaml in (bomb, "!!python/object/apply:os.system ['id']", "[" * 5000, "\t\x00", "- 1"):
        refused = await api.post("/api/v1/jobs", json={"yaml": yaml})
        assert refused.status_code == 422, yaml[:20]
    for body in ({}, {"yaml": JOB, "document": {}}, {"document": {"kind": "Job"}}):
        assert (await api.post("/api/v1/jobs", json=body)).status_code == 422


async def test_versions_are_kept_and_can_be_compared(api: httpx.AsyncClient):
    made = await add_job(api)
    path = f"/api/v1/jobs/{made['id']}"
    same = await api.patch(path, json={"yaml": JOB})
    assert same.json()["version"] == 1, "a document that says the same makes no version"
    changed = await api.patch(path, json={"yaml": CHANGED, "expected_version": 1})
    assert changed.json()["version"] == 2
    late = await api.patch(path, json={"yaml": JOB, "expected_version": 1})
    assert late.status_code == 409
    assert [row["version"] for row in (await api.get(f"{path}/versions")).json()["items"]] == [2, 1]
    assert (await api.get(f"{path}/versions/1")).json()["yaml"] == JOB
    assert (await api.get(f"{path}/versions/3")).status_code == 404
    diff = (await api.get(f"{path}/diff", params={"before": 1, "after": 2})).json()["diff"]
    assert "-  - {id: probe, uses: linux/command@1, with: {line: uptime}}" in diff.splitlines()


async def test_a_document_given_as_data_keeps_the_comments(api: httpx.AsyncClient):
    made = await add_job(api)
    document = made["document"] | {"description": "edited elsewhere"}
    changed = (await api.patch(f"/api/v1/jobs/{made['id']}", json={"document": document})).json()
    assert changed["yaml"].startswith("# looks at the machines\n")
    assert "edited elsewhere" in changed["yaml"]


async def test_prefect_learns_of_jobs_once_it_is_there(api: httpx.AsyncClient, gateway: RememberingGateway):
    gateway.away = True
    made = await add_job(api)
    async with asyncio.timeout(20):
        while not (await api.get(f"/api/v1/jobs/{made['id']}")).json()["deployment_error"]:
            await asyncio.sleep(0.02)
    gateway.away = False
    await api.patch(f"/api/v1/jobs/{made['id']}", json={"yaml": CHANGED})
    await until_deployed(api, made["id"], 2)
    assert [version for _, version in gateway.deployments.values()] == [2]
    await api.delete(f"/api/v1/jobs/{made['id']}")
    async with asyncio.timeout(20):
        while gateway.deployments:
            await asyncio.sleep(0.02)


async def test_a_deleted_job_gives_its_name_back(api: httpx.AsyncClient):
    made = await add_job(api)
    assert (await api.post("/api/v1/jobs", json={"yaml": JOB})).status_code == 409
    assert (await api.delete(f"/api/v1/jobs/{made['id']}")).status_code == 204
    assert (await api.get(f"/api/v1/jobs/{made['id']}")).status_code == 404
    assert (await add_job(api))["id"] != made["id"]


async def test_a_change_for_another_version_is_refused_and_says_whose_came_first(api: httpx.AsyncClient):
    made = await api.post("/api/v1/jobs", json={"yaml": JOB})
    path = f"/api/v1/jobs/{made.json()['id']}"
    first = made.headers["ETag"]
    assert first == '"1"'
    changed = await api.patch(path, json={"yaml": CHANGED}, headers={"If-Match": first})
    assert (changed.status_code, changed.headers["ETag"]) == (200, '"2"')
    for late in (
        await api.patch(path, json={"yaml": JOB}, headers={"If-Match": first}),
        await api.patch(path, json={"yaml": JOB, "expected_version": 1}),
        await api.post(f"{path}/versions/1/restore", json={}, headers={"If-Match": first}),
    ):
        assert late.status_code == 409
        assert "admin changed it at 20" in late.json()["detail"]
    assert (await api.get(path)).json()["version"] == 2
    for wrong in ("1", "W/x", '"0"', '"' + "9" * 400 + '"'):
        refused = await api.patch(path, json={"yaml": JOB}, headers={"If-Match": wrong})
        assert (refused.status_code, refused.json()["problems"][0]["path"]) == (422, "If-Match")


async def test_an_old_version_is_brought_back_as_a_new_one(api: httpx.AsyncClient):
    made = await add_job(api)
    path = f"/api/v1/jobs/{made['id']}"
    await api.patch(path, json={"yaml": CHANGED.replace("name: look", "name: stare")})
    restored = await api.post(f"{path}/versions/1/restore", json={})
    assert restored.status_code == 201
    job = restored.json()
    assert (job["version"], job["name"], job["yaml"]) == (3, "look", JOB)
    versions = (await api.get(f"{path}/versions")).json()["items"]
    assert [(row["version"], row["restored_from"]) for row in versions] == [(3, 1), (2, None), (1, None)]
    assert (await api.post(f"{path}/versions/9/restore", json={})).status_code == 404
    assert (await api.post(f"{path}/versions/{2**31}/restore", json={})).status_code == 422
    events = [entry["event"] for entry in (await api.get("/api/v1/audit")).json()["items"]]
    assert "job.version_restored" in events


async def test_versions_come_in_pages(api: httpx.AsyncClient):
    made = await add_job(api)
    path = f"/api/v1/jobs/{made['id']}"
    for minutes in range(4):
        await api.patch(path, json={"yaml": JOB.replace("uptime", f"'sleep {minutes}'")})
    first = (await api.get(f"{path}/versions", params={"size": 3})).json()
    second = (await api.get(f"{path}/versions", params={"size": 3, "cursor": first["next_page"]})).json()
    assert [row["version"] for row in first["items"] + second["items"]] == [5, 4, 3, 2, 1]


async def test_a_diff_says_what_became_of_each_step(api: httpx.AsyncClient):
    made = await add_job(api)
    path = f"/api/v1/jobs/{made['id']}"
    await api.patch(
        path,
        json={
            "yaml": CHANGED.replace("at_most: 5", "at_most: 9")
            + "  - {id: wait, uses: core/delay@1, with: {seconds: 1}}\n"
        },
    )
    diff = (await api.get(f"{path}/diff", params={"before": 1, "after": 2})).json()
    assert [(step["id"], step["change"]) for step in diff["steps"]] == [("probe", "changed"), ("wait", "added")]
    assert diff["steps"][0]["keys"] == [
        {"key": "with.line", "change": "changed", "before": "uptime", "after": "uptime -p"}
    ]
    assert [(key["key"], key["before"], key["after"]) for key in diff["settings"]] == [("targets.at_most", 5, 9)]


async def test_a_job_is_cloned_with_its_comments(api: httpx.AsyncClient):
    made = await add(api, "/jobs", {"yaml": JOB, "folder": "web", "tags": ["nightly"]})
    copy = await api.post(f"/api/v1/jobs/{made['id']}/clone", json={"name": "look again", "folder": "/db/"})
    assert copy.status_code == 201
    job = copy.json()
    assert (job["name"], job["folder"], job["tags"], job["version"]) == ("look again", "db", ["nightly"], 1)
    assert job["yaml"] == JOB.replace("name: look", "name: look again")
    assert (await api.post(f"/api/v1/jobs/{made['id']}/clone", json={"name": "LOOK"})).status_code == 409
    for name in ("", "a\nb", "x" * 300, "\ud800", "a\x00"):
        body = json.dumps({"name": name}).encode()
        refused = await api.post(f"/api/v1/jobs/{made['id']}/clone", content=body)
        assert refused.status_code == 422, name


@pytest.mark.parametrize(
    ("written", "kept"),
    [("/web/prod/", "web/prod"), (" web / prod ", "web/prod"), ("/", ""), ("", ""), ("cafe\u0301", "caf\u00e9")],
)
async def test_a_folder_is_written_one_way(api: httpx.AsyncClient, written: str, kept: str):
    assert (await add(api, "/jobs", {"yaml": JOB, "folder": written}))["folder"] == kept


@pytest.mark.parametrize(
    "folder", ["a//b", "../etc", "a/./b", "a/..", "a\nb", "/".join("a" * 17), "x" * 201, "a\u202eb"]
)
async def test_a_folder_that_is_no_path_is_refused(api: httpx.AsyncClient, folder: str):
    refused = await api.post("/api/v1/jobs", json={"yaml": JOB, "folder": folder})
    assert (refused.status_code, refused.json()["problems"][0]["path"]) == (422, "folder")


async def test_jobs_are_found_by_folder_tag_text_and_state(api: httpx.AsyncClient):
    for name, folder, tags in (("a", "web", ["x"]), ("b", "web/prod", ["x", "y"]), ("c", "web2", []), ("d", "", ["y"])):
        yaml = JOB.replace("name: look", f"name: {name}\ndescription: job {name} of many")
        await add(api, "/jobs", {"yaml": yaml, "folder": folder, "tags": tags, "active": name != "b"})

    async def names(**query: object) -> list[str]:
        found = await api.get("/api/v1/jobs", params={name: str(value) for name, value in query.items()})
        return [job["name"] for job in found.json()["items"]]

    assert await names(folder="web") == ["a", "b"]
    assert await names(folder="/web/", below=False) == ["a"]
    assert await names(folder="", below=False) == ["d"]
    assert await names(tag="y", sort="-name") == ["d", "b"]
    assert await names(q="JOB C") == ["c"]
    assert await names(active=False) == ["b"]
    assert await names(last_outcome="never") == ["a", "b", "c", "d"]
    assert await names(sort="-folder") == ["c", "b", "a", "d"]
    assert (await api.get("/api/v1/jobs", params={"last_outcome": "fine"})).status_code == 422
    assert (await api.get("/api/v1/jobs", params={"folder": "a//b"})).status_code == 422


async def test_a_job_that_is_switched_off_starts_no_run(api: httpx.AsyncClient):
    await add_target(api, "web01")
    made = await add_job(api)
    path = f"/api/v1/jobs/{made['id']}"
    await api.patch(path, json={"active": False})
    refused = await api.post("/api/v1/runs", json={"job": "look"})
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:opsconductor:problem:job-inactive")
    assert (await api.get("/api/v1/runs")).json()["items"] == []
    await api.patch(path, json={"active": True})
    assert (await api.post("/api/v1/runs", json={"job": "look"})).status_code == 201


async def test_a_job_says_how_its_runs_went(api: httpx.AsyncClient, portal_database: str):
    await add_target(api, "web01")
    made = await add_job(api)
    path = f"/api/v1/jobs/{made['id']}"
    assert (await api.get(f"{path}/statistics")).json()["success_rate"] is None
    outcomes = ["succeeded", "succeeded", "succeeded", "failed", "cancelled"]
    runs = [(await add(api, "/runs", {"job": "look"}))["id"] for _ in outcomes]
    await add(api, "/runs", {"job": "look", "check_only": True})
    with psycopg.connect(portal_database, autocommit=True) as connection:
        for seconds, (run, outcome) in enumerate(zip(runs, outcomes, strict=True), 1):
            connection.execute(
                "UPDATE job_runs SET status = 'ended', outcome = %s, started_at = now(), "
                "finished_at = now() + make_interval(secs => %s) WHERE id = %s",
                (outcome, seconds, run),
            )
    found = (await api.get(f"{path}/statistics")).json()
    assert (found["runs"], found["succeeded"], found["failed"], found["cancelled"]) == (5, 3, 1, 1)
    assert (found["success_rate"], found["median_seconds"]) == (0.75, 3.0)
    assert found["last_run"]["id"] == runs[-1], "a dry run is not the last run"
    listed = (await api.get("/api/v1/jobs", params={"sort": "-last_run_at"})).json()["items"]
    assert listed[0]["last_run"]["outcome"] == "cancelled"
    by_outcome = [
        len((await api.get("/api/v1/jobs", params={"last_outcome": outcome})).json()["items"])
        for outcome in ("cancelled", "failed", "running", "never")
    ]
    assert by_outcome == [1, 0, 0, 0]


async def test_the_parameters_of_a_job_are_json_schema(api: httpx.AsyncClient):
    made = await add_job(api)
    path = f"/api/v1/jobs/{made['id']}/parameters/schema"
    schema = (await api.get(path)).json()
    assert schema["properties"] == {"unit": {"type": "string", "pattern": "^[a-z.]+$", "default": "nginx.service"}}
    assert (schema["required"], schema["additionalProperties"]) == ([], False)
    assert (await api.get(path, params={"version": 2})).status_code == 404


async def test_somebody_with_one_folder_works_there_only(api: httpx.AsyncClient, portal_app: FastAPI):
    inside = await add(api, "/jobs", {"yaml": JOB, "folder": "web/prod"})
    outside = await add(api, "/jobs", {"yaml": JOB.replace("name: look", "name: other"), "folder": "webby"})
    await add_member(portal_app, "anna", [("operator", "job_folder", "web")])
    api.headers["Authorization"] = f"Bearer {await sign_in(portal_app, 'anna')}"
    assert [job["name"] for job in (await api.get("/api/v1/jobs")).json()["items"]] == ["look"]
    for path in ("", "/versions", "/statistics", "/parameters/schema", "/versions/1"):
        assert (await api.get(f"/api/v1/jobs/{outside['id']}{path}")).status_code == 404, path
    assert (await api.post(f"/api/v1/jobs/{outside['id']}/clone", json={"name": "mine"})).status_code == 404
    assert (await api.post(f"/api/v1/jobs/{outside['id']}/versions/1/restore", json={})).status_code == 404
    for folder in ("webby", "", "other"):
        for answer in (
            await api.post(f"/api/v1/jobs/{inside['id']}/clone", json={"name": "mine", "folder": folder}),
            await api.patch(f"/api/v1/jobs/{inside['id']}", json={"folder": folder}),
            await api.post("/api/v1/jobs", json={"yaml": JOB.replace("name: look", "name: new"), "folder": folder}),
        ):
            assert answer.status_code == 403, folder
    assert (await api.patch(f"/api/v1/jobs/{inside['id']}", json={"folder": "web"})).status_code == 200


SECRET = """\
apiVersion: opsconductor/v1
kind: Job
name: deploy
parameters:
  token: {type: secret, credential: deploy}
  region: {type: string, enum: [eu, us]}
  place: {type: string, choices_when: {region: {eu: [fra], us: [iad]}}}
targets: {select: "group:web or host:web09 or group:w*"}
steps:
  - {id: go, uses: linux/command@1, with: {line: cat, secret_stdin: "${{ params.token }}"}}
"""


async def test_a_document_is_held_against_what_is_kept_here(api: httpx.AsyncClient):
    checked = (await api.post("/api/v1/jobs/validate", json={"yaml": SECRET})).json()
    assert [(p["path"], p["line"]) for p in checked["problems"]] == [("parameters.token.credential", 5)]
    assert [(p["path"], p["line"]) for p in checked["warnings"]] == [("targets.select", 8), ("targets.select", 8)]
    assert (await api.post("/api/v1/jobs", json={"yaml": SECRET})).status_code == 422
    await add_credential(api, "deploy")
    refused = await api.post("/api/v1/jobs", json={"yaml": SECRET})
    assert "of kind ssh_password" in refused.json()["problems"][0]["message"]
    await add(api, "/credentials", {"name": "Token", "secret": {"kind": "secret_text", "text": "correct horse"}})
    await add_target(api, "web01")
    job = await add(api, "/jobs", {"yaml": SECRET.replace("credential: deploy", "credential: token")})
    assert [warning["message"] for warning in job["warnings"]] == ["there is no target `web09` now"]


async def test_a_secret_falls_back_and_everything_wrong_with_a_start_is_named_at_once(api: httpx.AsyncClient):
    await add(api, "/credentials", {"name": "deploy", "secret": {"kind": "secret_text", "text": "correct horse"}})
    await add_target(api, "web01")
    await add_target(api, "web02", platform="windows")
    await add(api, "/jobs", {"yaml": SECRET})
    wrong = {"region": "eu", "place": "iad", "token": "nobody", "extra": 1}
    refused = await api.post("/api/v1/runs", json={"job": "deploy", "parameters": wrong})
    assert {problem["path"] for problem in refused.json()["problems"]} == {
        "parameters.place", "parameters.token", "parameters.extra",
    }  # fmt: skip
    right = {"region": "us", "place": "iad"}
    preview = (await api.post("/api/v1/runs/preview", json={"job": "deploy", "parameters": right})).json()
    assert (preview["refusals"], preview["secret_parameters"]) == ([], {"token": "deploy"})
    step = preview["steps"][0]
    assert (step["id"], step["effect"], step["supports_check"], step["installed"]) == ("go", "once", True, True)
    started = await add(api, "/runs", {"job": "deploy", "parameters": right})
    run = (await api.get(f"/api/v1/runs/{started['id']}")).json()
    assert (run["parameters"], run["secret_parameters"]) == (right, {"token": "deploy"})
    await api.patch(f"/api/v1/jobs/{started['job_id']}", json={"active": False})
    preview = (await api.post("/api/v1/runs/preview", json={"job": "deploy", "parameters": right})).json()
    assert "inactive" in preview["refusals"][0]["message"]


async def test_a_job_does_not_borrow_a_credential_its_editor_may_not_use(api: httpx.AsyncClient, portal_app: FastAPI):
    kept = {"name": "deploy", "secret": {"kind": "secret_text", "text": "correct horse"}}
    credential = await add(api, "/credentials", kept)
    job = await add(api, "/jobs", {"yaml": SECRET, "folder": "web"})
    grants = [("operator", "job_folder", "web")]
    api.headers["Authorization"] = f"Bearer {await add_member(portal_app, 'anna', grants)}"
    blind = await api.patch(f"/api/v1/jobs/{job['id']}", json={"yaml": SECRET + "# mine"})
    assert blind.json()["problems"][0]["path"] == "parameters.token.credential"
    viewing = [*grants, ("viewer", "credential", credential["id"])]
    api.headers["Authorization"] = f"Bearer {await add_member(portal_app, 'bert', viewing)}"
    assert (await api.patch(f"/api/v1/jobs/{job['id']}", json={"yaml": SECRET + "# mine"})).status_code == 403
    using = [*grants, ("operator", "credential", credential["id"])]
    api.headers["Authorization"] = f"Bearer {await add_member(portal_app, 'carl', using)}"
    assert (await api.patch(f"/api/v1/jobs/{job['id']}", json={"yaml": SECRET + "# mine"})).status_code == 200
