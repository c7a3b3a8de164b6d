"""Changes of many targets at once."""

from typing import Any

import httpx
import psycopg

from .test_groups import add_group, grant, groups_of
from .world import add_credential, add_target, take_role


async def bulk(api: httpx.AsyncClient, changes: dict[str, Any], **chosen: Any) -> dict[str, Any]:
    answer = await api.patch("/api/v1/targets", json={"changes": changes, **chosen})
    assert answer.status_code == 200, answer.text
    return answer.json()


def results(outcome: dict[str, Any]) -> dict[str, str]:
    return {item["name"]: item["result"] for item in outcome["items"]}


async def test_each_target_has_its_own_result(api: httpx.AsyncClient):
    await add_credential(api, "root")
    one = await add_target(api, "web01", tags=["a"], variables={"site": "fra", "n": 1})
    await add_target(api, "web02", tags=["b"], credential="root", zone="fra", variables={"n": 2})
    changes = {
        "add_tags": ["b"], "remove_tags": ["a"], "credential": "root", "zone": "fra", "set_variables": {"n": 2},
        "remove_variables": ["site"],
    }  # fmt: skip
    done = await bulk(api, changes, targets=[one["id"], "WEB02", "nobody"])
    assert results(done) == {"nobody": "missing", "web01": "changed", "web02": "unchanged"}
    assert [done[name] for name in ("changed", "unchanged", "refused", "missing")] == [1, 1, 0, 1]
    assert done["items"][1]["before"] == {
        "tags": ["a"], "zone": "", "variables": {"site": "fra", "n": 1}, "credential": None,
    }  # fmt: skip
    read = (await api.get(f"/api/v1/targets/{one['id']}")).json()
    assert (read["tags"], read["zone"], read["variables"], read["credential"]) == (["b"], "fra", {"n": 2}, "root")
    assert (await bulk(api, {"credential": None}, select="name:web01"))["changed"] == 1


async def test_a_dry_run_says_the_same_and_changes_nothing(api: httpx.AsyncClient):
    await add_group(api, "all")
    await add_target(api, "web01", groups=["old"])
    await add_group(api, "new-prod", select="tag:prod and not group:old", parents=["all"])
    await add_target(api, "web02")
    before = (await api.get("/api/v1/targets")).json()
    changes = {"add_tags": ["prod"], "add_groups": ["edge"], "remove_groups": ["OLD"]}
    tried = await bulk(api, changes, select="name:web*", dry_run=True)
    assert (await api.get("/api/v1/targets")).json() == before
    assert "edge" not in {row["name"] for row in (await api.get("/api/v1/groups")).json()["items"]}
    assert (await api.get("/api/v1/audit", params={"event": "targets.updated"})).json()["items"] == []
    done = await bulk(api, changes, select="name:web*")
    assert done == tried | {"dry_run": False}
    assert await groups_of(api) == {
        "web01": ["all", "edge", "new-prod"],
        "web02": ["all", "edge", "new-prod", "web"],
    }
    gone = (await api.post("/api/v1/targets/delete", json={"select": "all", "dry_run": True})).json()
    assert (gone["changed"], len(await groups_of(api))) == (2, 2)


async def test_more_than_meant_is_refused(api: httpx.AsyncClient):
    for number in range(3):
        await add_target(api, f"web{number}")
    refused = await api.patch("/api/v1/targets", json={"select": "all", "at_most": 2, "changes": {"zone": "fra"}})
    assert (refused.status_code, refused.json()["problems"][0]["path"]) == (422, "at_most")
    assert (await api.post("/api/v1/targets/delete", json={"select": "all", "at_most": 2})).status_code == 422
    assert (await api.get("/api/v1/targets", params={"zone": ""})).json()["items"][2]["name"] == "web2"


