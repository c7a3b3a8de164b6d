"""One run, from its claim to its recorded end."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Coroutine, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar

from opsconductor.errors import FencedError, LedgerError, OpsError
from opsconductor.sdk.credential import Credential
from opsconductor.sdk.outcome import RunOutcome
from opsconductor.sdk.transport import Connector

from .chunks import Gates, TaskRunner, direct
from .context import Contexts
from .environment import Environment
from .fleet import Fleet
from .halt import Halt, HaltReason
from .lanes import lay_out
from .line import Lines
from .live import LiveOutputs
from .program import Actions, build
from .record import Record
from .redaction import Redactor, texts_of
from .rollout import Rollout
from .wind_up import Conclusion, end_run, end_without_targets

T = TypeVar("T")
_log = logging.getLogger(__name__)


async def execute(
    record: Record,
    connector: Connector,
    credentials: Mapping[str, Credential],
    registry: Actions,
    run_task: TaskRunner = direct,
    *,
    lines: Lines | None = None,
) -> RunOutcome:
    """Do a claimed run and record its end; see `conclude`."""
    return (await conclude(record, connector, credentials, registry, run_task, lines=lines)).outcome


async def conclude(
    record: Record,
    connector: Connector,
    credentials: Mapping[str, Credential],
    registry: Actions,
    run_task: TaskRunner = direct,
    *,
    lines: Lines | None = None,
) -> Conclusion:
    """Do a claimed run, record its end and say how it went.

    Args:
        record: The claimed run.
        connector: Makes connections to targets.
        credentials: The opened credentials of this run, by reference.
        registry: Finds actions.
        run_task: Shows each step on each chunk of targets as one task.
        lines: Logins that were begun beforehand.

    Raises:
        FencedError: Another process owns the run now; nothing was written after that was known.
        LedgerError: The record refused; the run has not ended.
    """
    lines = lines or Lines(connector, credentials, record.host_key_seen)
    redactor = Redactor(texts_of(credentials.values()))
    try:
        work = _conclude(record, credentials, registry, run_task, lines, redactor)
        return await _unless_fenced(record, work)
    finally:
        await lines.close()


async def _unless_fenced(record: Record, work: Coroutine[Any, Any, T]) -> T:
    """The work's result; at the moment the run is taken over the work is dropped where it stands."""
    fenced = asyncio.create_task(record.fenced.wait())
    task = asyncio.create_task(work)
    try:
        await asyncio.wait({fenced, task}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        raise FencedError(f"run {record.run.id}: another process owns it now")
    finally:
        for each in (fenced, task):
            each.cancel()
        await asyncio.gather(fenced, task, return_exceptions=True)


async def _conclude(
    record: Record,
    credentials: Mapping[str, Credential],
    registry: Actions,
    run_task: TaskRunner,
    lines: Lines,
    redactor: Redactor,
) -> Conclusion:
    run = record.run
    try:
        program, lanes = build(run.plan, registry), lay_out(run.plan)
    except OpsError as error:
        return await _cannot_begin(record, redactor.text(str(error)))
    if lanes.spine and not run.targets:
        return await end_without_targets(record)
    fleet = Fleet(run.targets, program.size)
    names = [target.name for target in run.targets]
    environment = Environment(
        record=record,
        program=program,
        fleet=fleet,
        lines=lines,
        credentials=credentials,
        contexts=Contexts(run, program, fleet),
        redactor=redactor,
        halt=Halt(),
        gates=None if run_task is direct else Gates(run_task, names, len(program.steps)),
        live=LiveOutputs(record, redactor),
        slots=asyncio.Semaphore(run.plan.strategy.concurrency),
    )
    rollout = Rollout(environment, lanes)
    try:
        async with _stops(environment, rollout):
            await rollout.play()
    except FencedError:
        raise
    except Exception as error:  # a run that breaks its engine would break every engine that takes it over
        return await _broke(environment, error)
    conclusion = await end_run(environment, lanes)
    if environment.gates is not None:
        await environment.gates.close()
    return conclusion


async def _cannot_begin(record: Record, reason: str) -> Conclusion:
    _log.error("run %s cannot begin: %s", record.run.id, reason)
    await record.end(RunOutcome.FAILED, f"failed: {reason}")
    return Conclusion(RunOutcome.FAILED, f"failed: {reason}")


async def _broke(environment: Environment, error: Exception) -> Conclusion:
    reason = environment.redactor.text(f"{type(error).__name__}: {error}")
    _log.error("run %s broke its engine: %s", environment.record.run.id, reason)
    text = f"unknown: the engine broke ({reason}); what was under way was not followed to its end"
    await environment.record.end(RunOutcome.UNKNOWN, text)
    return Conclusion(RunOutcome.UNKNOWN, text)


@asynccontextmanager
async def _stops(environment: Environment, rollout: Rollout) -> AsyncGenerator[None]:
    """While the run goes on: hear a request to stop, watch the job's time, tell of output."""

    def stop(reason: HaltReason) -> None:
        environment.halt.pull(reason)
        rollout.wake()

    async def hear() -> None:
        await environment.record.cancelled.wait()
        stop(HaltReason.CANCELLED)

    async def watch_time(seconds: float) -> None:
        spent = (datetime.now(UTC) - environment.record.run.started_at).total_seconds()
        await asyncio.sleep(max(0.0, seconds - spent))
        stop(HaltReason.TIMED_OUT)

    if environment.record.cancelled.is_set():
        stop(HaltReason.CANCELLED)
    limit = environment.record.run.plan.timeout_seconds
    tasks = [asyncio.create_task(hear()), asyncio.create_task(_tell(environment.live))]
    if limit is not None:
        tasks.append(asyncio.create_task(watch_time(limit)))
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _tell(live: LiveOutputs) -> None:
    try:
        await live.tell()
    except LedgerError as error:
        _log.warning("output is not shown while it comes: %s", error)
