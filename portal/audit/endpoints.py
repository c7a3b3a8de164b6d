"""HTTP surface of the audit log."""

from typing import Annotated, Any, Literal

from fastapi import Query
from fastapi.responses import StreamingResponse

from portal.kit.database import SessionsDep
from portal.kit.pages import Page, PageDep
from portal.kit.problems import problems
from portal.kit.routing import Router
from portal.kit.text import Line

from . import export, service
from .deps import EntriesDep, FilterDep, MayExport, MayView, NoteDep, SourceDep
from .schemas import AuditRead, ChainRead, EventRead

router = Router(prefix="/audit", tags=["audit"])


@router.get("", response_model=Page[AuditRead], responses=problems())
async def list_entries(actor: MayView, entries: EntriesDep, wanted: FilterDep, page: PageDep) -> dict[str, Any]:
    """Who did what, the newest first."""
    return await service.list_entries(entries, wanted, page)


@router.get("/chain", responses=problems())
async def verify_chain(
    actor: MayView,
    log: EntriesDep,
    note: NoteDep,
    entries: Annotated[int, Query(ge=0, le=2**62, description="How many there were at an earlier time.")] = 0,
    head: Annotated[Line, Query(description="Hash of the last one of them.")] = "",
) -> ChainRead:
    """Recompute the log's hash chain: was an entry changed, added or removed by hand?"""
    return await service.verify_and_note(log, entries, head, note)


@router.get("/events", responses=problems())
async def list_events(actor: MayView) -> list[EventRead]:
    """Every event that the log may hold, and what it says."""
    return service.list_events()


@router.get("/export", response_class=StreamingResponse, responses={**problems(), **export.RESPONSES})
async def export_entries(
    actor: MayExport,
    sessions: SessionsDep,
    wanted: FilterDep,
    source: SourceDep,
    form: Annotated[Literal["jsonl", "csv"], Query(alias="format", description="JSON lines, or CSV.")] = "jsonl",
) -> StreamingResponse:
    """The entries that pass the filter as a file, the oldest first, however many there are."""
    return await export.respond(sessions, actor, wanted, form, source)
