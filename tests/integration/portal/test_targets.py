from typing import Any

import httpx
from fastapi import FastAPI

from tests.fixtures.inventory import inventory

from .people import add_user, signed_in
from .world import JOB, add, add_credential, add_job, add_target

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGnAOFxNcOiKN5jc9rSNqk2CFpdAyaCyiQbCH6w8hhkH"
OTHER_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINlPHyhlvXSd6CNs2lcWQ7CNvBYgjYwGC7lSWIXdkQfx"


async def test_a_target_that_was_added_can_be_read(api: httpx.AsyncClient):
    made = await add(api, "/targets", {"name": "web01", "address": "10.0.0.1", "groups": ["web"]})
    assert (await api.get(f"/api/v1/targets/{made['id']}")).json() == made
    assert [row["name"] for row in (await api.get("/api/v1/targets")).json()["items"]] == ["web01"]


async def test_addresses_have_one_form(api: httpx.AsyncClient):
    forms = {
        "Web01.Example.COM.": "web01.example.com",
        "10.1.2.3": "10.1.2.3",
        "[2001:DB8::1]": "2001:db8::1",
        "localhost": "localhost",
    }
    for index, (given, kept) in enumerate(forms.items()):
        assert (await add_target(api, f"host{index}", address=given))["address"] == kept


async def test_a_taken_name_is_a_conflict_also_for_a_target_with_a_credential(api: httpx.AsyncClient):
    credential = await add_credential(api)
    await add_target(api, "web01")
    again = {"name": "WEB01", "address": "10.0.0.2", "credential": credential["name"]}
    refused = await api.post("/api/v1/targets", json=again)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:opsconductor:problem:target-name-taken")


REFUSED: list[tuple[str, Any]] = [
    ("address", "127.0.0.1 --script=x"),
    ("address", "root@host"),
    ("address", "host:22"),
    ("address", "-oProxyCommand=id"),
    ("address", "a\nb"),
    ("address", "256.1.1.1"),
    ("address", "10.0.0.0/8"),
    ("address", ""),
    ("address", "$(id)"),
    ("name", "a b"),
    ("name", "-rf"),
    ("name", ""),
    ("port", 0),
    ("port", 65536),
    ("port", "22; id"),
    ("platform", "beos"),
    ("tags", ["a b"]),
    ("tags", "prod"),
    ("variables", {"a-b": 1}),
    ("variables", {"a": "\x00"}),
    ("variables", {"a": {"b": ["\x00"]}}),
    ("host_keys", ["AAAA"]),
    ("host_keys", ["ssh-ed25519 not-base64"]),
    ("host_keys", [KEY.replace("ssh-ed25519", "ssh-rsa")]),
    ("encoding", "klingon"),
    ("encoding", "base64"),
    ("credential", "nobody"),
    ("description", "a\u202eb"),
    ("role", "admin"),
]


async def test_what_makes_no_sense_is_refused_by_name(api: httpx.AsyncClient):
    for field, value in REFUSED:
        refused = await api.post("/api/v1/targets", json={"name": "a", "address": "a.test", field: value})
        assert refused.status_code == 422, (field, value, refused.text)
        assert refused.json()["problems"][0]["path"].startswith(field), (field, value)
    assert (await api.get("/api/v1/targets")).json()["items"] == []


async def test_a_name_that_is_refused_is_told_what_names_may_hold(api: httpx.AsyncClient):
    for field, value in (("name", "wéb 01"), ("zone", "-"), ("tags", ["a b"])):
        refused = await api.post("/api/v1/targets", json={"name": "a", "address": "a.test", field: value})
        [problem] = refused.json()["problems"]
        assert (problem["message"], "digits and _.@" in problem["hint"]) == ("is not of the form asked for", True)
    csv = {"format": "csv", "content": "name,address\nwéb 01,a.test\n", "dry_run": True}
    [row] = (await api.post("/api/v1/inventory/import", json=csv)).json()["rows"]
    assert (row["problems"][0]["path"], "letters a-z" in row["problems"][0]["hint"]) == ("name", True)


