"""Inventory files: imported as a whole or not at all, exported without secrets."""

from typing import Any

import httpx
import psycopg
import pytest
from fastapi import FastAPI

from tests.fixtures.inventory import inventory

from .world import add, add_credential, add_member, add_role, add_target, take_role

FORMATS = ("csv", "json", "yaml", "ansible-ini", "ansible-yaml")
INI = """\
[web]
web[01:03].example.org ansible_user=ops http_port=80
[web:vars]
ansible_password=hunter2
[db]
db01 ansible_host=10.0.0.9 ansible_port=2222
[eu:children]
web
db
"""
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGnAOFxNcOiKN5jc9rSNqk2CFpdAyaCyiQbCH6w8hhkH"


async def send(api: httpx.AsyncClient, content: str, file_format: str = "ansible-ini", **options: Any) -> Any:
    body = {"format": file_format, "content": content, **options}
    answer = await api.post("/api/v1/inventory/import", json=body)
    assert answer.status_code in (200, 422, 403), answer.text
    return answer.json()


async def export(api: httpx.AsyncClient, file_format: str, select: str = "all") -> str:
    answer = await api.get("/api/v1/inventory/export", params={"format": file_format, "select": select})
    assert answer.status_code == 200, answer.text
    return answer.text


async def targets_of(api: httpx.AsyncClient) -> dict[str, Any]:
    return {row["name"]: row for row in (await api.get("/api/v1/targets", params={"size": 500})).json()["items"]}


async def test_a_dry_run_says_what_an_import_then_does(api: httpx.AsyncClient):
    await add_credential(api, "root")
    report = await send(api, INI, dry_run=True, credential="root")
    assert (report["created"], report["refused"], report["groups_created"]) == (4, 0, ["db", "eu", "web"])
    assert {(row["group"], row["parent"]) for row in report["groups_nested"]} == {("web", "eu"), ("db", "eu")}
    web01 = report["rows"][0]
    assert (web01["name"], web01["action"], web01["line"]) == ("web01.example.org", "create", 2)
    assert web01["withheld"] == ["ansible_password"]
    assert await targets_of(api) == {}
    done = await send(api, INI, credential="root")
    assert {**done, "dry_run": True} == report
    found = await targets_of(api)
    assert (found["db01"]["address"], found["db01"]["port"], found["db01"]["groups"]) == (
        "10.0.0.9",
        2222,
        ["db", "eu"],
    )
    web = found["web02.example.org"]
    assert (web["groups"], web["variables"], web["credential"]) == (["eu", "web"], {"http_port": 80}, "root")
    assert "hunter2" not in str((await api.get("/api/v1/audit")).json())
    events = (await api.get("/api/v1/audit", params={"event": "inventory.imported"})).json()["items"]
    assert (events[0]["facts"]["created"], events[0]["facts"]["format"]) == (4, "ansible-ini")


async def test_the_same_file_again_changes_nothing(api: httpx.AsyncClient):
    await send(api, INI)
    again = await send(api, INI)
    assert (again["unchanged"], again["created"], again["updated"], again["refused"]) == (4, 0, 0, 0)


async def test_a_target_that_differs_is_changed_only_when_that_is_wanted(api: httpx.AsyncClient):
    await send(api, INI)
    changed = INI.replace("http_port=80", "http_port=81").replace("2222", "22")
    refused = await send(api, changed)
    assert refused["type"] == "urn:opsconductor:problem:import-refused"
    assert {problem["line"] for problem in refused["problems"]} == {2, 6}
    assert (await targets_of(api))["db01"]["port"] == 2222
    report = await send(api, changed, update_existing=True)
    assert {row["name"]: row["changes"] for row in report["rows"]}["db01"] == ["port"]
    found = await targets_of(api)
    assert (found["db01"]["port"], found["web01.example.org"]["variables"]["http_port"]) == (22, 81)


async def rich_world(api: httpx.AsyncClient) -> None:
    await add_credential(api, "root")
    await add(api, "/groups", {"name": "site"})
    for name in ("web", "odd"):
        await add_target(
            api, f"{name}01", address="2001:db8::1", port=2222, platform="unix", description="=1+1, \"the\" 'first'",
            tags=["prod", "a/b"], groups=[name], credential="root", host_keys=[KEY], encoding="latin-1", zone="fra",
            os_version="12",
            services=[{"type": "https", "credential": "root"}, {"type": "custom", "port": 9, "enabled": False}],
            variables={"n": 5, "like_n": "5", "formula": "@SUM(A1)", "minus": -1, "deep": {"a": [1, None, "x\ny"]},
                       "yes": "yes", "empty": "", "quote": "'", "unicode": "größe 🎉", "space": " x ",
                       "db_password": "hunter2"},
        )  # fmt: skip
    await add_target(api, "plain", groups=[])
    await send(api, "[web:children]\nodd\n[odd]\n[web]\n[site:children]\nweb\n")


