"""HTTP surface of bindings: what targets sign in with."""

from uuid import UUID

from portal.kit.problems import problems
from portal.kit.routing import Router

from . import service
from .deps import BooksDep, MayUse, MayViewTargets
from .schemas import BindingRead, Place, TargetCredentialRead

router = Router(tags=["credentials"])


@router.put("/credentials/{credential_id}/bindings/{place}/{place_id}", responses=problems(404, 409))
async def bind_credential(
    credential_id: UUID, place: Place, place_id: UUID, actor: MayUse, books: BooksDep
) -> BindingRead:
    """Bind a credential to a target, a group or a job, in place of what was bound there."""
    return await service.bind(books, actor, credential_id, place, place_id)


@router.delete(
    "/credentials/{credential_id}/bindings/{place}/{place_id}", status_code=204, responses=problems(404, 409)
)
async def unbind_credential(credential_id: UUID, place: Place, place_id: UUID, actor: MayUse, books: BooksDep) -> None:
    """Take a credential away from a target, a group or a job."""
    await service.unbind(books, actor, credential_id, place, place_id)


@router.get("/targets/{target_id}/credential", responses=problems(404))
async def explain_credential(
    target_id: UUID, actor: MayViewTargets, books: BooksDep, job_id: UUID | None = None
) -> TargetCredentialRead:
    """Which credential a target signs in with, and why: its own, its nearest group's, or the job's."""
    return await service.explain(books, actor, target_id, job_id)
