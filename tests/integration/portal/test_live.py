import asyncio
import json
from base64 import b64decode
from typing import Any

import httpx
import psycopg
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus

from flows.ledger.pair import PairKey, PairResult
from flows.ledger.session import RunLedger
from opsconductor.sdk.outcome import Outcome, RunOutcome
from portal.matrix.feed import merged
from portal.matrix.schemas import MatrixChanges

from .test_matrix import WIDTH, opened, start
from .world import take_role


class Client:
    """A browser's copy of a matrix."""

    def __init__(self, snapshot: dict[str, Any]) -> None:
        self.cells = bytearray(b64decode(snapshot["cells"]))
        self.seq: int = snapshot["seq"]
        self.state: dict[str, Any] = {}
        self.messages = 0

    def apply(self, message: dict[str, Any]) -> None:
        assert message["from"] <= self.seq, "a gap"
        cells = message.get("cells", [])
        for at in range(0, len(cells), 3):
            target, step, code = cells[at : at + 3]
            if target >= 0:
                self.cells[target * WIDTH + step] = code
        self.seq = max(self.seq, message["to"])
        self.state = message["state"]
        self.messages += 1


def live(api: httpx.AsyncClient, served: str, run: dict[str, Any], after: int) -> connect:
    url = f"ws://{served}/api/v1/runs/{run['id']}/live?after={after}"
    return connect(url, additional_headers={"Authorization": api.headers["Authorization"]}, proxy=None)


async def play(ledger: RunLedger, rounds: int = 40) -> None:
    for number in range(1, rounds + 1):
        for target in range(3):
            key = PairKey(target, 0, number)
            await ledger.sent(key)
            await ledger.done(key, PairResult(Outcome((number + target) % 9)))
    await ledger.end(RunOutcome.PARTIAL, "some")
    await ledger.close()


async def watch(socket: ClientConnection, client: Client) -> None:
    async for message in socket:
        client.apply(json.loads(message))


async def test_everybody_ends_with_what_the_database_holds(api: httpx.AsyncClient, served: str, portal_database: str):
    """Some stay from the beginning, some come later, one is cut off again and again."""
    run = await start(api)
    path = f"/api/v1/runs/{run['id']}/matrix"
    ledger = await opened(portal_database, run)
    playing = asyncio.create_task(play(ledger))
    clients: list[Client] = []

    async def stay() -> None:
        client = Client((await api.get(path)).json())
        clients.append(client)
        async with live(api, served, run, client.seq) as socket:
            await watch(socket, client)

    async def flicker() -> None:
        client = Client((await api.get(path)).json())
        clients.append(client)
        while client.state.get("status") != "ended":
            async with live(api, served, run, client.seq) as socket:
                client.apply(json.loads(await socket.recv()))

    await asyncio.gather(*(stay() for _ in range(5)), flicker(), playing)
    await stay()
    final = (await api.get(path)).json()
    assert [client.cells for client in clients] == [bytearray(b64decode(final["cells"]))] * len(clients)
    assert {client.state["outcome"] for client in clients} == {"partial"}
    assert {client.seq for client in clients} == {final["seq"]}
    assert clients[-1].messages == 1, "an ended run says how it ended, and closes"


async def test_a_burst_comes_as_few_messages(api: httpx.AsyncClient, served: str, portal_database: str):
    run = await start(api)
    ledger = await opened(portal_database, run)
    seq = (await api.get(f"/api/v1/runs/{run['id']}/matrix")).json()["seq"]
    async with live(api, served, run, seq) as socket:
        first = json.loads(await socket.recv())
        assert (first["from"], first["to"], "cells" in first) == (seq, seq, False)
        loop = asyncio.get_running_loop()
        began = loop.time()
        await play(ledger, 60)
        messages = [json.loads(message) async for message in socket]
        seconds = loop.time() - began
    assert messages[-1]["state"]["outcome"] == "partial"
    assert len(messages) <= 10 * seconds + 2


async def test_who_may_not_look_is_refused_before_anything_is_accepted(
    api: httpx.AsyncClient, served: str, portal_database: str
):
    run = await start(api)
    with psycopg.connect(portal_database) as connection:
        take_role(connection, "nobody", [])
    with pytest.raises(InvalidStatus) as refused:
        await live(api, served, run, 0)
    assert refused.value.response.status_code == 403


def test_two_messages_become_one_with_the_newest_of_each_cell():
    earlier = MatrixChanges(from_=1, to=2, cells=[0, 0, 1, 1, 0, 1], targets=[0, 2], notes={0: "a", 1: "b"})
    later = MatrixChanges(from_=2, to=5, cells=[1, 0, 4], targets=[0, 4], notes={1: "c"})
    both = merged(earlier, later)
    assert (both.from_, both.to, both.cells, both.targets) == (1, 5, [0, 0, 1, 1, 0, 4], [0, 4])
    assert both.notes == {0: "a", 1: "c"}


def test_who_is_too_far_behind_takes_a_new_snapshot():
    cells = [number for place in range(15_000) for number in (place, 0, 1)]
    others = [number for place in range(15_000, 25_000) for number in (place, 0, 1)]
    both = merged(MatrixChanges(from_=1, to=2, cells=cells), MatrixChanges(from_=2, to=3, cells=others))
    assert (both.reset, both.cells, both.to) == (True, [], 3)
    assert merged(both, MatrixChanges(from_=3, to=4, cells=[0, 0, 1])).reset
