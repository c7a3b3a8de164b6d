"""The worker as a process: everything it does, from start to TERM."""

import asyncio
import json
import logging
import signal
import sys
from contextlib import AsyncExitStack
from typing import Any, Self
from uuid import UUID

import psycopg
from prefect.client.orchestration import PrefectClient, get_client
from psycopg_pool import AsyncConnectionPool

from flows.ledger.reconciler import Reconciler
from flows.tracing import TracingVariables

from .broker import Broker
from .dispatcher import Dispatcher
from .opening import Opener
from .pool_side import stay_online
from .prefect_documents import PrefectDocuments
from .prefect_session import settings_for
from .presence import stay_seen
from .ready_mark import ready_mark
from .settings import WorkerSettings
from .settlement import settle

_RECONNECT_SECONDS = 2.0
"""How long the pool tries by itself, ever more slowly; after that whoever needs a connection has it try anew."""

_log = logging.getLogger(__name__)


async def serve(settings: WorkerSettings) -> None:
    """Work until TERM. Runs that are going then go on; another worker finds those that wait."""
    address = settings.prefect_address()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with AsyncExitStack() as stack:
        stack.enter_context(settings_for(address))
        client = await stack.enter_async_context(get_client())
        pool = AsyncConnectionPool(
            settings.database_url,
            min_size=2,
            max_size=8,
            open=False,
            kwargs={"autocommit": True},
            check=AsyncConnectionPool.check_connection,  # what a restart of the database left is not handed out
            reconnect_timeout=_RECONNECT_SECONDS,
        )
        await stack.enter_async_context(pool)
        broker = Broker(pool, PrefectDocuments(client), Opener(settings.keyring_file))
        dispatcher = Dispatcher(
            pool,
            settings.database_url,
            settings.socket,
            broker,
            address,
            capacity=settings.capacity,
            tracing=TracingVariables.of_process(),
        )
        await stack.enter_async_context(dispatcher)
        beside = await stack.enter_async_context(_Beside(settings, dispatcher, client, pool))
        await _wait_for_either(dispatcher.listening, stop)
        stack.enter_context(ready_mark(settings.ready_file))
        _say_ready()
        await beside.until(stop)


class _Beside:
    """What the worker does besides starting runs: the reconciler, and its life in Prefect."""

    def __init__(
        self, settings: WorkerSettings, dispatcher: Dispatcher, client: PrefectClient, pool: AsyncConnectionPool[Any]
    ) -> None:
        self._settings = settings
        self._dispatcher = dispatcher
        self._client = client
        self._pool = pool
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        reconciler = Reconciler(self._settings.database_url, self._dispatcher.demand)
        self._tasks = [
            asyncio.create_task(reconciler.run()),
            asyncio.create_task(stay_online(self._settings.work_pool, self._adopt, self._tidy)),
            asyncio.create_task(stay_seen(self._pool, self._dispatcher.count, self._settings.capacity)),
        ]
        return self

    async def until(self, stop: asyncio.Event) -> None:
        """Wait until asked to stop. One of these that ends by itself ends the worker, so that it is started anew."""
        stopping = asyncio.create_task(stop.wait())
        done, _ = await asyncio.wait([stopping, *self._tasks], return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        for task in done:
            await task

    async def __aexit__(self, *exc_info: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _adopt(self, run_id: UUID) -> bool:
        """Start a run that Prefect's pool had scheduled, if it is one of the record and waits."""
        async with self._pool.connection() as connection:
            query = "SELECT epoch, status FROM job_runs WHERE id = %s"
            row = await (await connection.execute(query, (run_id,))).fetchone()
        if row is None or row[1] == "ended":
            return False
        await self._dispatcher.start(run_id, row[0])
        return True

    async def _tidy(self) -> None:
        try:
            closed = await settle(self._client, self._pool)
        except psycopg.Error as error:
            _log.warning("flow runs are not settled: %s", error)
        else:
            if closed:
                _log.info("%d flow runs settled in Prefect", closed)


async def _wait_for_either(*events: asyncio.Event) -> None:
    tasks = [asyncio.create_task(event.wait()) for event in events]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()


def _say_ready() -> None:
    sys.stdout.write(json.dumps({"ready": True}) + "\n")
    sys.stdout.flush()
