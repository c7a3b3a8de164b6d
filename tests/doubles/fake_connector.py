"""A connector without a network behind it: hosts that answer from a table and remember what happened."""

import asyncio
import shlex
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from opsconductor.errors import CommandFailedError, HostError
from opsconductor.sdk.credential import SSHLogin
from opsconductor.sdk.transport import CommandOutput, Host, LiveOutput, LoginFacts, Operation, Target, Verdict

Answer = CommandOutput | HostError | Callable[[], Awaitable[CommandOutput]]


@dataclass
class FakeMachine:
    """One machine of the fake network.

    Attributes:
        answers: Command line → what comes of it, one a call; the last one stays. No answer: it succeeds.
        login: Errors that logins meet, one a login; then they succeed.
        verdicts: What probes find, one a probe; the last one stays.
        stops: What stops find.
        commands: Command lines in the order they began.
        ended: Command lines in the order they ended.
        tokens: Tokens of the attempts that ran commands.
        stopped: Tokens that were stopped.
        logins: How many logins succeeded.
        open: How many connections are open.
    """

    answers: dict[str, Answer | list[Answer]] = field(default_factory=dict)
    login: list[HostError] = field(default_factory=list)
    verdicts: list[Verdict | HostError] = field(default_factory=lambda: [Verdict("no_marker")])
    stops: list[Verdict | HostError] = field(default_factory=lambda: [Verdict("done", 143)])
    commands: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    probed: list[str] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)
    logins: int = 0
    open: int = 0
    first_seen_key: str | None = None


class FakeConnector:
    """Connects to fake machines, made as they are asked for."""

    def __init__(self, machines: Mapping[str, FakeMachine] | None = None) -> None:
        self.machines = dict(machines or {})
        self.log: list[tuple[str, str]] = []
        self.most_open = 0
        self.delay: Callable[[], Awaitable[None]] | None = None
        self.live: LiveOutput | None = None

    def machine(self, name: str) -> FakeMachine:
        return self.machines.setdefault(name, FakeMachine())

    async def connect(self, target: Target, login: SSHLogin, *, timeout_seconds: float) -> "FakeConnection":
        await asyncio.sleep(0)
        machine = self.machine(target.name)
        if machine.login:
            raise machine.login.pop(0)
        machine.logins += 1
        machine.open += 1
        self.most_open = max(self.most_open, sum(each.open for each in self.machines.values()))
        return FakeConnection(self, target, machine)


class FakeConnection:
    def __init__(self, connector: FakeConnector, target: Target, machine: FakeMachine) -> None:
        self.target = target
        self.first_seen_key = machine.first_seen_key
        self._connector = connector
        self._machine = machine
        self._closed = False

    def host(self, operation: Operation) -> "FakeConnectedHost":
        return FakeConnectedHost(self._connector, self.target, self._machine, operation)

    async def probe(self, operation: Operation) -> Verdict:
        self._machine.probed.append(operation.token)
        return _next(self._machine.verdicts)

    async def stop(self, operation: Operation, *, grace_seconds: float = 5) -> Verdict:
        self._machine.stopped.append(operation.token)
        return _next(self._machine.stops)

    async def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._machine.open -= 1


class FakeConnectedHost(Host):
    def __init__(self, connector: FakeConnector, target: Target, machine: FakeMachine, operation: Operation) -> None:
        self.name = target.name
        self.platform = target.platform
        self.login = LoginFacts()
        self._connector = connector
        self._machine = machine
        self._operation = operation

    async def run(
        self,
        *argv: str,
        accept: Sequence[int] = (0,),
        stdin: bytes | None = None,
        environment: Mapping[str, str] | None = None,
        directory: str | None = None,
        sudo: bool = False,
        once: bool = False,
    ) -> CommandOutput:
        line = shlex.join(argv)
        self._machine.commands.append(line)
        self._machine.tokens.append(self._operation.token)
        self._connector.log.append((self.name, line))
        self._connector.live = self._operation.live
        await asyncio.sleep(0)
        if self._connector.delay is not None:
            await self._connector.delay()
        output = await self._answer(line)
        if self._operation.live is not None and output.stdout:
            self._operation.live("stdout", output.stdout)
        self._machine.ended.append(line)
        if accept and output.exit_code not in accept:
            raise CommandFailedError(host=self.name, program=argv[0], exit_code=output.exit_code, stderr=output.stderr)
        return output

    async def _answer(self, line: str) -> CommandOutput:
        answers = self._machine.answers.get(line, CommandOutput())
        answer = (answers.pop(0) if len(answers) > 1 else answers[0]) if isinstance(answers, list) else answers
        if isinstance(answer, HostError):
            raise answer
        if isinstance(answer, CommandOutput):
            return answer
        return await answer()


def _next(found: list[Verdict | HostError]) -> Verdict:
    verdict = found.pop(0) if len(found) > 1 else found[0]
    if isinstance(verdict, HostError):
        raise verdict
    return verdict
