"""A new key for everything that is sealed, while the portal and the workers go on."""

import asyncio
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI

from blocks.keyring import Keyring
from blocks.rotation import Rotation
from flows.worker.broker import Asked, SealedDocument
from flows.worker.opening import Opener
from opsconductor.errors import SealedError
from opsconductor.sdk.credential import Secret
from portal.gateway import BlockOrder
from portal.keyring_rotation import Rotated, RotationUnderWayError, rotate_keyring
from tests.doubles.gateway import RememberingGateway

from .world import add

COUNT = 5


class KilledError(BaseException):
    """The process is gone."""


def ignore(_: Rotation, __: int) -> None: ...


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keyring.json"


@pytest.fixture
async def made(api: httpx.AsyncClient) -> list[dict[str, Any]]:
    return [
        await add(api, "/credentials", {"name": f"c{n}", "secret": {"kind": "secret_text", "text": f"word-{n}"}})
        for n in range(COUNT)
    ]


async def revealed(api: httpx.AsyncClient, made: list[dict[str, Any]]) -> list[str]:
    body = {"reason": "after the rotation"}
    answers = [await api.post(f"/api/v1/credentials/{row['id']}/reveal", json=body) for row in made]
    return [answer.json()["fields"]["text"] for answer in answers]


def keys_in(gateway: RememberingGateway) -> set[str]:
    return {order.data["sealed"].split(".")[1] for order in gateway.blocks.values()}


async def test_portal_and_worker_go_on_and_the_old_key_is_gone(
    api: httpx.AsyncClient, portal_app: FastAPI, gateway: RememberingGateway, path: Path, made: list[dict[str, Any]]
):
    def opened_by(opener: Opener) -> Secret:
        key, order = next(iter(gateway.blocks.items()))
        asked = Asked("c0", made[0]["id"], key, 1)
        opened = opener(SealedDocument(key, order.block_type, order.data), asked)
        assert isinstance(opened, Secret)
        return opened

    old, worker = Keyring.load(path).active, Opener(path)
    assert opened_by(worker) == Secret("word-0")
    told: list[tuple[int, int]] = []
    done = await rotate_keyring(portal_app.state.sessions, gateway, path, lambda r, total: told.append((r.seen, total)))
    assert told == [(place, COUNT) for place in range(1, COUNT + 1)]
    assert (done.retired, done.resealed, done.stuck) == ((old,), COUNT, {})
    assert keys_in(gateway) == {done.key} == set(Keyring.load(path).key_ids)
    assert await revealed(api, made) == [f"word-{n}" for n in range(COUNT)]
    assert opened_by(worker) == Secret("word-0")
    [row] = (await api.get("/api/v1/audit?event=keyring.rotated")).json()["items"]
    assert (row["subject_id"], row["facts"]["retired"]) == (done.key, [old])


@pytest.mark.parametrize("place", range(1, COUNT + 1))
async def test_killed_at_any_document_it_goes_on(
    api: httpx.AsyncClient,
    portal_app: FastAPI,
    gateway: RememberingGateway,
    path: Path,
    made: list[dict[str, Any]],
    place: int,
):
    def die(rotation: Rotation, _: int) -> None:
        if rotation.seen == place:
            raise KilledError

    with pytest.raises(KilledError):
        await rotate_keyring(portal_app.state.sessions, gateway, path, die)
    half_way = Keyring.load(path)
    assert len(half_way.key_ids) == 2
    assert await revealed(api, made) == [f"word-{n}" for n in range(COUNT)]
    done = await rotate_keyring(portal_app.state.sessions, gateway, path, ignore)
    assert (done.key, done.resealed) == (half_way.active, COUNT - place)
    assert keys_in(gateway) == {done.key}
    assert await revealed(api, made) == [f"word-{n}" for n in range(COUNT)]


class SlowGateway(RememberingGateway):
    """Keeps a block only when it is told to."""

    def __init__(self, blocks: dict[UUID, BlockOrder]) -> None:
        super().__init__(blocks=blocks)
        self.asked, self.go_on = asyncio.Event(), asyncio.Event()

    async def save_block(self, order: BlockOrder) -> UUID:
        self.asked.set()
        await self.go_on.wait()
        return await super().save_block(order)


async def test_what_is_being_sealed_meanwhile_is_not_lost(
    api: httpx.AsyncClient, portal_app: FastAPI, gateway: RememberingGateway, path: Path, made: list[dict[str, Any]]
):
    slow = portal_app.state.gateway = SlowGateway(gateway.blocks)
    body = {"name": "late", "secret": {"kind": "secret_text", "text": "late-word"}}
    creating = asyncio.create_task(api.post("/api/v1/credentials", json=body))
    await slow.asked.wait()
    seen = asyncio.Event()
    rotating = asyncio.create_task(
        rotate_keyring(portal_app.state.sessions, gateway, path, lambda r, total: r.seen == total and seen.set())
    )
    await seen.wait()
    assert len(Keyring.load(path).key_ids) == 2, "the old key stays while somebody seals with it"
    slow.go_on.set()
    late = (await creating).json()
    done: Rotated = await rotating
    assert done.resealed == COUNT + 1
    assert keys_in(gateway) == {done.key}
    assert await revealed(api, [late]) == ["late-word"]


async def test_a_document_that_does_not_open_keeps_the_old_key(
    portal_app: FastAPI, gateway: RememberingGateway, path: Path, made: list[dict[str, Any]]
):
    key = uuid4()
    gateway.blocks[key] = BlockOrder("opsconductor-secret-text", "odd", {"credential_id": "x", "version": 1})
    done = await rotate_keyring(portal_app.state.sessions, gateway, path, ignore)
    assert (done.retired, set(done.stuck)) == ((), {str(key)})
    assert len(Keyring.load(path).key_ids) == 2
    del gateway.blocks[key]
    done = await rotate_keyring(portal_app.state.sessions, gateway, path, ignore)
    assert (len(done.retired), done.stuck) == (1, {})


async def test_one_at_a_time(portal_app: FastAPI, gateway: RememberingGateway, path: Path, made: list[dict[str, Any]]):
    started, go_on = asyncio.Event(), asyncio.Event()

    class Waiting(RememberingGateway):
        async def list_blocks(self, block_type: str) -> list[UUID]:
            started.set()
            await go_on.wait()
            return await super().list_blocks(block_type)

    waiting = Waiting(blocks=gateway.blocks)
    first = asyncio.create_task(rotate_keyring(portal_app.state.sessions, waiting, path, ignore))
    await started.wait()
    with pytest.raises(RotationUnderWayError):
        await rotate_keyring(portal_app.state.sessions, gateway, path, ignore)
    go_on.set()
    assert (await first).resealed == COUNT


@pytest.mark.usefixtures("api")
async def test_without_a_keyring_nothing_is_rotated(portal_app: FastAPI, gateway: RememberingGateway, path: Path):
    path.unlink()
    with pytest.raises(SealedError, match="is missing"):
        await rotate_keyring(portal_app.state.sessions, gateway, path, ignore)
    assert not path.exists()
