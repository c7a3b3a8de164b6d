import json
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from .test_templates import NESTING, TEMPLATE
from .world import JOB, add, add_member, add_target

DEPLOY = """\
# goes out on Tuesdays
apiVersion: opsconductor/v1
kind: Job
name: deploy
parameters:
  token: {type: secret, credential: deploy}
  release: {type: string, default: v1}
targets: {select: "group:web and not host:web09"}
steps:
  - {id: go, uses: linux/command@1, with: {line: "echo ${{ target.vars.site }}", secret_stdin: "${{ params.token }}"}}
  - {id: tidy, uses: template/outer@1}
"""
SECRET_WORD = "correct horse battery"


async def stock(api: httpx.AsyncClient) -> str:
    """Fill a portal, and give its bundle as text."""
    await add(api, "/credentials", {"name": "deploy", "secret": {"kind": "secret_text", "text": SECRET_WORD}})
    await add_target(api, "web01", variables={"site": "fra"})
    await add(api, "/job-templates", {"yaml": TEMPLATE, "folder": "parts", "tags": ["x"]})
    await add(api, "/job-templates", {"yaml": NESTING})
    job = await add(api, "/jobs", {"yaml": DEPLOY, "folder": "web/prod", "tags": ["weekly"], "active": False})
    exported = await api.post("/api/v1/job-bundles/export", json={"jobs": [job["id"]]})
    assert exported.status_code == 200, exported.text
    return exported.text


async def clear(api: httpx.AsyncClient) -> None:
    for job in (await api.get("/api/v1/jobs")).json()["items"]:
        await api.delete(f"/api/v1/jobs/{job['id']}")
    for name in ("outer", "web.restart"):
        for item in (await api.get("/api/v1/job-templates", params={"q": name})).json()["items"]:
            assert (await api.delete(f"/api/v1/job-templates/{item['id']}")).status_code == 204


async def take(api: httpx.AsyncClient, bundle: str | dict[str, Any], **options: Any) -> httpx.Response:
    body = {"bundle": json.loads(bundle) if isinstance(bundle, str) else bundle, **options}
    return await api.post("/api/v1/job-bundles/import", json=body)


async def test_a_bundle_holds_what_jobs_need_and_no_secret(api: httpx.AsyncClient):
    text = await stock(api)
    bundle = json.loads(text)
    assert SECRET_WORD not in text
    assert [template["ref"] for template in bundle["templates"]] == ["template/web.restart@1", "template/outer@1"]
    assert [(job["folder"], job["active"], job["yaml"]) for job in bundle["jobs"]] == [("web/prod", False, DEPLOY)]
    assert bundle["needs"] == {
        "selectors": ["group:web and not host:web09"], "groups": ["web"], "targets": ["web09"],
        "credentials": ["deploy"], "variables": ["site"], "actions": ["linux/command@1"], "templates": [],
    }  # fmt: skip
    whole = (await api.post("/api/v1/job-bundles/export", json={"folder": "web"})).json()
    assert whole["jobs"] == bundle["jobs"]
    for body in ({}, {"jobs": []}, {"folder": "", "jobs": []}, {"folder": "../x"}):
        assert (await api.post("/api/v1/job-bundles/export", json=body)).status_code == 422


