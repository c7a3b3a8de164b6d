"""A new key for everything that is sealed, while the portal and the workers go on."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from blocks.keyring import Keyring
from blocks.kinds import KINDS
from blocks.rotation import Rotation, StoredDocument, reseal
from opsconductor.errors import ConflictError, NotFoundError

from .audit.log import audited
from .gateway import Gateway
from .kit.database import Sessions
from .kit.sealing_lock import wait_for_sealers
from .second_factor.resealing import reseal_second_factors

_ROTATING_LOCK = 7_310_014_203
"""Advisory lock: one rotation at a time."""

Notice = Callable[[Rotation, int], None]
"""Hears how far it is, and of how many documents."""


class RotationUnderWayError(ConflictError):
    """Another process changes the keys now."""

    def __init__(self) -> None:
        super().__init__("the keyring is being rotated by another process; wait for its end")


@dataclass(frozen=True, slots=True)
class Rotated:
    """What a rotation came to.

    Attributes:
        key: Id of the key that seals now.
        retired: Ids of the keys that are gone.
        resealed: How many documents and second factors were sealed again.
        stuck: What does not open, with the reason; while there are any, the old keys stay.
    """

    key: str
    retired: tuple[str, ...]
    resealed: int
    stuck: Mapping[str, str]


class GatewayStore:
    """The block documents of credentials in Prefect."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def documents(self) -> AsyncIterator[StoredDocument]:
        """Every document of a credential."""
        for kind in KINDS.values():
            for key in await self._gateway.list_blocks(kind.slug):
                try:
                    found = await self._gateway.read_block(key)
                except NotFoundError:
                    continue
                yield StoredDocument(str(key), kind.slug, found.data)

    async def replace(self, old: StoredDocument, data: Mapping[str, Any]) -> bool:
        """Put new data, if the document is still as it was read."""
        try:
            found = await self._gateway.read_block(UUID(old.id))
            if found.data != old.data:
                return False
            await self._gateway.replace_block(UUID(old.id), data)
        except NotFoundError:
            return False
        return True

    async def count(self) -> int:
        """How many documents there are."""
        return sum([len(await self._gateway.list_blocks(kind.slug)) for kind in KINDS.values()])


async def rotate_keyring(sessions: Sessions, gateway: Gateway, keyring_file: Path, notice: Notice) -> Rotated:
    """Seal everything again under a new key, then forget the old ones. It can be killed anywhere and run again.

    A keyring with several keys is that of a rotation that did not end: it goes on with the newest one.

    Raises:
        SealedError: The keyring cannot be read or written.
        RotationUnderWayError: Another process does the same now.
        UnavailableError: Prefect does not answer.
    """
    async with _alone(sessions) as holder:
        keyring = Keyring.load(keyring_file)
        if len(keyring.key_ids) == 1:
            keyring.rotate()
        store = GatewayStore(gateway)
        total = await store.count()
        done = await reseal(store, keyring, lambda so_far: notice(so_far, total))
        if done.sealed:
            return Rotated(keyring.active, (), done.resealed, done.sealed)
        await wait_for_sealers(holder)
        return await _retire(sessions, store, keyring, done.resealed)


async def _retire(sessions: Sessions, store: GatewayStore, keyring: Keyring, resealed: int) -> Rotated:
    """Forget the old keys once nothing is under them."""
    last = await reseal(store, keyring)
    while last.resealed or last.changed:
        resealed += last.resealed
        last = await reseal(store, keyring)
    if last.sealed:
        return Rotated(keyring.active, (), resealed, last.sealed)
    async with sessions() as session, session.begin():
        factors, stuck = await reseal_second_factors(session, keyring)
    if stuck:
        return Rotated(keyring.active, (), resealed + factors, stuck)
    resealed += factors
    old = tuple(key for key in keyring.key_ids if key != keyring.active)
    async with audited(sessions) as (_, audit):
        audit.record(None, "keyring.rotated", "keyring", keyring.active, retired=list(old), resealed=resealed)
    for key in old:
        keyring.retire(key)
    return Rotated(keyring.active, old, resealed, {})


@asynccontextmanager
async def _alone(sessions: Sessions) -> AsyncGenerator[AsyncConnection]:
    """Nobody else rotates meanwhile; PostgreSQL lets go when this process dies."""
    async with sessions() as session:
        connection = await session.connection()
        if not await connection.scalar(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": _ROTATING_LOCK}):
            raise RotationUnderWayError
        yield connection
