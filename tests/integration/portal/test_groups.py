"""Groups of targets: nesting, selectors, members, names, and what uses them."""

import json
from typing import Any

import httpx
import psycopg

from .world import JOB, add, add_credential, add_job, add_target, take_role

KEY = "00000000-0000-7000-8000-000000000000"


async def add_group(api: httpx.AsyncClient, name: str, **facts: Any) -> dict[str, Any]:
    return await add(api, "/groups", {"name": name, **facts})


async def groups_of(api: httpx.AsyncClient) -> dict[str, list[str]]:
    return {row["name"]: row["groups"] for row in (await api.get("/api/v1/targets")).json()["items"]}


async def refusal(api: httpx.AsyncClient, method: str, path: str, body: Any = None) -> tuple[int, str, str]:
    """Status, and path and message of the first problem."""
    headers = {"Content-Type": "application/json"}
    answer = await api.request(method, f"/api/v1{path}", content=json.dumps(body), headers=headers)
    problem = answer.json()
    first = problem["problems"][0] if problem["problems"] else {"path": "", "message": problem["detail"]}
    return answer.status_code, first["path"], first["message"]


async def test_a_target_in_a_nested_group_is_in_all_above(api: httpx.AsyncClient):
    await add_group(api, "all-dc")
    await add_group(api, "dc", parents=["all-dc"], description="Frankfurt")
    web = await add_group(api, "web", parents=["DC"])
    await add_target(api, "web01")
    assert await groups_of(api) == {"web01": ["all-dc", "dc", "web"]}
    read = (await api.get(f"/api/v1/groups/{web['id']}")).json()
    assert (read["parents"], read["children"], read["target_count"]) == (["dc"], [], 1)
    await api.patch(f"/api/v1/groups/{web['id']}", json={"parents": []})
    assert await groups_of(api) == {"web01": ["web"]}


async def test_the_tree_names_a_group_under_each_that_it_is_in(api: httpx.AsyncClient):
    for name, parents in (("a", []), ("b", []), ("c", ["a", "b"]), ("d", ["c"])):
        await add_group(api, name, parents=parents)
    await add_target(api, "web01", groups=["d"])
    tree = (await api.get("/api/v1/groups/tree")).json()
    assert tree["roots"] == ["a", "b"]
    assert {node["name"]: (node["children"], node["target_count"]) for node in tree["groups"]} == {
        "a": (["c"], 1), "b": (["c"], 1), "c": (["d"], 1), "d": ([], 1),
    }  # fmt: skip


async def test_a_selector_picks_members_from_now_on(api: httpx.AsyncClient):
    await add_target(api, "web01", tags=["prod"], variables={"site": "fra"})
    await add_group(api, "prod-web", select="group:web and tag:prod")
    await add_group(api, "fra", select='var.site == "fra" and not group:prod-web')
    assert await groups_of(api) == {"web01": ["prod-web", "web"]}
    made = await add_target(api, "web02", variables={"site": "fra"})
    assert made["groups"] == ["fra", "web"]
    changed = (await api.patch(f"/api/v1/targets/{made['id']}", json={"tags": ["prod"]})).json()
    assert changed["groups"] == ["prod-web", "web"]
    found = (await api.get("/api/v1/groups", params={"dynamic": True})).json()["items"]
    assert [(row["name"], row["target_count"]) for row in found] == [("fra", 0), ("prod-web", 2)]


async def test_no_group_contains_itself(api: httpx.AsyncClient):
    a = await add_group(api, "a")
    await add_group(api, "b", parents=["a"])
    c = await add_group(api, "c", select="group:b*")
    for path, body in (
        (f"/groups/{a['id']}", {"parents": ["a"]}),
        (f"/groups/{a['id']}", {"parents": ["b"]}),
        (f"/groups/{c['id']}", {"select": "tag:x or group:c"}),
        (f"/groups/{c['id']}", {"parents": ["b"]}),
        (f"/groups/{c['id']}", {"name": "b-c"}),
    ):
        status, _, message = await refusal(api, "PATCH", path, body)
        assert (status, message.split(":")[0]) == (422, "a group would contain itself"), body
    assert (await api.get(f"/api/v1/groups/{a['id']}")).json() == a | {"children": ["b"]}


