"""No request holds two connections to the database: many at once could use the pool up against each other."""

from pathlib import Path

from sqlalchemy.ext.asyncio import create_async_engine

from opsconductor.cli.machine.cluster import Cluster
from portal.kit.database import create_sessions, driver_url
from tests.fixtures.portal import Prepared, copied

from .rights.expectation import Cell
from .rights.identities import FIXED
from .rights.rows import ROUTES
from .rights.stage import staged

_ADMIN = next(who for who in FIXED if who.name == "admin")


def _ends(line: str) -> int:
    """What removes things, and then what ends the sign-in, comes last: here nothing is taken back."""
    return 2 if line.startswith(("POST /api/v1/auth/logout", "DELETE /api/v1/auth")) else line.startswith("DELETE")


async def test_every_route_is_content_with_one_connection(postgres: Cluster, prepared: Prepared, tmp_path: Path):
    waited: list[str] = []
    with copied(postgres, prepared) as dsn:
        async with staged(dsn, tmp_path) as stage:
            engine = create_async_engine(driver_url(dsn), pool_size=1, max_overflow=0, pool_timeout=1)
            stage.app.state.sessions = create_sessions(engine)
            for line, route in sorted(ROUTES.items(), key=lambda item: _ends(item[0])):
                status, text = await stage.ask(line, route, Cell(_ADMIN, route.places()[0]))
                if (status >= 500 or status == 401) and status not in route.answers:
                    waited.append(f"{line}: {status} {text[-300:]}")
            await engine.dispose()
    assert not waited, "\n".join(waited)
