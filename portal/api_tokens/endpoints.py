"""HTTP surface of API tokens."""

from typing import Any
from uuid import UUID

from portal.audit.log import AuditDep
from portal.kit.pages import Page, PageDep
from portal.kit.problems import problems
from portal.kit.routing import Router

from . import service
from .deps import ApiTokensDep, FilterDep, InPerson, SignedIn
from .schemas import ApiTokenCreate, ApiTokenCreated, ApiTokenRead

router = Router(prefix="/tokens", tags=["tokens"])


@router.get("", response_model=Page[ApiTokenRead], responses=problems())
async def list_tokens(actor: SignedIn, tokens: ApiTokensDep, wanted: FilterDep, page: PageDep) -> dict[str, Any]:
    """Your API tokens, and everybody's for those who manage users, a page at a time."""
    return await service.list_tokens(tokens, actor, wanted, page)


@router.post("", status_code=201, responses=problems(409))
async def create_token(body: ApiTokenCreate, actor: InPerson, tokens: ApiTokensDep, audit: AuditDep) -> ApiTokenCreated:
    """Make an API token of your own. It is shown this once. A token cannot make tokens."""
    return await service.create(tokens, audit, actor, body)


@router.get("/{token_id}", responses=problems(404))
async def read_token(token_id: UUID, actor: SignedIn, tokens: ApiTokensDep) -> ApiTokenRead:
    """One API token."""
    return await service.get(tokens, actor, token_id)


@router.delete("/{token_id}", status_code=204, responses=problems(404))
async def revoke_token(token_id: UUID, actor: InPerson, tokens: ApiTokensDep, audit: AuditDep) -> None:
    """Revoke an API token; it is worth nothing from now on."""
    await service.revoke(tokens, audit, actor, token_id)