async def test_another_name_is_followed(api: httpx.AsyncClient):
    await add_target(api, "web01")
    web = await web_of(api)
    await add_group(api, "rest", select="not group:web")
    renamed = await api.patch(f"/api/v1/groups/{web['id']}", json={"name": "front"})
    assert renamed.json()["name"] == "front"
    assert await groups_of(api) == {"web01": ["front"]}
    [rest] = (await api.get("/api/v1/groups", params={"q": "rest"})).json()["items"]
    assert rest["select"] == "not group:front"
    assert (await refusal(api, "POST", "/groups", {"name": "FRONT"}))[0] == 409


async def test_a_job_that_names_a_group_keeps_it_from_another_name_and_from_removal(api: httpx.AsyncClient):
    await add_target(api, "web01")
    await add_job(api)
    [web] = (await api.get("/api/v1/groups")).json()["items"]
    path = f"/groups/{web['id']}"
    assert (await api.get(f"/api/v1{path}/use")).json() == {
        "grants": [], "groups": [], "jobs": ["look"], "credentials": [], "limits": [], "health_check": None,
    }  # fmt: skip
    status, _, message = await refusal(api, "PATCH", path, {"name": "front"})
    assert (status, "job look" in message) == (409, True)
    assert (await refusal(api, "DELETE", path))[0] == 409
    assert (await api.patch(f"/api/v1{path}", json={"name": "front", "force": True})).status_code == 200
    assert (await api.delete(f"/api/v1{path}")).status_code == 204, "the job names what is no more"
    assert await groups_of(api) == {"web01": []}


async def test_a_health_check_alone_keeps_its_group_and_goes_with_it(api: httpx.AsyncClient, portal_database: str):
    web = await add_group(api, "web")
    path = f"/groups/{web['id']}"
    check = {"mode": "tcp", "interval_seconds": 300}
    assert (await api.put(f"/api/v1{path}/health/check", json=check)).is_success
    status, _, message = await refusal(api, "DELETE", path)
    assert (status, "its health check (tcp every 300 s)" in message) == (409, True)
    assert (await api.delete(f"/api/v1{path}", params={"force": True})).status_code == 204
    with psycopg.connect(portal_database) as connection:
        assert connection.execute("SELECT count(*) FROM target_health_checks").fetchone() == (0,)


async def test_a_group_in_use_is_removed_by_force_only(api: httpx.AsyncClient, portal_database: str):
    await add_target(api, "web01")
    [web] = (await api.get("/api/v1/groups")).json()["items"]
    rest = await add_group(api, "rest", select="not group:web")
    grant(portal_database, "operator", web["id"])
    path = f"/groups/{web['id']}"
    root = await add_credential(api)
    assert (await api.put(f"/api/v1/credentials/{root['id']}/bindings/group/{web['id']}")).is_success
    check = {"mode": "login", "interval_seconds": 900}
    assert (await api.put(f"/api/v1{path}/health/check", json=check)).is_success
    assert (await api.get(f"/api/v1{path}/use")).json() == {
        "grants": ["admin"], "groups": ["rest"], "jobs": [], "credentials": ["root"], "limits": [],
        "health_check": "login every 900 s",
    }  # fmt: skip
    status, _, message = await refusal(api, "DELETE", path)
    assert (status, message) == (
        409,
        "group web is used by a grant to admin, the selector of group rest, credential root, "
        "its health check (login every 900 s); change them first, or force it",
    )
    assert (await api.delete(f"/api/v1{path}", params={"force": True})).status_code == 204
    assert await groups_of(api) == {"web01": ["rest"]}
    assert (await api.delete(f"/api/v1/groups/{rest['id']}")).status_code == 204
    with psycopg.connect(portal_database) as connection:
        assert connection.execute("SELECT count(*) FROM role_grants").fetchone() == (0,)
    [entry] = (await api.get("/api/v1/audit", params={"event": "group.deleted", "subject_id": web["id"]})).json()[
        "items"
    ]
    assert len(entry["facts"]["before"]["members"]) == 1
    assert entry["facts"]["grants_revoked"] == ["admin"]


