"""HTTP surface of connection tests."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from portal.jobs.deps import ActionsDep
from portal.kit.problems import problems
from portal.kit.routing import Router
from portal.runs.deps import BooksDep

from . import service
from .deps import ConnectionsDep, MayConnect, MayUse, MayView
from .schemas import ConnectionResult, ConnectionTestRead, ConnectionTestStart, CredentialTest, ResultStatus

router = Router(tags=["connections"])


@router.post("/targets/{target_id}/test", status_code=202, responses=problems(404, 503))
async def test_target(
    target_id: UUID, actor: MayConnect, connections: ConnectionsDep, books: BooksDep, actions: ActionsDep
) -> ConnectionTestRead:
    """Log in to a target, with its own credential."""
    return await service.start_one(connections, books, actions, actor, target_id)


@router.post("/credentials/{credential_id}/test", status_code=202, responses=problems(404, 409, 503))
async def test_credential(
    credential_id: UUID,
    body: CredentialTest,
    actor: MayUse,
    connections: ConnectionsDep,
    books: BooksDep,
    actions: ActionsDep,
) -> ConnectionTestRead:
    """Log in to a target with a credential that it signs in with, or that is for it; never to another host."""
    return await service.start_with(connections, books, actions, actor, credential_id, body.target_id)


@router.post("/connection-tests", status_code=202, responses=problems(503))
async def start_connection_test(
    body: ConnectionTestStart, actor: MayConnect, connections: ConnectionsDep, books: BooksDep, actions: ActionsDep
) -> ConnectionTestRead:
    """Log in to every target that a selector picks, each with its own credential."""
    return await service.start(connections, books, actions, actor, body)


@router.get("/connection-tests/{test_id}", responses=problems(404))
async def read_connection_test(test_id: UUID, actor: MayView, connections: ConnectionsDep) -> ConnectionTestRead:
    """How far a test is."""
    return await service.read(connections, actor, test_id)


@router.get("/connection-tests/{test_id}/results", responses=problems(404))
async def list_connection_results(
    test_id: UUID,
    actor: MayView,
    connections: ConnectionsDep,
    status: Annotated[ResultStatus | None, Query(description="Only targets of which this came.")] = None,
) -> list[ConnectionResult]:
    """What came of every login."""
    return await service.list_results(connections, actor, test_id, status)