async def test_a_bundle_comes_back_under_other_names(api: httpx.AsyncClient):
    text = await stock(api)
    await clear(api)
    await add(api, "/credentials", {"name": "release-key", "secret": {"kind": "secret_text", "text": "y"}})
    mapping = {
        "groups": {"web": "front"},
        "credentials": {"deploy": "release-key"},
        "parameters": {"release": "v2", "token": "never"},
    }
    tried = (await take(api, text, folder="from-a", mapping=mapping, dry_run=True)).json()
    assert [(item["kind"], item["name"], item["change"]) for item in tried["items"]] == [
        ("template", "web.restart", "created"), ("template", "outer", "created"), ("job", "deploy", "created"),
    ]  # fmt: skip
    assert tried["unresolved"] | {"selectors": []} == {
        "selectors": [], "groups": ["front"], "targets": ["web09"], "credentials": [], "variables": [],
        "actions": [], "templates": [],
    }  # fmt: skip
    assert (await api.get("/api/v1/jobs")).json()["items"] == [], "a dry run keeps nothing"
    done = (await take(api, text, folder="from-a", mapping=mapping)).json()
    assert done["items"] == tried["items"]
    job = (await api.get("/api/v1/jobs")).json()["items"][0]
    assert (job["folder"], job["tags"], job["active"]) == ("from-a/web/prod", ["weekly"], False)
    detail = (await api.get(f"/api/v1/jobs/{job['id']}")).json()
    assert detail["yaml"].startswith("# goes out on Tuesdays\n")
    assert detail["document"]["targets"]["select"] == "group:front and not name:web09"
    assert detail["document"]["parameters"]["token"] == {"type": "secret", "credential": "release-key"}
    assert detail["document"]["parameters"]["release"]["default"] == "v2"
    assert {use["ref"] for use in detail["templates"]} == {"template/outer@2", "template/web.restart@2"}
    entry = (await api.get("/api/v1/audit")).json()["items"][0]
    assert (entry["event"], entry["facts"]["created"]) == ("jobs.imported", ["web.restart", "outer", "deploy"])


async def test_targets_and_their_variables_have_other_names_here(api: httpx.AsyncClient):
    select = 'host:web09 or (group:web and not var.site == "fra")'
    line = 'with: {line: "echo ${{ target.vars.site }}"}'
    steps = f'steps: [{{id: go, uses: linux/command@1, when: target.vars.site != "x", {line}}}]'
    yaml = f"apiVersion: opsconductor/v1\nkind: Job\nname: go\ntargets: {{select: {json.dumps(select)}}}\n{steps}\n"
    template = TEMPLATE.replace("${{ params.unit }}", "${{ params.unit }} ${{ target.vars.site }}")
    bundle = {
        "format": "opsconductor-bundle/v1",
        "jobs": [{"yaml": yaml}],
        "templates": [{"ref": "template/web.restart@1", "yaml": template}],
    }
    mapping = {"targets": {"web09": "front09"}, "variables": {"site": "place"}}
    done = (await take(api, bundle, mapping=mapping)).json()
    assert (done["unresolved"]["targets"], done["unresolved"]["variables"]) == (["front09"], ["place"])
    job = (await api.get("/api/v1/jobs")).json()["items"][0]
    document = (await api.get(f"/api/v1/jobs/{job['id']}")).json()["document"]
    assert document["targets"]["select"] == 'name:front09 or group:web and not var.place == "fra"'
    assert document["steps"][0]["when"] == 'target.vars.place != "x"'
    assert document["steps"][0]["with"]["line"] == "echo ${{ target.vars.place }}"
    kept = (await api.get("/api/v1/job-templates")).json()["items"][0]
    read = (await api.get(f"/api/v1/job-templates/{kept['id']}")).json()
    assert read["document"]["steps"][0]["with"]["line"].endswith("${{ target.vars.place }}")
    refused = await take(api, bundle, mapping={"variables": {"site": "x }} {{ y"}})
    assert refused.status_code == 422


async def test_what_is_here_already_is_refused_updated_or_skipped(api: httpx.AsyncClient):
    text = await stock(api)
    refused = await take(api, text)
    assert refused.status_code == 409
    bundle = json.loads(text)
    same = (await take(api, text, existing="update")).json()
    assert [item["change"] for item in same["items"]] == ["unchanged", "unchanged", "unchanged"]
    bundle["jobs"][0]["yaml"] = DEPLOY.replace("default: v1", "default: v7")
    skipped = (await take(api, bundle, existing="skip")).json()
    assert [item["change"] for item in skipped["items"]] == ["unchanged", "unchanged", "skipped"]
    updated = (await take(api, bundle, existing="update")).json()
    assert (updated["items"][2]["change"], updated["items"][2]["version"]) == ("updated", 2)