@pytest.mark.parametrize("file_format", FORMATS)
async def test_what_was_exported_is_imported_as_unchanged(api: httpx.AsyncClient, file_format: str):
    await rich_world(api)
    before = await targets_of(api)
    text = await export(api, file_format)
    assert "hunter2" not in text
    assert "correct horse" not in text
    report = await send(api, text, file_format, update_existing=True)
    assert [(row["name"], row["action"], row["changes"], row["problems"]) for row in report["rows"]] == [
        (name, "unchanged", [], []) for name in sorted(before)
    ], text
    assert (report["groups_created"], report["groups_nested"]) == ([], [])
    assert await targets_of(api) == before


@pytest.mark.parametrize("file_format", FORMATS)
async def test_another_installation_reads_the_same(api: httpx.AsyncClient, file_format: str):
    await rich_world(api)
    before = await targets_of(api)
    text = await export(api, file_format)
    for target in before.values():
        assert (await api.delete(f"/api/v1/targets/{target['id']}")).status_code == 204
    report = await send(api, text, file_format)
    assert report["created"] == 3, report
    changing = {"id", "created_at", "updated_at", "services", "variables"}
    for name, target in (await targets_of(api)).items():
        assert {k: v for k, v in target.items() if k not in changing} == {
            k: v for k, v in before[name].items() if k not in changing
        }
        assert target["variables"] == {k: v for k, v in before[name]["variables"].items() if k != "db_password"}
        assert [{**s, "id": 0} for s in target["services"]] == [{**s, "id": 0} for s in before[name]["services"]]


async def test_formulas_are_harmless_in_a_table(api: httpx.AsyncClient):
    await add_target(api, "web01", description="=cmd|' /C calc'!A0", variables={"x": "+1", "y": "@a", "z": "-1+1"})
    text = await export(api, "csv")
    cells = text.split("\r\n")[1].split(",")
    assert not [cell for cell in cells if cell.strip('"').startswith(("=", "+", "-", "@"))]


async def test_only_what_a_selector_picks_is_exported(api: httpx.AsyncClient):
    await add_target(api, "web01", tags=["prod"])
    await add_target(api, "web02")
    assert "web02" not in await export(api, "csv", "tag:prod")
    refused = await api.get("/api/v1/inventory/export", params={"format": "csv", "select": "web and"})
    assert refused.status_code == 422
    assert (await api.get("/api/v1/inventory/export", params={"format": "exe"})).status_code == 422


ROWS = [
    ("name,address\nweb01,root@host\n", 2, "address"),
    ("name,address,port\nweb01,a.test,99999\n", 2, "port"),
    ("name,address,port\nweb01,a.test,x\n", 2, "port"),
    ("name,address\n-rf,a.test\n", 2, "name"),
    ("name\nweb01\n", 2, "address"),
    ("name,address\nweb01,a.test\nWEB01,b.test\n", 3, "name"),
    ("name,address,credential\nweb01,a.test,nobody\n", 2, "credential"),
    ("name,address,groups\nweb01,a.test,_x\n", None, "groups"),
    ("name,address,var.a-b\nweb01,a.test,1\n", 2, "variables"),
    ("name,address,host_keys\nweb01,a.test,AAAA\n", 2, "host_keys[0]"),
    ('name,address,description\nweb01,a.test,"a\u202eb"\n', 2, "description"),
]


@pytest.mark.parametrize(("text", "line", "path"), ROWS)
async def test_a_row_that_is_refused_says_where_and_why(api: httpx.AsyncClient, text: str, line: int | None, path: str):
    report = await send(api, text, "csv", dry_run=True)
    problems = [*report["problems"], *(problem for row in report["rows"] for problem in row["problems"])]
    assert (problems[0]["path"], problems[0]["line"]) == (path, line), problems
    refused = await send(
        api, text.replace("web01,", "good01,good.test\nweb01,", 1) if "port" not in text else text, "csv"
    )
    assert refused["status"] == 422
    assert await targets_of(api) == {}, "nothing of it"


FILES = [
    ("csv", ""), ("csv", "address\na"), ("csv", 'name,address\n"a'), ("csv", "name,name\na,b"),
    ("csv", "name,adress\na,b"),
    ("csv", "name,address\na,b,c,d"), ("json", "{"), ("json", "[1]"), ("json", '{"hosts": []}'), ("json", "NaN"),
    ("json", "[" * 100_000), ("yaml", "targets: !!python/object:os.system []"), ("yaml", "- 1"), ("yaml", "a: &a [*a]"),
    ("yaml", "targets:\n- {name: a, address: b, extra: !vault x}"), ("ansible-ini", "[web"), ("ansible-yaml", "- a"),
    ("ansible-ini", "web[1:99999999]"), ("json", '[{"name": "a", "address": "b", "groups": [1]}]'),
    ("json", '[{"name": 5, "address": ["b"], "variables": [], "tags": {}}]'), ("json", '"\\ud800"'),
    ("json", '[{"name": "a", "address": "\\ud800"}]'), ("json", '[{"name": "a\\u0000", "address": "b"}]'),
    ("csv", "name,address,services\na,b,[{}]"), ("json", '[{"name": "a", "address": "b", "port": 1e400}]'),
    ("json", '[{"name": "a", "address": "b", "port": ' + "9" * 5000 + "}]"),
    ("json", '[{"name": "a", "address": "b", "variables": {"x": ' + "9" * 5000 + "}}]"),
    ("ansible-ini", "a x=" + "9" * 5000 + " ansible_host='{{ y }}'"),
    ("json", '[{"name": "a", "address": "b", "variables": {"x": ' + "[" * 500 + "]" * 500 + "}}]"),
]  # fmt: skip