async def test_what_the_database_cannot_hold_is_refused_by_name(api: httpx.AsyncClient):
    deep = "[" * 200 + "]" * 200
    cases = {
        '{"a": "\\ud800"}': "variables.a",
        '{"a": {"\\udfff": 1}}': "variables.a",
        '{"a": [1, NaN]}': "variables.a[1]",
        '{"a": 1e999}': "variables.a",
        f'{{"a": {deep}}}': "variables.a[0]",
    }
    for variables, path in cases.items():
        body = f'{{"name": "a", "address": "a.test", "variables": {variables}}}'
        refused = await api.post("/api/v1/targets", content=body, headers={"Content-Type": "application/json"})
        assert refused.status_code == 422, (variables, refused.text)
        assert refused.json()["problems"][0]["path"].startswith(path), variables
    assert (await api.get("/api/v1/targets", params={"q": "a\x00"})).status_code == 422


async def test_names_are_unique_in_any_case(api: httpx.AsyncClient):
    await add_target(api, "web01")
    refused = await api.post("/api/v1/targets", json={"name": "WEB01", "address": "b.test"})
    assert refused.status_code == 409
    assert refused.json()["type"] == "urn:opsconductor:problem:target-name-taken"


async def test_a_page_follows_a_page_without_gap_or_repeat(api: httpx.AsyncClient):
    names = [f"host{index:02}" for index in range(13)]
    body = inventory([{"name": name, "address": f"{name}.test"} for name in names])
    assert (await api.post("/api/v1/inventory/import", json=body)).json()["created"] == 13
    seen: list[str] = []
    cursor: str | None = None
    while True:
        query = {"size": 5, "sort": "-name"} | ({"cursor": cursor} if cursor else {})
        page = (await api.get("/api/v1/targets", params=query)).json()
        seen += [row["name"] for row in page["items"]]
        cursor = page["next_page"]
        if cursor is None:
            break
    assert seen == sorted(names, reverse=True)


async def test_a_cursor_that_was_made_up_is_refused(api: httpx.AsyncClient):
    for cursor in ("x", "Pm5vbnNlbnNl", "PmQ6MTIz", "a" * 3000):
        assert (await api.get("/api/v1/targets", params={"cursor": cursor})).status_code in (400, 422), cursor


async def test_lists_can_be_narrowed(api: httpx.AsyncClient):
    await add_target(api, "web01", tags=["prod"])
    await add_target(api, "web_2", groups=["web", "edge"])
    await add_target(api, "db01", groups=["db"], platform="windows")

    async def names(**query: str) -> list[str]:
        return [row["name"] for row in (await api.get("/api/v1/targets", params=query)).json()["items"]]

    assert await names(group="web") == ["web01", "web_2"]
    assert await names(tag="prod") == ["web01"]
    assert await names(platform="windows") == ["db01"]
    assert await names(q="b_") == ["web_2"], "an underscore is itself"
    assert await names(q="%") == []
    assert (await api.get("/api/v1/targets", params={"sort": "password"})).status_code == 422


async def test_what_an_update_leaves_out_stays(api: httpx.AsyncClient):
    await add_credential(api, "root")
    made = await add_target(api, "web01", tags=["prod"], credential="root")
    changed = (await api.patch(f"/api/v1/targets/{made['id']}", json={"port": 2222})).json()
    assert changed == made | {"port": 2222, "updated_at": changed["updated_at"]}
    bare = (await api.patch(f"/api/v1/targets/{made['id']}", json={"credential": None})).json()
    assert bare["credential"] is None
    refused = await api.patch(f"/api/v1/targets/{made['id']}", json={"name": None})
    assert refused.json()["problems"][0]["path"] == "name"


