"""The worker's life in Prefect: online in its pool, and the last word on flow runs nobody runs any more."""

import asyncio
import logging
import socket
from collections.abc import Awaitable, Callable

import httpx

from .worker import Adopt, OpsConductorWorker

_HEARTBEAT_SECONDS = 15
_POLL_SECONDS = 10.0
_log = logging.getLogger(__name__)


async def stay_online(work_pool: str, adopt: Adopt, tidy: Callable[[], Awaitable[None]]) -> None:
    """Be the pool's worker until cancelled; while Prefect is away, ask again.

    Args:
        work_pool: Name of the pool; made when it is missing.
        adopt: Takes a run of our record that the pool had scheduled.
        tidy: Called with every heartbeat.
    """
    pause = 1.0
    while True:
        try:
            worker = OpsConductorWorker(
                work_pool_name=work_pool,
                name=f"opsconductor@{socket.gethostname()}",
                prefetch_seconds=0,
                heartbeat_interval_seconds=_HEARTBEAT_SECONDS,
            )
            worker.adopt = adopt
            async with worker:
                pause = 1.0
                await asyncio.gather(_beat(worker, tidy), _poll(worker))
        except httpx.HTTPError as error:
            _log.warning("Prefect does not answer, runs go on without it: %r", error)
        await asyncio.sleep(pause)
        pause = min(15.0, pause * 2)


async def _beat(worker: OpsConductorWorker, tidy: Callable[[], Awaitable[None]]) -> None:
    while True:
        await worker.sync_with_backend()
        await tidy()
        await asyncio.sleep(_HEARTBEAT_SECONDS)


async def _poll(worker: OpsConductorWorker) -> None:
    while True:
        await worker.get_and_submit_flow_runs()
        await asyncio.sleep(_POLL_SECONDS)