async def test_a_bundle_with_anything_wrong_in_it_is_refused_whole(api: httpx.AsyncClient):
    text = await stock(api)
    await clear(api)
    bundle = json.loads(text)
    bundle["jobs"].append(
        {"yaml": DEPLOY.replace("name: deploy", "name: other").replace("linux/command", "linux/comand")}
    )
    bundle["jobs"].append({"yaml": "!!python/object/apply:os.system ['id']"})
    refused = await take(api, bundle)
    assert refused.status_code == 422
    paths = [problem["path"] for problem in refused.json()["problems"]]
    assert "bundle.jobs[1].steps[0].uses" in paths
    assert any(path.startswith("bundle.jobs[2]") for path in paths)
    tried = (await take(api, bundle, dry_run=True)).json()
    assert [item["change"] for item in tried["items"]] == ["created", "created", "created", "refused", "refused"]
    assert (await api.get("/api/v1/jobs")).json()["items"] == []
    assert (await api.get("/api/v1/job-templates")).json()["items"] == []


@pytest.mark.parametrize(
    "body",
    [
        {}, {"bundle": []}, {"bundle": {"format": "opsconductor-bundle/v2", "jobs": []}},
        {"bundle": {"format": "opsconductor-bundle/v1", "jobs": [{"yaml": "x\x00"}]}},
        {"bundle": {"format": "opsconductor-bundle/v1", "jobs": [{"yaml": "x", "folder": "../.."}]}},
        {"bundle": {"format": "opsconductor-bundle/v1", "jobs": [], "extra": 1}},
        {"bundle": {"format": "opsconductor-bundle/v1", "jobs": [{"yaml": "\ud800"}]}},
        {"bundle": {"format": "opsconductor-bundle/v1", "jobs": [{"yaml": "x"}]}, "mapping": {"groups": {"a": 3}}},
        {"bundle": {"format": "opsconductor-bundle/v1", "jobs": [{"yaml": "x"}]}, "folder": "/".join("a" * 20)},
    ],
)  # fmt: skip
async def test_what_is_no_bundle_is_refused(api: httpx.AsyncClient, body: dict[str, Any]):
    refused = await api.post("/api/v1/job-bundles/import", content=json.dumps(body).encode())
    assert refused.status_code == 422


async def test_folders_that_become_too_long_together_are_refused(api: httpx.AsyncClient):
    long = "/".join(["x" * 60] * 3)
    bundle = {"format": "opsconductor-bundle/v1", "jobs": [{"yaml": JOB, "folder": long}]}
    refused = await take(api, bundle, folder=long)
    assert (refused.status_code, refused.json()["problems"][0]["path"]) == (422, "bundle.jobs[0].folder")
    assert "longer than 200" in refused.json()["problems"][0]["message"]


async def test_an_import_gives_no_rights_that_the_importer_lacks(api: httpx.AsyncClient, portal_app: FastAPI):
    text = await stock(api)
    grants = [("operator", "job_folder", "web")]
    api.headers["Authorization"] = f"Bearer {await add_member(portal_app, 'anna', grants)}"
    hidden = await api.post("/api/v1/job-bundles/export", json={"folder": "web"})
    assert (hidden.status_code, hidden.json()["problems"][0]["path"]) == (422, "jobs")
    bundle = json.loads(text)
    bundle["templates"] = []
    bundle["jobs"][0]["yaml"] = DEPLOY.replace("name: deploy", "name: mine").replace(
        "  - {id: tidy, uses: template/outer@1}\n", ""
    )
    borrowed = await take(api, bundle)
    assert borrowed.status_code == 422
    assert borrowed.json()["problems"][0]["path"] == "bundle.jobs[0].parameters.token.credential"
    small = "apiVersion: opsconductor/v1\nkind: Job\nname: mine\nsteps: [{id: a, uses: core/log@1, with: {message: x}}]"
    bundle["jobs"][0] = {"yaml": small}
    elsewhere = await take(api, bundle)
    assert elsewhere.status_code == 403
    tried = (await take(api, bundle, dry_run=True)).json()
    assert "jobs:create" in tried["items"][0]["problems"][0]["message"]
    assert (await take(api, bundle, folder="web")).json()["items"][0]["change"] == "created"
