"""A stage for engine tests: plans in a line, fake machines, and what came of a run."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from flows.engine import execute
from flows.engine.testing import MemoryRecord, run_record
from flows.ledger.pair import DONE, PairKey, PairResult, PairState
from flows.plan import Binding, Need, Plan, PlannedBlock, PlannedNode, PlannedParameter, PlannedStep, Retry, Strategy
from opsconductor.sdk.action import Action, Result, RunContext, StepContext, action
from opsconductor.sdk.credential import Secret, SSHLogin
from opsconductor.sdk.outcome import Outcome, RunOutcome
from opsconductor.sdk.transport import CommandOutput, Host, Target
from tests.doubles.fake_connector import FakeConnector, FakeMachine

FAIL = CommandOutput(exit_code=1, stderr="it broke")
LOGIN = SSHLogin("ops", Secret("correct horse"))


class Done(BaseModel):
    """What `test/do@1` leaves.

    Attributes:
        said: What the machine said.
    """

    said: str = ""


@action("do", effect="idempotent")
async def do(host: Host, *, what: str) -> Result[Done]:
    """Run `do WHAT` on the host.

    Args:
        host: Where.
        what: What to do.
    """
    output = await host.run("do", what)
    return Result.changed(f"did {what}", Done(said=output.stdout), command=output)


@action("do_once", effect="once")
async def do_once(host: Host, *, what: str) -> Result[Done]:
    """Run `do WHAT` on the host, at most once.

    Args:
        host: Where.
        what: What to do.
    """
    output = await host.run("do", what, once=True)
    return Result.changed(f"did {what}", Done(said=output.stdout), command=output)


async def _would(host: Host, *, what: str) -> Result[Done]:
    await host.run("look", what)
    return Result.changed(f"would do {what}", Done())


@action("do_checked", effect="idempotent", check=_would)
async def do_checked(host: Host, *, what: str) -> Result[Done]:
    """Run `do WHAT` on the host; its dry run looks.

    Args:
        host: Where.
        what: What to do.
    """
    return Result.changed(f"did {what}", Done(said=(await host.run("do", what)).stdout))


@action("sleep", effect="read", scope="any")
async def sleep(step: StepContext, *, seconds: float) -> Result[None]:
    """Wait.

    Args:
        step: Where.
        seconds: How long.
    """
    await asyncio.sleep(seconds)
    return Result.unchanged("waited")


@action("unix", effect="idempotent", platforms=("linux", "unix"))
async def unix(host: Host, *, what: str) -> Result[Done]:
    """Run `do WHAT` on a unix.

    Args:
        host: Where.
        what: What to do.
    """
    return Result.changed(f"did {what}", Done(said=(await host.run("do", what)).stdout))


for _each in (do, do_once, do_checked, unix):
    _each.ref = f"test/{_each.name}@1"


class Script:
    """What actions without a host do: the step's name decides."""

    def __init__(self) -> None:
        self.fails: set[str] = set()
        self.told: list[tuple[str, str]] = []
        self.secrets: list[str] = []


SCRIPTS: dict[str, Script] = {}


def _act(script: str, what: str, name: str) -> None:
    from opsconductor.errors import ActionFailedError

    SCRIPTS[script].told.append((name, what))
    if what in SCRIPTS[script].fails or f"{what}@{name}" in SCRIPTS[script].fails:
        raise ActionFailedError(f"{what} says no")


@action("tell", effect="idempotent", scope="run")
async def tell(run: RunContext, *, script: str, what: str, about: str = "") -> Result[Done]:
    """Tell somebody, once a run.

    Args:
        run: The run.
        script: Whose.
        what: What to do.
        about: Text.
    """
    _act(script, what, run.name)
    return Result.changed(f"told {what} {about}", Done(said=about))


@action("think", effect="read", scope="any")
async def think(step: StepContext, *, script: str, what: str, about: Any = "") -> Result[Done]:
    """Think, on a target or for the run.

    Args:
        step: Where.
        script: Whose.
        what: What to do.
        about: Anything.
    """
    _act(script, what, step.name)
    return Result.unchanged(f"thought of {what}", Done(said=str(about)))


@action("hush", effect="idempotent")
async def hush(host: Host, *, word: Secret) -> Result[Done]:
    """Say a secret to the host, which says it back.

    Args:
        host: Where.
        word: The secret.
    """
    output = await host.run("echo", word.reveal())
    return Result.changed(f"said {word.reveal()}", Done(said=word.reveal()), command=output)


class Actions:
    """The actions above."""

    def __init__(self) -> None:
        self.known: dict[str, Action[..., Any]] = {
            f"test/{each.name}@1": each for each in (do, do_once, do_checked, unix, sleep, tell, think, hush)
        }

    def find(self, ref: str) -> Action[..., Any] | None:
        return self.known.get(ref)


def target(place: int, name: str, **facts: Any) -> Target:
    return Target(place, f"id-{name}", name, "192.0.2.1", credential="login", **facts)


