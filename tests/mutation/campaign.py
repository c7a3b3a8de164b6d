"""Runs mutants against the rights matrix."""

from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, replace

from tests.contracts.rights.rows import ROUTES
from tests.contracts.rights.stage import Stage

from .checks import check_mutants
from .doors import Mutant, door_mutants


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a mutant: the first cell that noticed it, or None."""

    mutant: Mutant
    noticed: str | None


def all_mutants(stage: Stage) -> list[Mutant]:
    """Every mutant, in an order that does not change."""
    return [*door_mutants(stage.app), *check_mutants(list(ROUTES))]


def narrowed(mutants: Iterable[Mutant], entered: Mapping[str, list[str]]) -> list[Mutant]:
    """The mutants with only those routes that enter what they change."""
    return [
        mutant if mutant.function is None else replace(mutant, lines=_nearest(mutant, entered.get(mutant.function, [])))
        for mutant in mutants
    ]


def _nearest(mutant: Mutant, lines: list[str]) -> tuple[str, ...]:
    """The cheapest first, but those of the same room before all others."""
    room = (mutant.function or "").split("/")[1]
    return tuple(sorted(lines, key=lambda line: f"/{room}" not in line))


async def run(stage: Stage, mutants: Iterable[Mutant]) -> AsyncIterator[Verdict]:
    """Each mutant in turn, until some cell notices it."""
    for mutant in mutants:
        yield Verdict(mutant, await _noticed(stage, mutant))


async def _noticed(stage: Stage, mutant: Mutant) -> str | None:
    with mutant():
        for line in mutant.lines:
            if line in ROUTES:
                async for mistake in stage.mistakes(line):
                    return mistake
    return None
