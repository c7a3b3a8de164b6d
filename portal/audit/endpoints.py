"""HTTP surface of the audit log."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from portal.authz.actor import Actor
from portal.authz.guard import require
from portal.authz.permissions import Permission
from portal.kit.pages import Page, PageDep
from portal.kit.problems import problems
from portal.kit.text import Line

from . import service
from .deps import EntriesDep
from .repository import AuditFilter
from .schemas import AuditRead, ChainRead

router = APIRouter(prefix="/audit", tags=["audit"])
MayView = Annotated[Actor, Depends(require(Permission.AUDIT_VIEW))]


@router.get("", response_model=Page[AuditRead], responses=problems())
async def list_entries(
    actor: MayView,
    entries: EntriesDep,
    page: PageDep,
    event: Annotated[Line | None, Query(description="Such as target.created.")] = None,
    actor_name: Annotated[Line | None, Query(description="Only what this user did.")] = None,
    subject_id: Annotated[Line | None, Query(description="Only what was done to this.")] = None,
) -> dict[str, Any]:
    """Who did what, the newest first."""
    return await service.list_entries(entries, AuditFilter(event, actor_name, subject_id), page)


@router.get("/chain", responses=problems())
async def verify_chain(actor: MayView, entries: EntriesDep) -> ChainRead:
    """Recompute the log's hash chain: was an entry changed, added or removed by hand?"""
    return await service.verify(entries)
