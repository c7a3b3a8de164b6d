"""`targets.groups` after any sequence of changes is what a computation from scratch says."""

import json
from fnmatch import fnmatchcase
from random import Random
from typing import Any

import httpx
import psycopg
import pytest
from psycopg.rows import dict_row

from opsconductor.sdk.selector import Facts, group_patterns, parse_selector

STEPS = 60
LABELS = ("web", "Web-2", "web-3", "dc", "edge", "db")
TAGS = ("prod", "test", "blue")
ZONES = ("", "fra", "ams")


def truth(connection: psycopg.Connection[Any]) -> dict[str, list[str]]:
    """Target → groups, by the definition alone: no order, no graph, nothing that was kept."""
    with connection.cursor(row_factory=dict_row) as cursor:
        groups = cursor.execute('SELECT id, name, "select" FROM target_groups').fetchall()
        inside = cursor.execute("SELECT group_id, parent_id FROM target_group_parents").fetchall()
        members = cursor.execute("SELECT group_id, target_id FROM target_group_memberships").fetchall()
        targets = cursor.execute("SELECT * FROM targets").fetchall()
    put = {(row["group_id"], row["target_id"]) for row in members}
    children = {group["id"]: [row["group_id"] for row in inside if row["parent_id"] == group["id"]] for group in groups}
    by_id = {group["id"]: group for group in groups}

    def holds(group: dict[str, Any], target: dict[str, Any]) -> bool:
        if (group["id"], target["id"]) in put or any(holds(by_id[key], target) for key in children[group["id"]]):
            return True
        if group["select"] is None:
            return False
        selector = parse_selector(group["select"])
        asked = [
            other["name"]
            for other in groups
            if any(fnmatchcase(other["name"], pattern) for pattern in group_patterns(selector)) and holds(other, target)
        ]
        return selector.matches(
            Facts(target["name"], asked, target["tags"], target["platform"], target["zone"], target["variables"])
        )

    return {target["name"]: sorted(group["name"] for group in groups if holds(group, target)) for target in targets}


class Changes:
    """Random changes by the API; those that make no sense must be refused, not break."""

    def __init__(self, api: httpx.AsyncClient, seed: int) -> None:
        self.api = api
        self.random = Random(seed)
        self.refused: dict[int, int] = {}

    async def call(self, method: str, path: str, body: Any = None) -> Any:
        answer = await self.api.request(method, f"/api/v1{path}", json=body)
        assert answer.status_code < 500, f"{method} {path} {json.dumps(body)}: {answer.text}"
        self.refused[answer.status_code] = self.refused.get(answer.status_code, 0) + 1
        return answer.json() if answer.content else None

    async def some(self, path: str) -> dict[str, Any]:
        items = (await self.call("GET", f"{path}?size=100"))["items"]
        return self.random.choice(items) if items else {"id": "00000000-0000-7000-8000-000000000000", "name": "none"}

    async def names(self) -> list[str]:
        return [row["name"] for row in (await self.call("GET", "/groups?size=100"))["items"]]

    async def condition(self) -> str:
        choice = self.random.choice
        group = choice([*(await self.names()), "web*", "*b", "w?b-?"])
        return choice([
            f"tag:{choice(TAGS)}", f"group:{group}", f"group:{group}", "os:windows", f"zone:{choice(ZONES) or chr(42)}",
            f"var.n == {self.random.randint(0, 2)}", "name:t1*", "all",
        ])  # fmt: skip

    async def selector(self) -> str:
        parts = [await self.condition() for _ in range(self.random.randint(1, 3))]
        parts = [f"not {part}" if self.random.random() < 0.3 else part for part in parts]
        return self.random.choice([" and ", " or "]).join(parts)

    def facts(self) -> dict[str, Any]:
        every = {
            "tags": self.random.sample(TAGS, self.random.randint(0, 3)), "zone": self.random.choice(ZONES),
            "platform": self.random.choice(["linux", "windows"]), "variables": {"n": self.random.randint(0, 2)},
        }  # fmt: skip
        return {name: value for name, value in every.items() if self.random.random() < 0.6}

    async def step(self) -> None:
        await self.random.choice([
            self.add_target, self.add_target, self.edit_target, self.edit_target, self.regroup, self.drop_target,
            self.add_group, self.add_group, self.edit_group, self.edit_group, self.change_members,
            self.change_members, self.drop_group,
        ])()  # fmt: skip

    async def add_target(self) -> None:
        name = f"t{self.random.randint(0, 30)}"
        groups = self.random.sample(LABELS, self.random.randint(0, 2))
        await self.call("POST", "/targets", {"name": name, "address": "a.test", "groups": groups, **self.facts()})

    async def edit_target(self) -> None:
        target = await self.some("/targets")
        await self.call("PATCH", f"/targets/{target['id']}", {**self.facts(), "name": f"t{self.random.randint(0, 30)}"})
        await self.call("PATCH", f"/targets/{target['id']}", self.facts())

    async def regroup(self) -> None:
        target = await self.some("/targets")
        names = await self.names()
        groups = self.random.sample(names, min(len(names), self.random.randint(0, 3)))
        await self.call("PATCH", f"/targets/{target['id']}", {"groups": groups})

    async def drop_target(self) -> None:
        await self.call("DELETE", f"/targets/{(await self.some('/targets'))['id']}")

    async def add_group(self) -> None:
        body: dict[str, Any] = {"name": self.random.choice(LABELS) + self.random.choice(["", "x", "y"])}
        if self.random.random() < 0.6:
            body["select"] = await self.selector()
        if self.random.random() < 0.5:
            body["parents"] = [(await self.some("/groups"))["name"]]
        await self.call("POST", "/groups", body)

    async def edit_group(self) -> None:
        group = await self.some("/groups")
        body = self.random.choice([
            {"name": self.random.choice(LABELS) + self.random.choice(["", "-", "z"])},
            {"parents": [(await self.some("/groups"))["name"] for _ in range(self.random.randint(0, 2))]},
            {"select": await self.selector()},
            {"select": None},
            {"description": "x"},
        ])  # fmt: skip
        await self.call("PATCH", f"/groups/{group['id']}", body)

    async def change_members(self) -> None:
        group = await self.some("/groups")
        add = [(await self.some("/targets"))["name"] for _ in range(2)]
        remove = [(await self.some("/targets"))["id"]]
        body = self.random.choice(
            [{"add": add, "remove": remove}, {"add_select": await self.selector()}, {"remove": add}]
        )
        await self.call("PATCH", f"/groups/{group['id']}/members", body)

    async def drop_group(self) -> None:
        await self.call("DELETE", f"/groups/{(await self.some('/groups'))['id']}?force=true")


@pytest.mark.parametrize("seed", range(3))
async def test_groups_of_targets_follow_every_change(api: httpx.AsyncClient, portal_database: str, seed: int):
    changes = Changes(api, seed)
    with psycopg.connect(portal_database, autocommit=True) as connection:
        for number in range(STEPS):
            await changes.step()
            kept = dict(connection.execute("SELECT name, groups FROM targets").fetchall())
            assert kept == truth(connection), f"seed {seed}, step {number}"
    assert changes.refused[200] + changes.refused[201] > STEPS, changes.refused
