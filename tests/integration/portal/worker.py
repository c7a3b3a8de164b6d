"""The worker's work without its processes: the real broker, the real engine and real SSH, in the test's own loop."""

from pathlib import Path
from typing import Any
from uuid import UUID

from psycopg_pool import AsyncConnectionPool

from flows.engine.session import OpenedCredentials, open_session
from flows.ledger.record import RunRecord
from flows.ledger.session import RunLedger
from flows.worker.broker import Broker, SealedDocument
from flows.worker.opening import Opener
from steplib.loader import load
from steplib.transports.ssh import SSHConnector
from tests.doubles.gateway import RememberingGateway

_WAITING = "SELECT id, epoch FROM job_runs WHERE status = 'queued' ORDER BY id"


class Blocks:
    """The blocks that a portal kept, as the broker reads them."""

    def __init__(self, gateway: RememberingGateway) -> None:
        self._gateway = gateway

    async def read(self, document_id: UUID) -> SealedDocument:
        block = await self._gateway.read_block(document_id)
        return SealedDocument(document_id, block.block_type, block.data)


class _Brokered:
    def __init__(self, broker: Broker) -> None:
        self._broker = broker

    async def open(self, run: RunRecord) -> OpenedCredentials:
        return await self._broker.open_for(run.id, run.epoch)


async def do_waiting_runs(dsn: str, gateway: RememberingGateway, keyring: Path) -> int:
    """Do every run that waits, one after the other; gives how many there were."""
    kwargs: dict[str, Any] = {"autocommit": True}
    async with AsyncConnectionPool(dsn, min_size=1, max_size=2, open=False, kwargs=kwargs) as pool:
        source = _Brokered(Broker(pool, Blocks(gateway), Opener(keyring)))
        async with pool.connection() as connection:
            waiting = await (await connection.execute(_WAITING)).fetchall()
        for run_id, epoch in waiting:
            await _do(dsn, run_id, epoch, source)
    return len(waiting)


async def _do(dsn: str, run_id: UUID, epoch: int, source: _Brokered) -> None:
    async def claim() -> RunLedger:
        return await RunLedger.claim(dsn, run_id, epoch, owner="test")

    session = await open_session(claim, source, SSHConnector(), load())
    try:
        await session.conclude()
    finally:
        await session.close()
