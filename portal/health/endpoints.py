"""Whether this portal lives, and whether it can do its work."""

from fastapi import Depends, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST

from portal.authz.guard import public
from portal.gateway import GatewayDep
from portal.kit.database import SessionsDep
from portal.kit.problems import problems
from portal.kit.routing import Router

from . import service
from .deps import EngineDep, RegistryDep
from .schemas import Health

router = Router(tags=["health"], dependencies=[Depends(public)])


@router.get("/health", responses=problems(503))
async def health(sessions: SessionsDep, gateway: GatewayDep, connection: Request, response: Response) -> Health:
    """Every part of this portal and what it needs, for people and dashboards."""
    found = await service.check_all(sessions, gateway, connection.app.state)
    if found.status == "failed":
        response.status_code = 503
    return found


@router.get("/health/live")
async def live() -> Health:
    """The process answers."""
    return Health(status="ok")


@router.get("/health/ready", responses=problems(503))
async def ready(sessions: SessionsDep, gateway: GatewayDep, response: Response) -> Health:
    """The database answers; runs can be recorded. Prefect away is said, and waited for."""
    health = await service.check(sessions, gateway)
    if health.status == "failed":
        response.status_code = 503
    return health


@router.get("/metrics", response_class=Response)
async def metrics(engine: EngineDep, registry: RegistryDep) -> Response:
    """Figures for Prometheus."""
    return Response(await service.render_metrics(engine, registry), media_type=CONTENT_TYPE_LATEST)
