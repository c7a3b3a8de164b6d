"""A sample of the campaign: the matrix notices guards and checks that are gone."""

import random
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from opsconductor.cli.machine.cluster import Cluster
from tests.contracts.rights.stage import Stage, staged
from tests.fixtures.portal import Prepared, copied

from .campaign import all_mutants, run

pytestmark = pytest.mark.asyncio(loop_scope="module")
_SEED = 20_261_126
_NOTICED_ELSEWHERE = {
    # The matrix sets no credential on a target: its bodies would need the names of things in three places.
    "no check_credentials(actor, Permission.CREDENTIALS_USE, [(row.id, row.name) for row in rows])":
        "tests/integration/portal/test_credential_bindings.py::test_who_may_not_use_a_credential_sets_it_on_no_target",
}  # fmt: skip
"""What is gone → the test that fails then."""
_KNOWN_KINDS = ("its permission is not asked for", "nobody is asked who they are", "no check_", "no in_", "the weaker")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(
    postgres: Cluster, prepared: Prepared, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Stage]:
    with copied(postgres, prepared) as dsn:
        async with staged(dsn, tmp_path_factory.mktemp("home")) as made:
            yield made


@pytest.mark.parametrize("kind", _KNOWN_KINDS)
async def test_the_matrix_notices_what_is_gone(stage: Stage, kind: str):
    mutants = [mutant for mutant in all_mutants(stage) if kind in mutant.what and "portal/runs" not in mutant.what]
    chosen = random.Random(_SEED).sample(mutants, 3)
    survivors = [verdict.mutant.what for verdict in await run(stage, chosen) if verdict.noticed is None]
    assert not [what for what in survivors if not any(what.endswith(known) for known in _NOTICED_ELSEWHERE)]
