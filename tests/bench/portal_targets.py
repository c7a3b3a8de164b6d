"""20,000 targets in 220 groups behind the real application over PostgreSQL: lists, selectors, changes."""

import asyncio
import random
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import quantiles
from typing import Any

import httpx
import psycopg

from blocks.keyring import Keyring
from portal.admin import prepare
from portal.app import create_app
from portal.settings import Settings
from tests.doubles.gateway import RememberingGateway
from tests.fixtures.inventory import inventory
from tests.fixtures.portal import serving, sign_in

from .record import record
from .rows import Row

TARGETS = 20_000
BATCH = 5_000
GROUPS = 200
CALLS = 100
PAGE_MS, SELECT_MS, CHANGE_MS = 50, 50, 100
Call = Callable[[], Awaitable[httpx.Response]]


def measure() -> list[Row]:
    """One application, one database; each figure from calls one after another."""
    with record() as server, tempfile.TemporaryDirectory(prefix="opsc-bench-") as folder:
        prepare(server.dsn)
        return asyncio.run(_measure(server.dsn, Path(folder)))


async def _measure(dsn: str, home: Path) -> list[Row]:
    async with _portal(dsn, home) as api:
        filled = await _fill(api)
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute("ANALYZE")  # as autovacuum does soon after
        rows = await _lists(api)
        rows += await _picks(api)
        rows += await _changes(api)
    return [Row.at_most("portal: seconds to import 20,000 targets", filled, 120), *rows]


@asynccontextmanager
async def _portal(dsn: str, home: Path) -> AsyncIterator[httpx.AsyncClient]:
    Keyring.create(home / "keyring.json")
    settings = Settings(home=home, database_url=dsn, portal_url="http://portal.test", max_body_bytes=64 * 2**20)
    app = create_app(settings, lambda _: RememberingGateway())
    async with serving(app) as api:
        api.headers["Authorization"] = f"Bearer {await sign_in(app)}"
        api.timeout = httpx.Timeout(300)
        yield api


def _target(number: int, chance: random.Random) -> dict[str, Any]:
    return {
        "name": f"host{number:05}",
        "address": f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}",
        "description": f"rack {number % 40}, shelf {number % 7}",
        "zone": f"z{number % 5}",
        "tags": ["all", *chance.sample(["prod", "test", "blue", "green", "old"], 2)],
        "groups": [f"g{number % GROUPS}", "everything"],
        "variables": {"site": f"s{number % 50}", "row": number % 9},
        "services": [{"type": "ssh"}],
    }


async def _fill(api: httpx.AsyncClient) -> float:
    chance = random.Random(0)
    began = time.perf_counter()
    for start in range(0, TARGETS, BATCH):
        rows = [_target(number, chance) for number in range(start, start + BATCH)]
        (await api.post("/api/v1/inventory/import", json=inventory(rows))).raise_for_status()
    spent = time.perf_counter() - began
    for number in range(20):
        body = {"name": f"d{number}", "select": f'var.site == "s{number}" and tag:prod and not group:g{number}'}
        (await api.post("/api/v1/groups", json=body)).raise_for_status()
    return spent


async def _lists(api: httpx.AsyncClient) -> list[Row]:
    cursor: str | None = None

    async def walk() -> httpx.Response:
        nonlocal cursor
        answer = await api.get("/api/v1/targets", params={"cursor": cursor} if cursor else {})
        cursor = answer.json()["next_page"]
        return answer

    def listed(path: str, **query: str) -> Call:
        return lambda: api.get(f"/api/v1{path}", params=query)

    return [
        await _row("list, page after page", walk, PAGE_MS),
        await _row("list, newest first", listed("/targets", sort="-created_at"), PAGE_MS),
        await _row("list by tag and zone", listed("/targets", tag="blue", zone="z3"), PAGE_MS),
        await _row("list by group", listed("/targets", group="g7"), PAGE_MS),
        await _row("list by service", listed("/targets", service="ssh"), PAGE_MS),
        await _row("search that finds one", listed("/targets", q="host19999"), PAGE_MS),
        await _row("search that finds nothing", listed("/targets", q="nowhere"), PAGE_MS),
        await _row("groups with counts", listed("/groups"), PAGE_MS),
        await _row("tree of groups", listed("/groups/tree"), 2 * PAGE_MS, calls=40),
    ]


async def _picks(api: httpx.AsyncClient) -> list[Row]:
    def listed(select: str) -> Call:
        return lambda: api.get("/api/v1/targets", params={"select": select})

    def preview(select: str) -> Call:
        return lambda: api.post("/api/v1/targets/preview", json={"select": select})

    return [
        await _row("list by selector", listed("group:g7 and tag:prod and not name:host000*"), SELECT_MS),
        await _row("list by variable", listed('var.site == "s7" and var.row != 3'), SELECT_MS),
        await _row("list by pattern", listed("group:g1? and not tag:o*"), SELECT_MS),
        await _row("resolve 100 by group", preview("group:g7"), SELECT_MS),
        await _row("resolve 20,000 by tag", preview("tag:all"), 1500, calls=20),
        await _row("resolve 20,000 by group", preview("group:everything"), 1500, calls=20),
    ]


async def _changes(api: httpx.AsyncClient) -> list[Row]:
    ids = [row["id"] for row in (await api.get("/api/v1/targets", params={"size": 500})).json()["items"]]
    groups = {row["name"]: row["id"] for row in (await api.get("/api/v1/groups", params={"size": 500})).json()["items"]}
    turn = iter(range(10**9))

    def retag() -> Awaitable[httpx.Response]:
        number = next(turn)
        return api.patch(f"/api/v1/targets/{ids[number % 500]}", json={"tags": ["all", f"t{number}"]})

    def nest() -> Awaitable[httpx.Response]:
        parents = [] if next(turn) % 2 else ["g1"]
        return api.patch(f"/api/v1/groups/{groups['everything']}", json={"parents": parents})

    def rename() -> Awaitable[httpx.Response]:
        return api.patch(f"/api/v1/groups/{groups['g9']}", json={"name": f"g9-{next(turn)}"})

    def bulk() -> Awaitable[httpx.Response]:
        changes = {"add_tags": [f"b{next(turn)}"]}
        return api.patch("/api/v1/targets", json={"select": "all", "at_most": TARGETS, "changes": changes})

    return [
        await _row("change the tags of one", retag, CHANGE_MS),
        await _row("rename a group of 100", rename, 2 * CHANGE_MS, calls=20),
        await _row("nest a group of 20,000", nest, 10_000, calls=4),
        await _row("change the tags of 20,000", bulk, 60_000, calls=2),
    ]


async def _row(name: str, call: Call, goal_ms: float, *, calls: int = CALLS) -> Row:
    spent: list[float] = []
    for number in range(calls + 1):
        began = time.perf_counter()
        (await call()).raise_for_status()
        if number:  # the first one warms caches
            spent.append((time.perf_counter() - began) * 1000)
    cuts = quantiles(spent, n=20, method="inclusive")
    note = f"p50 {cuts[9]:.1f}, p95 {cuts[18]:.1f}, worst {max(spent):.1f} ms in {calls} calls"
    return Row.at_most(f"portal: {name}, p95 ms", cuts[18], goal_ms, note)
