"""The campaign: `python -m tests.schema.campaign [--cases N] [--seed S] [--role R]`."""

import argparse
import asyncio
import gc
import math
import tempfile
import time
import zlib
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import unquote, urlsplit

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from requests import Request
from schemathesis import Case, GenerationMode
from structlog.testing import capture_logs

from tests.contracts.rights.identities import Identity
from tests.contracts.rights.rows import ROUTES
from tests.fixtures.portal import make_template, sign_in
from tests.fixtures.postgres import running_cluster

from .aim import BASE_URL, Aim
from .ground import Ground, Things, grounds
from .people import PEOPLE
from .verdict import Doors, Finding, findings
from .wire import Answer, send

BATCH = 32
_SIGN_INS = ("/api/v1/auth/", "/api/v1/users/")
_HEADER = ("role", "cases", "2xx", "4xx", "5xx", "undocumented", "surprises")


@dataclass
class Tally:
    """What one role's cases came to."""

    role: str
    statuses: Counter[int] = field(default_factory=Counter[int])
    found: Counter[Finding] = field(default_factory=Counter[Finding])
    asked: set[str] = field(default_factory=set[str])
    succeeded: set[str] = field(default_factory=set[str])

    def note(self, finding: Finding, example: str) -> None:
        """Count it, and tell of the first one."""
        self.found[finding] += 1
        if self.found[finding] == 1:
            print(f"{self.role}: {finding.kind} {finding.operation}: {finding.what}\n    {example}", flush=True)

    @property
    def cases(self) -> int:
        return self.statuses.total()

    def of_class(self, hundred: int) -> int:
        return sum(count for status, count in self.statuses.items() if status // 100 == hundred)

    def of_kind(self, kind: str) -> int:
        return sum(count for finding, count in self.found.items() if finding.kind == kind)

    def row(self) -> tuple[str | int, ...]:
        classes = [self.of_class(hundred) for hundred in (2, 4)]
        return (self.role, self.cases, *classes, *map(self.of_kind, ("5xx", "undocumented", "surprise")))


def draw(operation: Any, mode: GenerationMode, count: int, number: int) -> list[Case]:
    """Cases of an operation; none when nothing about it can be wrong."""
    drawn: list[Case] = []

    @seed(number)
    @settings(
        max_examples=count,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(generation_mode=mode))
    def collect(case: Case) -> None:
        drawn.append(case)

    try:
        collect()
    except Unsatisfiable:
        return []
    return [drawn[index % len(drawn)] for index in range(count)]


class Sender:
    """Sends one role's cases."""

    def __init__(self, ground: Ground, who: Identity, number: int) -> None:
        self.tally = Tally(who.name)
        self._ground = ground
        self._who = who
        self._number = number
        self._doors = Doors(ground.app)
        self._aim = Aim(Random(number), _with_own(ground, who))
        self._token = ground.tokens.get(who.name)
        self._powers: dict[str, set[str]] = {}

    async def send_all(self, cases: int, *, share: float = 1) -> None:
        """At least so many cases, as many of each operation, or of a share of all operations."""
        schema = schemathesis.openapi.from_dict(self._ground.app.openapi())
        schema.config.generation.update(with_security_parameters=not self._who.signed_in)
        every = [found.ok() for found in schema.get_all_operations()]
        operations = self._aim.random.sample(every, math.ceil(share * len(every)))
        each = math.ceil(cases / len(operations))
        await self._renew()
        self._powers = self._ground.powers()
        for operation in operations:
            drawn = self._draw(operation, each)
            for start in range(0, each, BATCH):
                await self._send_batch(operation, drawn[start : start + BATCH])

    def _draw(self, operation: Any, count: int) -> list[Case]:
        number = zlib.crc32(f"{self._number} {self._who.name} {operation.label}".encode())
        wrong = draw(operation, GenerationMode.NEGATIVE, count // 2, number) if count > 1 else []
        right = draw(operation, GenerationMode.POSITIVE, count - len(wrong), number)
        return self._aim.random.sample(right + wrong, count)

    async def _send_batch(self, operation: Any, cases: list[Case]) -> None:
        changed = False
        for case in cases:
            answer = await self._send(case)
            if answer.status < 300 and operation.method != "get":
                changed = True
                if operation.path.startswith(_SIGN_INS):
                    await self._stay_signed_in()
        if changed:
            self._look_for_risen(operation.label)
            await self._renew()

    def _look_for_risen(self, label: str) -> None:
        """Nobody may give what they do not have."""
        for username, powers in self._ground.powers().items():
            gained = powers - self._powers.get(username, set()) - self._who.everywhere
            if gained:
                self.tally.note(Finding("surprise", label, f"gives somebody {', '.join(sorted(gained))}"), username)

    async def _renew(self) -> None:
        await self._ground.renew()
        self._token = self._ground.tokens.get(self._who.name)

    async def _stay_signed_in(self) -> None:
        """They may have ended their own sign-in, or themselves."""
        if self._who.signed_in and not await self._is_signed_in():
            if f"user-{self._who.name}" in self._ground.powers():
                self._token = await sign_in(self._ground.app, f"user-{self._who.name}")
            if not await self._is_signed_in():
                await self._renew()

    async def _is_signed_in(self) -> bool:
        headers = {"Authorization": f"Bearer {self._token}"}
        asked = Request("GET", f"{BASE_URL}/api/v1/profile/preferences", headers).prepare()
        with capture_logs():
            return (await send(self._ground.app, asked)).status == 200

    async def _send(self, case: Case) -> Answer:
        self._aim.take(case, ROUTES[case.operation.label])
        request, whole = self._aim.wire(case, self._token)
        with capture_logs() as said:
            answer = await send(self._ground.app, request)
        broke = next((entry["exc_info"] for entry in said if "exc_info" in entry), None)
        if broke is not None:
            answer = Answer(answer.status, answer.headers, answer.content, broke)
        line = self._doors.find(request.method or "", unquote(urlsplit(request.url or "").path))
        self.tally.asked.add(case.operation.label)
        self.tally.statuses[answer.status] += 1
        if answer.status < 300:
            self.tally.succeeded.add(case.operation.label)
        self._aim.learn(case, answer)
        for finding in findings(self._who, case, answer, answer.response(request), line, whole=whole):
            self.tally.note(finding, f"{request.method} {request.url} {request.body!r:.1000}")
        return answer


def _with_own(ground: Ground, who: Identity) -> list[Things]:
    """What there is, as they see it; in one place they are the user themselves."""
    own = ground.own.get(who.name) or ground.own["viewer"]
    first, *others = [{**things, **own} for things in ground.things[:-1]]
    return [{**first, "user": own["own_user"]}, *others, ground.things[-1]]


async def run(ground: Ground, roles: list[str], cases: int, number: int) -> AsyncIterator[Tally]:
    """A tally for each role, over a world of its own."""
    for role in roles:
        sender = Sender(ground, PEOPLE[role], number)
        await sender.send_all(cases)
        yield sender.tally


def _print(tally: Tally, seconds: float) -> None:
    print(*(f"{value:>13}" for value in tally.row()))
    share = tally.of_class(2) / tally.cases
    print(f"  {share:.0%} are 2xx; by status: {dict(sorted(tally.statuses.items()))}; {seconds:.0f} s")
    for finding, count in tally.found.most_common():
        print(f"  {count} × {finding.kind} {finding.operation}: {finding.what}")
    print("  never 2xx:", ", ".join(sorted(tally.asked - tally.succeeded)), flush=True)


async def _main(options: argparse.Namespace) -> int:
    wrong = 0
    with running_cluster() as postgres, tempfile.TemporaryDirectory() as home:
        prepared = await asyncio.to_thread(make_template, postgres)
        async with grounds(postgres, prepared, Path(home)) as ground:
            print(*(f"{name:>13}" for name in _HEADER))
            started = time.monotonic()
            async for tally in run(ground, options.role or list(PEOPLE), options.cases, options.seed):
                _print(tally, time.monotonic() - started)
                wrong += tally.found.total()
                started = time.monotonic()
    return 1 if wrong else 0


if __name__ == "__main__":
    gc.set_threshold(50_000, 20, 100)  # drawing makes a great many objects that die young
    parser = argparse.ArgumentParser(prog="python -m tests.schema.campaign", description=__doc__)
    parser.add_argument("--cases", type=int, default=20_000, help="at least so many of each role")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--role", action="append", choices=list(PEOPLE), help="one role; again for more; absent: all")
    raise SystemExit(asyncio.run(_main(parser.parse_args())))
