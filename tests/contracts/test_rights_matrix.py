"""Every route × identity × place, called for real. A new route is one line in `tests/contracts/rights/rows/`."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from opsconductor.cli.machine.cluster import Cluster
from portal.authz.guard import route_table
from tests.fixtures.portal import Prepared, copied

from .rights.expectation import cells
from .rights.rows import ROUTES, hint
from .rights.stage import Stage, staged

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(
    postgres: Cluster, prepared: Prepared, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Stage]:
    with copied(postgres, prepared) as dsn:
        async with staged(dsn, tmp_path_factory.mktemp("home")) as made:
            yield made


async def test_every_route_has_a_line(stage: Stage):
    served = {f"{method} {path}" for method, path, _ in route_table(stage.app)}
    described = {
        f"{method.upper()} {path}" for path, methods in stage.app.openapi()["paths"].items() for method in methods
    }
    missing = sorted((served | described) - ROUTES.keys())
    assert not missing, hint(missing)
    assert not ROUTES.keys() - served, "lines of routes that are gone"


@pytest.mark.parametrize("line", ROUTES)
async def test_answers_as_its_line_promises(stage: Stage, line: str):
    wrong = await stage.wrong(line)
    assert not wrong, "\n".join([f"{len(wrong)} of {len(cells(ROUTES[line]))} cells are wrong:", *wrong])
