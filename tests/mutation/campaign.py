"""Runs mutants against the rights matrix."""

from collections.abc import Iterable
from dataclasses import dataclass

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


async def run(stage: Stage, mutants: Iterable[Mutant]) -> list[Verdict]:
    """Each mutant in turn, until some cell notices it."""
    return [Verdict(mutant, await _noticed(stage, mutant)) for mutant in mutants]


async def _noticed(stage: Stage, mutant: Mutant) -> str | None:
    with mutant():
        for line in mutant.lines:
            if line in ROUTES:
                async for mistake in stage.mistakes(line):
                    return mistake
    return None