@pytest.mark.parametrize(("file_format", "text"), FILES)
async def test_no_file_breaks_the_portal(api: httpx.AsyncClient, file_format: str, text: str):
    for dry_run in (True, False):
        body = {"format": file_format, "content": text, "dry_run": dry_run}
        answer = await api.post("/api/v1/inventory/import", json=body)
        assert answer.status_code in (200, 422), answer.text
        if answer.status_code == 422:
            assert answer.json()["problems"][0]["message"]


async def test_an_import_gives_no_more_rights_than_the_importer_has(api: httpx.AsyncClient, portal_database: str):
    await add_target(api, "web01", groups=["web"])
    await add(api, "/groups", {"name": "secret"})
    text = "name,address,groups\nweb01,web01.test,web secret\nnew01,new.test,web\n"
    with psycopg.connect(portal_database, autocommit=True) as connection:
        take_role(connection, "adder", ["targets:view", "targets:create", "targets:edit"])
        report = await send(api, text, "csv", dry_run=True, update_existing=True)
        assert [row["action"] for row in report["rows"]] == ["refused", "refused"]
        assert "groups:manage" in report["rows"][0]["problems"][0]["message"]
        refused = await send(api, "name,address,groups\nnew01,new.test,brandnew\n", "csv")
        assert "no group brandnew" in str(refused["problems"])
        assert (await send(api, "[secret:children]\nweb\n[web]\n", dry_run=True))["problems"]
        take_role(connection, "reader", ["targets:view", "targets:create"])
        report = await send(api, "name,address,port\nweb01,web01.test,23\n", "csv", dry_run=True, update_existing=True)
        assert "targets:edit" in report["rows"][0]["problems"][0]["message"]
        take_role(connection, "viewer")
        assert (await send(api, text, "csv"))["status"] == 403
        take_role(connection, "admin")
    assert list(await targets_of(api)) == ["web01"]


async def test_groups_can_have_a_prefix(api: httpx.AsyncClient):
    report = await send(api, INI, group_prefix="aws-")
    assert report["groups_created"] == ["aws-db", "aws-eu", "aws-web"]
    assert (await targets_of(api))["db01"]["groups"] == ["aws-db", "aws-eu"]
    refused = await api.post("/api/v1/inventory/import", json={"format": "csv", "content": "", "group_prefix": "a b"})
    assert refused.status_code == 422


async def test_whom_the_file_signs_in_as_is_not_lost(api: httpx.AsyncClient):
    secret = {"kind": "ssh_password", "username": "ops", "password": "x"}
    await add(api, "/credentials", {"name": "ops", "secret": secret})
    await add_credential(api, "other")
    await send(api, "a01 ansible_user=ops\n", credential="ops")
    report = await send(api, "b01 ansible_user=deploy\n", credential="ops")
    assert "deploy" in report["rows"][0]["notes"][0]
    found = await targets_of(api)
    assert (found["a01"]["variables"], found["b01"]["variables"]) == ({}, {"ansible_user": "deploy"})


async def test_twenty_thousand_targets_come_in_one_file(api: httpx.AsyncClient):
    text = "[web]\nweb[00001:20000].example.org site=fra\n[eu:children]\nweb\n"
    report = await send(api, text)
    assert (report["created"], len(report["rows"])) == (20_000, 20_000)
    again = await send(api, await export(api, "csv"), "csv", update_existing=True)
    assert again["unchanged"] == 20_000


async def test_changing_known_targets_takes_the_right_to_change_and_none_to_add_there(
    api: httpx.AsyncClient, portal_app: FastAPI, portal_database: str
):
    await add_target(api, "web01", groups=["web"])
    await add(api, "/groups", {"name": "lab"})
    groups = {row["name"]: row["id"] for row in (await api.get("/api/v1/groups")).json()["items"]}
    add_role(portal_database, "changer", ["targets:view", "targets:edit"])
    add_role(portal_database, "adder", ["targets:create"])
    grants = [("changer", "target_group", groups["web"]), ("adder", "target_group", groups["lab"])]
    api.headers["Authorization"] = f"Bearer {await add_member(portal_app, 'two-places', grants)}"
    rows = [{"name": "web01", "address": "web01.test", "port": 2222, "groups": ["web"]}]
    body = inventory(rows, update_existing=True)
    assert (await api.post("/api/v1/inventory/import", json=body)).json()["updated"] == 1
    assert (await targets_of(api))["web01"]["port"] == 2222