async def test_what_makes_no_sense_changes_nothing(api: httpx.AsyncClient):
    await add_target(api, "web01")
    await add_group(api, "picked", select="tag:prod")
    bodies: list[tuple[str, dict[str, Any]]] = [
        ("", {"changes": {"zone": "fra"}}),
        ("", {"changes": {"zone": "fra"}, "select": "all", "targets": ["web01"]}),
        ("select", {"changes": {"zone": "fra"}, "select": "web and"}),
        ("targets", {"changes": {"zone": "fra"}, "targets": []}),
        ("at_most", {"changes": {"zone": "fra"}, "select": "all", "at_most": 0}),
        ("changes", {"changes": {}, "select": "all"}),
        ("changes.zone", {"changes": {"zone": None}, "select": "all"}),
        ("changes.add_tags[0]", {"changes": {"add_tags": ["a b"]}, "select": "all"}),
        ("changes.name", {"changes": {"name": "x"}, "select": "all"}),
        ("changes.set_variables", {"changes": {"set_variables": {"a-b": 1}}, "select": "all"}),
        ("credential", {"changes": {"credential": "nobody", "zone": "fra"}, "select": "all"}),
        ("groups", {"changes": {"add_groups": ["picked"], "zone": "fra"}, "select": "all"}),
    ]
    for path, body in bodies:
        refused = await api.patch("/api/v1/targets", json=body)
        assert (refused.status_code, refused.json()["problems"][0]["path"]) == (422, path), body
    [web01] = (await api.get("/api/v1/targets")).json()["items"]
    assert (web01["zone"], web01["groups"]) == ("", ["web"])


async def test_what_is_not_permitted_stays_and_is_on_record(api: httpx.AsyncClient, portal_database: str):
    own = await add_group(api, "own")
    await add_target(api, "mine01", groups=["own"])
    await add_target(api, "theirs01", groups=["other"])
    grant(portal_database, "operator", own["id"])
    with psycopg.connect(portal_database, autocommit=True) as connection:
        take_role(connection, "auditor", ["targets:view", "audit:view"])
    done = await bulk(api, {"zone": "fra"}, select="all")
    assert results(done) == {"mine01": "changed", "theirs01": "refused"}
    assert done["items"][1]["message"] == "this needs the permission targets:edit"
    assert (
        await api.patch("/api/v1/targets", json={"select": "all", "changes": {"add_groups": ["other"]}})
    ).status_code == 403
    refused = await api.patch("/api/v1/targets", json={"select": "all", "changes": {"remove_groups": ["own"]}})
    assert refused.status_code == 422, "nobody moves a target out of what they hold"
    gone = (await api.post("/api/v1/targets/delete", json={"targets": ["mine01", "theirs01"]})).json()
    assert results(gone) == {"mine01": "deleted", "theirs01": "refused"}
    assert gone["items"][1]["message"] == "this needs the permission targets:delete"
    entries = (await api.get("/api/v1/audit", params={"event": "permission.denied"})).json()["items"]
    assert [(row["subject_id"], row["facts"].get("targets")) for row in entries] == [
        ("targets:delete", ["theirs01"]),
        ("groups:manage", None),
        ("targets:edit", ["theirs01"]),
    ]


async def test_the_record_holds_what_undoing_takes(api: httpx.AsyncClient):
    made = await add_target(api, "web01", tags=["a"])
    await bulk(api, {"add_tags": ["b"]}, select="tag:a")
    await api.post("/api/v1/targets/delete", json={"select": "tag:a"})
    [updated] = (await api.get("/api/v1/audit", params={"event": "targets.updated"})).json()["items"]
    assert updated["facts"] == {
        "select": "tag:a", "changes": {"add_tags": ["b"]}, "count": 1,
        "before": {made["id"]: {"name": "web01", "tags": ["a"]}},
    }  # fmt: skip
    [deleted] = (await api.get("/api/v1/audit", params={"event": "targets.deleted"})).json()["items"]
    assert deleted["facts"]["before"][made["id"]]["address"] == "web01.test"