async def test_what_credentials_may_be_used_on_follows_the_name_of_a_group(api: httpx.AsyncClient):
    await add_target(api, "dmz01", groups=["dmz"])
    await add_target(api, "web01")
    root = await add_credential(api)
    path = f"/api/v1/credentials/{root['id']}"
    await api.patch(path, json={"allowed_targets": "not group:dmz and not tag:group"})
    [dmz] = [row for row in (await api.get("/api/v1/groups")).json()["items"] if row["name"] == "dmz"]
    assert (await api.get(f"/api/v1/groups/{dmz['id']}/use")).json()["limits"] == ["root"]
    assert (await api.patch(f"/api/v1/groups/{dmz['id']}", json={"name": "outside"})).status_code == 200
    assert (await api.get(path)).json()["allowed_targets"] == "not group:outside and not tag:group"
    [entry, _] = (await api.get("/api/v1/audit", params={"event": "credential.updated"})).json()["items"]
    assert entry["facts"]["after"] == {"allowed_targets": "not group:outside and not tag:group"}
    status, _, message = await refusal(api, "DELETE", f"/groups/{dmz['id']}")
    assert (status, "the allowed targets of credential root" in message) == (409, True)
    [web] = [row for row in (await api.get("/api/v1/groups")).json()["items"] if row["name"] == "web"]
    assert (await api.delete(f"/api/v1/groups/{web['id']}")).status_code == 204, "nothing names it"


async def test_members_are_put_in_and_taken_out_together(api: httpx.AsyncClient):
    dc = await add_group(api, "dc")
    one, two = await add_target(api, "web01", tags=["a"]), await add_target(api, "web02", tags=["a"])
    await add_target(api, "db01", groups=["db"])
    path = f"/groups/{dc['id']}/members"
    done = (await api.patch(f"/api/v1{path}", json={"add": ["WEB01", two["id"]]})).json()
    assert done == {"added": ["web01", "web02"], "removed": [], "unchanged": []}
    done = (await api.patch(f"/api/v1{path}", json={"add_select": "group:db", "remove": [one["id"], "db01"]})).json()
    assert done == {"added": [], "removed": ["web01"], "unchanged": ["db01"]}
    assert await groups_of(api) == {"db01": ["db"], "web01": ["web"], "web02": ["dc", "web"]}
    page = (await api.get(f"/api/v1/groups/{dc['id']}/targets")).json()
    assert [row["name"] for row in page["items"]] == ["web02"]
    assert await refusal(api, "PATCH", path, {"add": ["web01", "nobody"]}) == (
        422,
        "add[1]",
        "there is no target nobody",
    )
    assert (await refusal(api, "PATCH", path, {"add_select": "web and"}))[:2] == (422, "add_select")
    assert (await groups_of(api))["web01"] == ["web"], "all or nothing"


async def test_nobody_is_put_where_a_selector_picks(api: httpx.AsyncClient):
    picked = await add_group(api, "picked", select="tag:prod")
    made = await add_target(api, "web01", tags=["prod"])
    body = {"add": ["web01"]}
    assert (await refusal(api, "PATCH", f"/groups/{picked['id']}/members", body))[0] == 422
    assert (await refusal(api, "POST", "/groups", {"name": "inner", "parents": ["picked"]}))[:2] == (422, "parents[0]")
    assert (await refusal(api, "PATCH", f"/groups/{(await web_of(api))['id']}", {"select": "tag:a"}))[0] == 409
    same = await api.patch(f"/api/v1/targets/{made['id']}", json={"groups": made["groups"], "tags": ["prod", "x"]})
    assert same.json()["groups"] == ["picked", "web"], "what was read can be written back"
    status, path, _ = await refusal(api, "PATCH", f"/targets/{made['id']}", {"groups": ["picked"], "tags": []})
    assert (status, path) == (422, "groups")
    static = (await api.patch(f"/api/v1/groups/{picked['id']}", json={"select": None})).json()
    assert (static["select"], static["target_count"]) == (None, 1), "its members of that moment stay"


