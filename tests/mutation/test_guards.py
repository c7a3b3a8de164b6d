"""A sample of the campaign: the matrix notices guards and checks that are gone."""

import random
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from opsconductor.cli.machine.cluster import Cluster
from tests.contracts.rights.stage import Stage, staged
from tests.fixtures.portal import Prepared, copied

from .campaign import all_mutants, run
from .elsewhere import BACKED, ELSEWHERE, EQUIVALENT

pytestmark = pytest.mark.asyncio(loop_scope="module")
_SEED = 20_261_126
_DOORS = ("its permission is not asked for", "nobody is asked who they are")
_KNOWN_KINDS = (*_DOORS, "no check_", "no in_", "the weaker")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(
    postgres: Cluster, prepared: Prepared, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Stage]:
    with copied(postgres, prepared) as dsn:
        async with staged(dsn, tmp_path_factory.mktemp("home")) as made:
            yield made


@pytest.mark.parametrize("kind", _KNOWN_KINDS)
async def test_the_matrix_notices_what_is_gone(stage: Stage, kind: str):
    for_others = BACKED.keys() | ELSEWHERE.keys() | EQUIVALENT.keys()
    mutants = [one for one in all_mutants(stage) if kind in one.what and one.what not in for_others]
    chosen = random.Random(_SEED).sample(mutants, 3 if kind in _DOORS else 1)
    survivors = [verdict.mutant.what async for verdict in run(stage, chosen) if verdict.noticed is None]
    assert not survivors


async def test_what_others_notice_is_named_as_it_is(stage: Stage):
    named = BACKED.keys() | set(BACKED.values()) | ELSEWHERE.keys() | EQUIVALENT.keys()
    assert named <= {mutant.what for mutant in all_mutants(stage)}
