"""100,000 pairs on a null transport with the full record: CPU a pair, and memory."""

import asyncio
import resource
import time
from collections.abc import Sequence
from typing import Unpack

from flows.engine import execute
from flows.ledger.session import RunLedger
from flows.plan import Binding, Need, Plan, PlannedStep, Strategy
from opsconductor.sdk.credential import Secret, SSHLogin
from opsconductor.sdk.transport import CommandOptions, CommandOutput, Host, LoginFacts, Operation, Target, Verdict
from steplib.loader import load

from .record import Record, record
from .rows import Row

TARGETS = 5000
STEPS = 20
IN_FLIGHT = 200


class NullConnector:
    """Logs in to nothing, at once."""

    async def connect(self, target: Target, login: SSHLogin, *, timeout_seconds: float) -> "NullConnection":
        return NullConnection(target)


class NullConnection:
    first_seen_key: str | None = None

    def __init__(self, target: Target) -> None:
        self.target = target

    def host(self, operation: Operation) -> "NullHost":
        return NullHost(self.target)

    async def probe(self, operation: Operation) -> Verdict:
        return Verdict("no_marker")

    async def stop(self, operation: Operation, *, grace_seconds: float = 5) -> Verdict:
        return Verdict("done", 0)

    async def close(self) -> None: ...


class NullHost(Host):
    def __init__(self, target: Target) -> None:
        self.name, self.platform, self.login = target.name, target.platform, LoginFacts()

    async def run(self, *argv: str, accept: Sequence[int] = (0,), **options: Unpack[CommandOptions]) -> CommandOutput:
        return CommandOutput("ok\n", stdout_bytes=3)


def plan(steps: int, in_flight: int) -> Plan:
    """A line of `once` commands."""
    nodes = tuple(
        PlannedStep(
            ord=number,
            id=f"s{number}",
            scope="target",
            uses="linux/command@1",
            library_version="1.0.0",
            effect="once",
            arguments={"line": Binding(value="true", shell="posix")},
            needs=(Need(step=f"s{number - 1}"),) if number else (),
        )
        for number in range(steps)
    )
    return Plan(name="bench", strategy=Strategy(concurrency=in_flight), nodes=nodes)


async def _run(server: Record, targets: int, steps: int) -> tuple[float, float, float]:
    run_id = server.start_run(plan(steps, IN_FLIGHT), targets)
    registry = load()
    wall, engine, database = time.perf_counter(), time.process_time(), server.cpu_seconds()
    ledger = await RunLedger.claim(server.dsn, run_id, 0, owner="bench")
    outcome = await execute(ledger, NullConnector(), {"login": SSHLogin("ops", Secret("x"))}, registry)
    await ledger.close()
    if outcome != "succeeded":
        raise RuntimeError(f"the run ended as {outcome}")
    return time.perf_counter() - wall, time.process_time() - engine, server.cpu_seconds() - database


def measure() -> list[Row]:
    """One run of 100,000 pairs after a small one that warms everything."""
    pairs = TARGETS * STEPS
    with record() as server:
        asyncio.run(_run(server, 50, STEPS))
        small = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        wall, engine, database = asyncio.run(_run(server, TARGETS, STEPS))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    each = 1000 / pairs
    note = (
        f"engine {engine * each:.3f} + PostgreSQL {database * each:.3f} ms; {wall:.1f} s, {pairs / wall:,.0f} pairs/s"
    )
    return [
        Row.at_most("ledger: CPU ms a pair, 100,000 pairs", (engine + database) * each, 0.2, note),
        Row.at_most("ledger: peak resident MB", peak, 300, f"{small:.0f} MB after 1,000 pairs"),
    ]
