"""What the audit endpoints depend on."""

from typing import Annotated

from fastapi import Depends

from portal.kit.database import SessionDep

from .repository import AuditRepository


def get_entries(session: SessionDep) -> AuditRepository:
    """The audit log, for reading."""
    return AuditRepository(session)


EntriesDep = Annotated[AuditRepository, Depends(get_entries)]
