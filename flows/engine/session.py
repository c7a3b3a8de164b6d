"""Sessions: a run that is claimed and logging in before Prefect's part of the start has travelled.

Whoever starts a flow process prepares the session of its one run; the flow takes it. A flow that nobody
prepared a session for opens its own.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from flows.ledger.record import RunRecord
from flows.ledger.session import RunLedger
from flows.plan import PlannedNode
from flows.tracing import NO_TRACING, Tracing
from opsconductor.sdk.credential import Credential
from opsconductor.sdk.transport import Connector

from .chunks import TaskRunner, direct
from .execution import conclude
from .line import Lines
from .program import Actions
from .spans import traced
from .wind_up import Conclusion


@dataclass(frozen=True, slots=True)
class OpenedCredentials:
    """What a run may use.

    Attributes:
        credentials: Credential reference → opened value.
        refused: Credential reference → why it could not be opened.
    """

    credentials: Mapping[str, Credential] = field(default_factory=dict[str, Credential])
    refused: Mapping[str, str] = field(default_factory=dict[str, str])


class CredentialSource(Protocol):
    """Hands over the opened credentials of a claimed run: the worker's broker, or the portal."""

    async def open(self, run: RunRecord) -> OpenedCredentials:
        """The credentials that were frozen into the run."""
        ...


@dataclass(frozen=True)
class Session:
    """One claimed run with everything that is needed to do it."""

    ledger: RunLedger
    connector: Connector
    opened: OpenedCredentials
    registry: Actions
    lines: Lines
    tracing: Tracing = field(default=NO_TRACING, kw_only=True)

    async def conclude(self, run_task: TaskRunner = direct) -> Conclusion:
        """Do the run and record its end."""
        tracer = self.tracing.tracer
        return await (self._do(run_task) if tracer is None else traced(tracer, self.ledger.run, self._do, run_task))

    async def _do(self, run_task: TaskRunner) -> Conclusion:
        return await conclude(
            self.ledger, self.connector, self.opened.credentials, self.registry, run_task, lines=self.lines
        )

    async def close(self) -> None:
        """Log out everywhere, give up the claim and send the last spans."""
        await self.lines.close()
        await self.ledger.close()
        await self.tracing.close()


async def open_session(
    claim: Callable[[], Awaitable[RunLedger]],
    source: CredentialSource,
    connector: Connector,
    registry: Actions,
    tracing: Tracing = NO_TRACING,
) -> Session:
    """Claim a run, get its credentials and begin to log in on the targets that come first.

    Args:
        claim: Claims the run.
        source: Where its credentials come from; asked after the claim.
        connector: Makes connections.
        registry: Finds actions.
        tracing: Where its spans go.

    Raises:
        RunNotClaimableError: Another process has the run, or it has ended.
    """
    ledger = await claim()
    try:
        opened = await source.open(ledger.run)
        lines = Lines(connector, opened.credentials, ledger.host_key_seen, refused=opened.refused)
        _dial_first(ledger, registry, lines)
    except BaseException:
        await ledger.close()
        raise
    return Session(ledger, connector, opened, registry, lines, tracing=tracing)


def _dial_first(ledger: RunLedger, registry: Actions, lines: Lines) -> None:
    """Log in ahead on as many targets as may be in flight, when their first step needs it for certain."""
    run = ledger.run
    if ledger.restored or ledger.cancelled.is_set() or not _needs_host(run.plan.nodes, registry):
        return
    for target in run.targets[: run.plan.strategy.concurrency]:
        lines.line(target).dial()


def _needs_host(nodes: tuple[PlannedNode, ...], registry: Actions) -> bool:
    for node in nodes:
        if node.needs or node.when is not None or node.scope == "run":
            continue
        if node.kind == "block":
            return _needs_host(node.steps, registry)
        action = registry.find(node.uses)
        if action is not None and action.scope == "target":
            return True
    return False


_prepared: dict[UUID, asyncio.Task[Session]] = {}


def prepare(run_id: UUID, opening: Coroutine[Any, Any, Session]) -> asyncio.Task[Session]:
    """Begin to open the session of a run; `take` gives it to the flow.

    Args:
        run_id: The run.
        opening: `open_session(…)`.
    """
    task = _prepared[run_id] = asyncio.create_task(opening)
    return task


def take(run_id: UUID) -> asyncio.Task[Session] | None:
    """The session that was prepared for a run; None when nobody did."""
    return _prepared.pop(run_id, None)