async def web_of(api: httpx.AsyncClient) -> dict[str, Any]:
    return next(row for row in (await api.get("/api/v1/groups")).json()["items"] if row["name"] == "web")


async def test_groups_that_make_no_sense_are_refused(api: httpx.AsyncClient):
    await add_group(api, "web")
    refused: list[tuple[str, dict[str, Any]]] = [
        ("name", {"name": "a b"}),
        ("name", {"name": "a*"}),
        ("name", {"name": ""}),
        ("name", {"name": "a\x00"}),
        ("name", {"name": "a\ud800"}),
        ("name", {"name": "a" * 101}),
        ("select", {"select": "web"}),
        ("select", {"select": "group:Web"}),
        ("select", {"select": "group:nobody"}),
        ("select", {"select": ""}),
        ("select", {"select": "tag:" + "a" * 5000}),
        ("description", {"description": "a\u202eb"}),
        ("parents[0]", {"parents": ["nobody"]}),
        ("parents", {"parents": "web"}),
        ("members", {"members": []}),
    ]
    for field, facts in refused:
        status, path, _ = await refusal(api, "POST", "/groups", {"name": "g", **facts})
        assert (status, path) == (422, field), facts
    assert [row["name"] for row in (await api.get("/api/v1/groups")).json()["items"]] == ["web"]
    for method, path in (
        ("GET", ""),
        ("PATCH", ""),
        ("DELETE", ""),
        ("GET", "/use"),
        ("GET", "/targets"),
        ("PATCH", "/members"),
    ):
        body = {} if method == "PATCH" else None
        assert (await refusal(api, method, f"/groups/{KEY}{path}", body))[0] == 404, path
    assert (await api.get("/api/v1/groups", params={"sort": "select"})).status_code == 422


async def test_every_change_is_on_record(api: httpx.AsyncClient):
    web = await add_group(api, "web")
    await add_target(api, "web01", groups=["web", "new"])
    await api.patch(f"/api/v1/groups/{web['id']}", json={"name": "front"})
    await api.patch(f"/api/v1/groups/{web['id']}/members", json={"remove": ["web01"]})
    await api.delete(f"/api/v1/groups/{web['id']}")
    events = [
        (row["event"], row["facts"]) for row in (await api.get("/api/v1/audit", params={"size": 100})).json()["items"]
    ]
    found = [(event, facts) for event, facts in events if event.startswith("group.")]
    assert [event for event, _ in found] == [
        "group.deleted", "group.members_changed", "group.updated", "group.created", "group.created",
    ]  # fmt: skip
    assert found[1][1] == {"group": "front", "added": [], "removed": ["web01"]}
    assert (found[2][1]["before"]["name"], found[2][1]["after"]["name"], found[2][1]["targets_moved"]) == (
        "web",
        "front",
        1,
    )
    assert found[3][1] == {"name": "new"}


