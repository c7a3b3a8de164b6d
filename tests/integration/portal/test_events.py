import asyncio
import json
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from flows.ledger.session import RunLedger
from opsconductor.sdk.outcome import RunOutcome

from .world import add, add_job, add_target, take_role


async def start(api: httpx.AsyncClient) -> dict[str, Any]:
    await add_target(api, "web01")
    await add_job(api)
    return await add(api, "/runs", {"job": "look"})


async def test_a_watcher_that_comes_back_misses_nothing(api: httpx.AsyncClient, served: str, portal_database: str):
    run = await start(api)
    url = f"ws://{served}/api/v1/runs/{run['id']}/events"
    headers = {"Authorization": api.headers["Authorization"]}
    ledger = await RunLedger.claim(portal_database, UUID(run["id"]), 1, owner="test")
    async with connect(url, additional_headers=headers, proxy=None) as socket:
        first = json.loads(await socket.recv())
        assert (first["seq"], first["kind"]) == (1, "run.claimed")
        await ledger.event("batch.started", {"number": 1})
        assert json.loads(await socket.recv())["data"] == {"number": 1}
    await ledger.event("batch.started", {"number": 2})
    async with connect(f"{url}?cursor=2", additional_headers=headers, proxy=None) as socket:
        assert json.loads(await socket.recv())["data"] == {"number": 2}
        await ledger.end(RunOutcome.SUCCEEDED, "fine")
        assert [json.loads(message)["kind"] async for message in socket] == ["run.ended"], "then it closes by itself"
    await ledger.close()


async def test_a_browser_offers_its_token_as_a_subprotocol(api: httpx.AsyncClient, served: str):
    run = await start(api)
    await api.post(f"/api/v1/runs/{run['id']}/cancel")
    token = api.headers["Authorization"].removeprefix("Bearer ")
    offered = ["opsconductor.v1", f"bearer.{token}"]
    async with connect(f"ws://{served}/api/v1/runs/{run['id']}/events", subprotocols=offered, proxy=None) as socket:
        assert socket.subprotocol == "opsconductor.v1"
        kinds = [json.loads(message)["kind"] async for message in socket]
    assert kinds == ["run.cancel_requested", "run.ended"]


async def test_strangers_are_refused_before_anything_is_accepted(
    api: httpx.AsyncClient, served: str, portal_database: str
):
    run = await start(api)
    url = f"ws://{served}/api/v1/runs/{run['id']}/events"

    async def status(url: str, headers: dict[str, str]) -> int:
        with pytest.raises(InvalidStatus) as refused:
            await connect(url, additional_headers=headers, proxy=None)
        return refused.value.response.status_code

    good = {"Authorization": api.headers["Authorization"]}
    assert await status(url, {}) == 401
    assert await status(url, {"Authorization": "Bearer nonsense"}) == 401
    assert await status(f"ws://{served}/api/v1/runs/{uuid4()}/events", good) == 404
    assert await status(f"ws://{served}/prefect/api/events/in", good) == 403
    with psycopg.connect(portal_database) as connection:
        take_role(connection, "nobody", [])
    assert await status(url, good) == 403


async def test_events_can_be_waited_for_over_plain_http(api: httpx.AsyncClient, portal_database: str):
    run = await start(api)
    path = f"/api/v1/runs/{run['id']}/events"
    assert (await api.get(path)).json() == {"items": [], "last_seq": 0, "ended": False}
    waiting = asyncio.create_task(api.get(path, params={"wait_seconds": 25}))
    ledger = await RunLedger.claim(portal_database, UUID(run["id"]), 1, owner="test")
    page = (await asyncio.wait_for(waiting, 20)).json()
    assert [event["kind"] for event in page["items"]] == ["run.claimed"]
    await ledger.close()


async def test_nobody_waits_for_events_that_retention_took(api: httpx.AsyncClient, served: str, portal_database: str):
    run = await start(api)
    ledger = await RunLedger.claim(portal_database, UUID(run["id"]), 1, owner="test")
    await ledger.end(RunOutcome.SUCCEEDED, "fine")
    await ledger.close()
    with psycopg.connect(portal_database) as connection:
        connection.execute("DELETE FROM job_run_events")
    path = f"/api/v1/runs/{run['id']}/events"
    page = await asyncio.wait_for(api.get(path, params={"wait_seconds": 25}), 10)
    assert page.json() == {"items": [], "last_seq": 0, "ended": True}
    headers = {"Authorization": api.headers["Authorization"]}
    async with asyncio.timeout(10), connect(f"ws://{served}{path}", additional_headers=headers, proxy=None) as socket:
        assert [message async for message in socket] == [], "it closes by itself"
