"""What the audit endpoints depend on."""

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Query
from fastapi.requests import HTTPConnection

from portal.authz.actor import Actor
from portal.authz.guard import require, require_briefly
from portal.authz.permissions import Permission
from portal.kit.database import SessionDep
from portal.kit.text import Line
from portal.kit.times import Moment

from .log import source_address
from .repository import AuditFilter, AuditRepository


def get_entries(session: SessionDep) -> AuditRepository:
    """The audit log, for reading."""
    return AuditRepository(session)


def get_filter(
    event: Annotated[Line | None, Query(description="Such as target.created; target.* for all of that noun.")] = None,
    actor_name: Annotated[Line | None, Query(description="Only what this user did.")] = None,
    subject_kind: Annotated[Line | None, Query(description="Only what was done to things of this kind.")] = None,
    subject_id: Annotated[Line | None, Query(description="Only what was done to this.")] = None,
    source: Annotated[Line | None, Query(description="Only what came from this address.")] = None,
    request_id: Annotated[Line | None, Query(description="Only what this request did.")] = None,
    q: Annotated[Line | None, Query(description="Part of a subject's key, an actor's name or the facts.")] = None,
    since: Annotated[Moment | None, Query(description="Only from this time on, with its zone.")] = None,
    until: Annotated[Moment | None, Query(description="Only before this time, with its zone.")] = None,
) -> AuditFilter:
    """Which entries to look at."""
    return AuditFilter(event, actor_name, subject_kind, subject_id, source, request_id, q, since, until)


def get_note(connection: HTTPConnection) -> Callable[..., None]:
    """Takes what a verification found, for the portal's figures."""
    return connection.app.state.metrics.note_chain


EntriesDep = Annotated[AuditRepository, Depends(get_entries)]
NoteDep = Annotated[Callable[..., None], Depends(get_note)]
FilterDep = Annotated[AuditFilter, Depends(get_filter)]
SourceDep = Annotated[str, Depends(source_address)]
MayView = Annotated[Actor, Depends(require(Permission.AUDIT_VIEW))]
MayExport = Annotated[Actor, Depends(require_briefly(Permission.AUDIT_VIEW))]