def grant(database: str, role: str, group_id: str) -> None:
    """Give the admin a role in one group."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO role_grants (id, user_id, role_id, kind, place, created_at, created_by) "
            "SELECT gen_random_uuid(), u.id, r.id, 'target_group', %s, now(), '' FROM users u, roles r "
            "WHERE r.name = %s",
            (group_id, role),
        )


async def test_who_manages_one_group_widens_nothing_else(api: httpx.AsyncClient, portal_database: str):
    """An operator of the group `own` who may look at everything."""
    own, other = await add_group(api, "own"), await add_group(api, "other")
    inner = await add_group(api, "inner", parents=["own"])
    mine = await add_target(api, "mine01", groups=["own"])
    theirs = await add_target(api, "theirs01", groups=["other"])
    grant(portal_database, "operator", own["id"])
    with psycopg.connect(portal_database, autocommit=True) as connection:
        take_role(connection, "viewer")

    assert (await api.patch(f"/api/v1/groups/{inner['id']}/members", json={"add": ["mine01"]})).status_code == 200
    assert (await api.post("/api/v1/groups", json={"name": "deeper", "parents": ["inner"]})).status_code == 201
    assert (
        await api.post("/api/v1/targets", json={"name": "n", "address": "n", "groups": ["inner"]})
    ).status_code == 201
    forbidden: list[tuple[str, str, dict[str, Any]]] = [
        ("PATCH", f"/groups/{own['id']}/members", {"add": ["theirs01"]}),
        ("PATCH", f"/groups/{other['id']}/members", {"add": ["mine01"]}),
        ("PATCH", f"/groups/{own['id']}", {"select": "all"}),
        ("PATCH", f"/groups/{inner['id']}", {"parents": []}),
        ("PATCH", f"/groups/{inner['id']}", {"parents": ["own", "other"]}),
        ("PATCH", f"/groups/{other['id']}", {"parents": ["own"]}),
        ("DELETE", f"/groups/{other['id']}", {}),
        ("POST", "/groups", {"name": "free"}),
        ("POST", "/groups", {"name": "picked", "parents": ["own"], "select": "all"}),
        ("POST", "/targets", {"name": "m", "address": "m"}),
        ("POST", "/targets", {"name": "m", "address": "m", "groups": ["own", "other"]}),
        ("PATCH", f"/targets/{mine['id']}", {"groups": ["own", "other"]}),
        ("PATCH", f"/targets/{mine['id']}", {"groups": []}),
        ("PATCH", f"/targets/{theirs['id']}", {"groups": ["own"]}),
    ]
    for method, path, body in forbidden:
        assert (await api.request(method, f"/api/v1{path}", json=body)).status_code == 403, (method, path, body)
    new = {"name": "m", "address": "m", "groups": ["own", "new"]}
    assert (await refusal(api, "POST", "/targets", new))[:2] == (422, "groups")


async def test_groups_out_of_sight_are_not_found(api: httpx.AsyncClient, portal_database: str):
    own, other = await add_group(api, "own"), await add_group(api, "other")
    await add_group(api, "inner", parents=["own"])
    await add_target(api, "theirs01", groups=["other"])
    grant(portal_database, "operator", own["id"])
    with psycopg.connect(portal_database, autocommit=True) as connection:
        take_role(connection, "nothing", [])
    assert [row["name"] for row in (await api.get("/api/v1/groups")).json()["items"]] == ["inner", "own"]
    assert (await api.get("/api/v1/groups/tree")).json()["roots"] == ["own"]
    assert (await api.get(f"/api/v1/groups/{other['id']}")).status_code == 404
    refused = await refusal(api, "PATCH", f"/groups/{own['id']}/members", {"add": ["theirs01"]})
    assert refused == (422, "add[0]", "there is no target theirs01")
    new = {"name": "m", "address": "m", "groups": ["own", "other"]}
    assert (await refusal(api, "POST", "/targets", new))[:2] == (422, "groups"), "like one that is not there"


async def test_a_job_keeps_its_group_by_its_current_version_only(api: httpx.AsyncClient):
    await add_target(api, "web01")
    made = await add_job(api)
    [web] = (await api.get("/api/v1/groups")).json()["items"]
    changed = await api.patch(f"/api/v1/jobs/{made['id']}", json={"yaml": JOB.replace("group:web", "name:web*")})
    assert changed.status_code == 200, changed.text
    assert (await api.delete(f"/api/v1/groups/{web['id']}")).status_code == 204
