import asyncio

import httpx

from tests.doubles.gateway import RememberingGateway

from .world import JOB, add_job

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
    assert [row["version"] for row in (await api.get(f"{path}/versions")).json()] == [2, 1]
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