async def test_a_target_that_selectors_name_is_renamed_by_force_only(api: httpx.AsyncClient):
    """`not host:web09` would let the job run on what is called otherwise now."""
    made, other = await add_target(api, "web09"), await add_target(api, "web0")
    await add_job(api, JOB.replace("group:web", "group:web and not host:web09"))
    await add(api, "/groups", {"name": "rest", "select": "not name:web09"})
    root = await add_credential(api)
    await api.patch(f"/api/v1/credentials/{root['id']}", json={"allowed_targets": "host:web09 or host:web0*"})
    path = f"/api/v1/targets/{made['id']}"
    refused = await api.patch(path, json={"name": "web10", "tags": ["new"]})
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:opsconductor:problem:target-named")
    assert refused.json()["detail"] == (
        "target web09 is named by selectors: the allowed targets of credential root, the selector of group rest, "
        "job look; change them first, or force it"
    )
    assert (await api.patch(path, json={"name": "web09", "tags": ["new"]})).json()["tags"] == ["new"]
    assert (await api.patch(f"/api/v1/targets/{other['id']}", json={"name": "web1"})).status_code == 200, "a part only"
    forced = (await api.patch(path, json={"name": "web10", "force": True})).json()
    assert (forced["name"], forced["groups"]) == ("web10", ["rest", "web"])
    entry = (await api.get("/api/v1/audit", params={"event": "target.updated"})).json()["items"][0]
    assert entry["facts"] == {
        "before": {"name": "web09"}, "after": {"name": "web10"},
    }  # fmt: skip


async def test_who_may_not_see_what_names_a_target_is_told_how_many(api: httpx.AsyncClient, portal_app: FastAPI):
    made = await add_target(api, "web09")
    await add_job(api, JOB.replace("group:web", "group:web and not host:web09"))
    await add_user(portal_app, "petra", ["targets:view", "targets:edit"])
    async with await signed_in(api, portal_app, "petra") as petra:
        refused = await petra.patch(f"/api/v1/targets/{made['id']}", json={"name": "web10"})
    said = refused.json()["detail"]
    assert said == "target web09 is named by selectors: 1 out of your sight; change them first, or force it"


async def test_what_changes_nothing_is_not_on_record(api: httpx.AsyncClient):
    made = await add_target(api, "web09")
    for body in ({}, {"name": "web09"}):
        assert (await api.patch(f"/api/v1/targets/{made['id']}", json=body)).status_code == 200
    assert (await api.get("/api/v1/audit", params={"event": "target.updated"})).json()["items"] == []


async def test_the_same_host_under_two_names_is_chosen_once(api: httpx.AsyncClient):
    await add_credential(api, "root")
    await add_target(api, "alpha", address="same.test", credential="root")
    await add_target(api, "beta", address="SAME.test", credential="root")
    await add_target(api, "gamma", address="same.test", port=2222, credential="root")
    preview = (await api.post("/api/v1/targets/preview", json={"select": "group:web"})).json()
    assert [row["name"] for row in preview["targets"]] == ["alpha", "gamma"]
    assert preview["dropped"] == [{"name": "beta", "same_as": "alpha"}]


async def test_a_selector_that_is_none_is_refused_with_a_hint(api: httpx.AsyncClient):
    refused = await api.post("/api/v1/targets/preview", json={"select": "web and"})
    assert refused.status_code == 422
    assert refused.json()["problems"][0]["hint"]


async def test_a_new_host_key_is_accepted_by_hand_only(api: httpx.AsyncClient):
    made = await add_target(api, "web01", host_keys=[f"{KEY} root@web01"])
    assert made["host_keys"] == [KEY], "without its comment"
    path = f"/api/v1/targets/{made['id']}/accept-host-key"
    assert (await api.post(path, json={"host_key": OTHER_KEY})).json()["host_keys"] == [OTHER_KEY]
    assert (await api.post(path, json={})).json()["host_keys"] == []
    events = (await api.get("/api/v1/audit", params={"event": "target.host_key_accepted"})).json()["items"]
    assert events[1]["facts"] == {"before": [KEY], "after": [OTHER_KEY]}


async def test_what_is_not_there_is_not_found(api: httpx.AsyncClient):
    made = await add_target(api, "web01")
    path = f"/api/v1/targets/{made['id']}"
    assert (await api.delete(path)).status_code == 204
    for answer in (await api.get(path), await api.delete(path), await api.patch(path, json={"port": 1})):
        assert answer.status_code == 404
        assert answer.json()["type"] == "urn:opsconductor:problem:not-found"
    assert (await api.get("/api/v1/targets/not-a-key")).status_code == 422


async def test_giant_bodies_are_refused(api: httpx.AsyncClient):
    async def endless():
        for _ in range(100):
            yield b"[" * 200_000

    assert (await api.post("/api/v1/targets", content=b"a" * 20_000_000)).status_code == 413
    assert (await api.post("/api/v1/targets", content=endless())).status_code == 413
