"""A run as Prefect shows it, told from a thread of its own beside the run.

Nothing of the run waits for Prefect: neither a slow answer nor a dead server holds up a command, and what
Prefect's engine does to event loops and signals stays in that thread. What could not be shown is settled by
the worker afterwards.
"""

import asyncio
import contextvars
import logging
import ssl
import threading
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import httpx
import psycopg
from prefect import Flow
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import FlowRun
from prefect.events.worker import EventsWorker
from prefect.exceptions import ObjectNotFound
from prefect.flow_engine import run_flow_async
from psycopg import AsyncConnection

from flows.deployments import create_flow_run, deploy, find_deployment
from flows.engine import ChunkReport, Conclusion, TaskRunner, direct
from flows.engine.session import Session, prepare
from flows.plan import PlannedStep
from flows.prefect_flow import to_flow
from opsconductor.errors import FencedError, OpsError

from .handover import PrefectAddress
from .prefect_session import prefect_client, settings_for

_AFTER_END_SECONDS: Final = 20.0
_DRAIN_SECONDS: Final = 5.0
_HEAD_START_SECONDS: Final = 0.5
"""Prefect's engine takes more CPU to begin than a login does, in the same interpreter: the first commands go first."""
_NOTE: Final = "UPDATE job_runs SET prefect_flow_run_id = %s WHERE id = %s AND epoch = %s"
_log = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass(frozen=True)
class _ObservedSession(Session):
    """The session as the flow sees it: the run goes on elsewhere, the flow only watches it."""

    watch: Callable[[TaskRunner], Awaitable[Conclusion]]

    async def conclude(self, run_task: TaskRunner = direct) -> Conclusion:
        return await self.watch(run_task)

    async def close(self) -> None:
        """Whoever does the run closes it."""