class Author:
    """Writes plans: places are given in document order, `needs` defaults to the node above."""

    def __init__(self) -> None:
        self.script = f"script-{id(self)}"
        SCRIPTS[self.script] = Script()
        self._next = 0

    def _ord(self) -> int:
        self._next += 1
        return self._next - 1

    def step(
        self,
        name: str,
        *needs: str | tuple[str, str],
        uses: str = "test/do@1",
        scope: str = "target",
        arguments: Mapping[str, Any] | None = None,
        retry: Retry | None = None,
        **facts: Any,
    ) -> PlannedStep:
        given: dict[str, Any] = dict(arguments or {})
        if uses in ("test/tell@1", "test/think@1"):
            given = {"script": self.script, "what": name} | given
        elif uses != "test/hush@1":
            given = {"what": name} | given
        kind = next(each.effect for ref, each in Actions().known.items() if ref == uses)
        return PlannedStep(
            ord=self._ord(),
            id=name,
            scope=scope,
            needs=_needs(needs),
            uses=uses,
            library_version="1.0.0",
            effect=kind,
            arguments={name: Binding(value=value) for name, value in given.items()},
            retry=retry or Retry(),
            **facts,
        )

    def tell(self, name: str, *needs: str | tuple[str, str], **facts: Any) -> PlannedStep:
        return self.step(name, *needs, uses="test/tell@1", scope="run", **facts)

    def block(
        self,
        name: str,
        *needs: str | tuple[str, str],
        steps: Sequence[PlannedNode],
        rescue: Sequence[PlannedNode] = (),
        always: Sequence[PlannedNode] = (),
        scope: str = "target",
        **facts: Any,
    ) -> PlannedBlock:
        return PlannedBlock(
            ord=self._ord(),
            id=name,
            scope=scope,
            needs=_needs(needs),
            steps=tuple(steps),
            rescue=tuple(rescue),
            always=tuple(always),
            **facts,
        )


def _needs(needs: Sequence[str | tuple[str, str]]) -> tuple[Need, ...]:
    pairs = [(need, "success") if isinstance(need, str) else need for need in needs]
    return tuple(Need(step=step, on=on) for step, on in pairs)


class Run:
    """One run on fake machines, and what came of it."""

    def __init__(
        self,
        author: Author,
        nodes: Sequence[PlannedNode],
        targets: int | Sequence[Target] = 1,
        *,
        strategy: Strategy | None = None,
        parameters: Mapping[str, Any] | None = None,
        restored: Mapping[tuple[str, str], PairState] | None = None,
        credentials: Mapping[str, SSHLogin | Secret] | None = None,
        timeout_seconds: float | None = None,
        **facts: Any,
    ) -> None:
        self.script = SCRIPTS[author.script]
        self.connector = FakeConnector()
        declared = tuple(
            PlannedParameter(name=name, type="secret" if name == "word" else "string", json_schema={}, required=True)
            for name in (parameters or {})
        )
        plan = Plan(
            name="test",
            nodes=tuple(nodes),
            strategy=strategy or Strategy(),
            parameters=declared,
            timeout_seconds=timeout_seconds,
        )
        listed = [target(place, f"h{place}") for place in range(targets)] if isinstance(targets, int) else targets
        self.places = {node.id: node.ord for node in _all(nodes)}
        self.names = {each.ord: each.name for each in listed} | {-1: "run"}
        ords = {name: place for place, name in self.names.items()}
        known = {(ords[name], self.places[step]): pair for (name, step), pair in (restored or {}).items()}
        self.record = MemoryRecord(run_record(plan, listed, parameters=parameters or {}, **facts), known)
        self.credentials = credentials or {"login": LOGIN}

    def machine(self, name: str = "h0") -> FakeMachine:
        return self.connector.machine(name)

    def fail(self, *steps: str) -> "Run":
        """Let steps fail: `a` everywhere, `a@h1` on one target."""
        for step in steps:
            what, _, name = step.partition("@")
            for each in [name] if name else self.names.values():
                self.machine(each).answers[f"do {what}"] = FAIL
            self.script.fails.add(step)
        return self

    async def go(self, **options: Any) -> RunOutcome:
        return await execute(self.record, self.connector, self.credentials, Actions(), **options)

    def result(self, step: str, name: str = "h0") -> PairResult | None:
        """The latest result of a step; None when it has none."""
        place = next(place for place, each in self.names.items() if each == name)
        found = [
            (key.attempt, result)
            for key, (state, result) in self.record.rows.items()
            if key[:2] == (place, self.places[step]) and state == DONE and result
        ]
        return max(found, key=lambda row: row[0])[1] if found else None

    def outcomes(self, name: str = "h0") -> dict[str, str]:
        """Step → outcome, of those that have one."""
        return {step: result.outcome.label for step in self.places if (result := self.result(step, name)) is not None}

    def ran(self, name: str = "h0") -> list[str]:
        """What was done on a target, in the order it began."""
        if name == "run":
            return [what for who, what in self.script.told if who == "run"]
        return [line.removeprefix("do ") for line in self.machine(name).commands]

    def target(self, name: str = "h0") -> tuple[str, str]:
        """How a target ended, and why."""
        place = next(place for place, each in self.names.items() if each == name)
        outcome, reason = self.record.targets[place]
        return outcome.label, reason


def _all(nodes: Sequence[PlannedNode]) -> list[PlannedNode]:
    found: list[PlannedNode] = []
    for node in nodes:
        found.append(node)
        if node.kind == "block":
            found += _all((*node.steps, *node.rescue, *node.always))
    return found


__all__ = ["FAIL", "Author", "Outcome", "PairKey", "Run", "target"]