class Display:
    """Shows one run in Prefect.

    Args:
        address: Where Prefect is.
        tls: A TLS context for its client.
        session: The run's session.
        database: Our database, as the flow role: the record keeps which flow run shows the run.
    """

    def __init__(self, address: PrefectAddress, tls: ssl.SSLContext, session: Session, database: str) -> None:
        self._database = database
        self._address = address
        self._tls = tls
        self._session = session
        self._run = session.ledger.run
        self._home = asyncio.get_running_loop()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._runner: TaskRunner = direct
        self._context = contextvars.Context()
        self._tasks: list[asyncio.Task[None]] = []
        self._settled = asyncio.Event()
        self._over = asyncio.Event()
        self._conclusion: Future[Conclusion] = Future()
        self._shown = False
        self._hurry = threading.Event()
        self._thread = threading.Thread(target=self._main, name="display", daemon=True)
        self._beginning: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Begin to show the run, in a moment."""
        self._beginning = self._home.call_later(_HEAD_START_SECONDS, self._begin)

    def _begin(self) -> None:
        if self._beginning is not None:
            self._beginning.cancel()
            self._beginning = None
            self._thread.start()

    async def run_task(self, step: PlannedStep, label: str, body: Callable[[], Awaitable[ChunkReport]]) -> ChunkReport:
        """Show a step on a chunk as a task. The run does not wait for it: `finish` does."""
        passed: asyncio.Future[ChunkReport] = self._home.create_future()
        self._tasks.append(asyncio.create_task(self._show_task(step, label, passed)))
        try:
            report = await body()
        except BaseException:
            passed.cancel()
            raise
        passed.set_result(report)
        return report

    async def _show_task(self, step: PlannedStep, label: str, passed: asyncio.Future[ChunkReport]) -> None:
        """The task in Prefect, from when Prefect shows the run until the chunk has passed."""
        await self._settled.wait()
        loop = self._loop
        if loop is None or self._over.is_set():
            return
        try:
            await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(self._in_flow(step, label, passed), loop))
        except Exception as error:  # whatever Prefect's engine raises: the run itself goes on
            _log.warning("task %s %s is not shown: %r", step.id, label, error)

    async def _all_tasks(self) -> None:
        await asyncio.gather(*self._tasks)

    def conclude(self, concluded: Conclusion | FencedError) -> None:
        """The run has ended, or is another's now."""
        if isinstance(concluded, FencedError):
            self._conclusion.set_exception(concluded)
        else:
            self._conclusion.set_result(concluded)
        self._hurry.set()
        self._begin()

    async def finish(self) -> bool:
        """Wait until Prefect has been told, but not for long; whether it knows."""
        try:
            async with asyncio.timeout(_AFTER_END_SECONDS):
                await self._over.wait()
        except TimeoutError:
            return False
        return self._shown

    # -- in the thread

    def _main(self) -> None:
        try:
            with settings_for(self._address):
                asyncio.run(self._show())
                EventsWorker.drain_all(timeout=_DRAIN_SECONDS)
                self._shown = True
        except (httpx.HTTPError, OpsError, OSError) as error:
            _log.warning("run %s is not shown in Prefect: %r", self._run.id, error)
        except Exception:  # whatever Prefect's engine raises: the run itself goes on
            _log.exception("run %s is not shown in Prefect", self._run.id)
        finally:
            self._home.call_soon_threadsafe(self._end)

    def _end(self) -> None:
        self._over.set()
        self._settled.set()

    async def _show(self) -> None:
        self._loop = asyncio.get_running_loop()
        run = self._run
        flow = to_flow(run.plan, run.job_id)
        async with prefect_client(self._tls) as client:
            flow_run = await self._patiently(lambda: self._flow_run(client, flow))
            prepare(run.id, self._observed())
            noting = asyncio.create_task(self._note(flow_run))
            await run_flow_async(flow, flow_run=flow_run, parameters={**run.parameters, "run_id": str(run.id)})
            await noting

    async def _note(self, flow_run: FlowRun) -> None:
        """Keep in the record which flow run shows this epoch, for links."""
        try:
            async with await AsyncConnection.connect(self._database) as connection:
                await connection.execute(_NOTE, (flow_run.id, self._run.id, self._run.epoch))
        except psycopg.Error as error:
            _log.warning("run %s has no link to Prefect: %s", self._run.id, error)

    async def _observed(self) -> Session:
        mine = self._session
        return _ObservedSession(mine.ledger, mine.connector, mine.opened, mine.registry, mine.lines, self._watch)

    async def _watch(self, run_task: TaskRunner) -> Conclusion:
        self._runner = run_task
        self._context = contextvars.copy_context()
        self._home.call_soon_threadsafe(self._settled.set)
        try:
            return await asyncio.wrap_future(self._conclusion)
        finally:
            await self._from_home(self._all_tasks())

    async def _in_flow(self, step: PlannedStep, label: str, passed: asyncio.Future[ChunkReport]) -> None:
        """Run a task in the flow's context; its body waits for the run, in the run's loop."""

        async def wait() -> ChunkReport:
            return await self._from_home(_await(passed))

        task = _await(self._runner(step, label, wait))
        await asyncio.get_running_loop().create_task(task, context=self._context.copy())

    async def _from_home(self, work: Coroutine[Any, Any, T]) -> T:
        """What something comes to in the run's loop."""
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._home))

    async def _flow_run(self, client: PrefectClient, flow: Flow[..., Any]) -> FlowRun:
        run = self._run
        deployment = await find_deployment(client, run.job_id)
        if deployment is None:  # Prefect was away when the job was published
            pool = self._address.work_pool
            deployment = await deploy(client, flow, run.job_id, run.job_version, work_pool=pool)
        name = f"{run.job_name} {run.id.hex[-8:]}"
        return await create_flow_run(client, deployment, run.id, run.epoch, name=name, parameters=run.parameters)

    async def _patiently(self, ask: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Ask until Prefect answers; once the run has ended, no longer than it takes to ask again."""
        pause = 0.2
        while True:
            try:
                return await ask()
            except ObjectNotFound:
                raise
            except httpx.HTTPError:
                if self._hurry.is_set():
                    raise
            await asyncio.to_thread(self._hurry.wait, pause)
            pause = min(5.0, pause * 2)


async def _await(work: Awaitable[T]) -> T:
    return await work
