"""What the bindings endpoints depend on."""

from typing import Annotated

from fastapi import Depends

from portal.audit.log import AuditDep
from portal.authz.actor import Actor
from portal.authz.guard import require
from portal.authz.permissions import Permission
from portal.credentials.deps import CredentialsDep
from portal.jobs.deps import JobsDep
from portal.kit.database import SessionDep
from portal.targets.deps import TargetsDep

from .repository import BindingRepository
from .service import Books


def get_books(
    session: SessionDep, credentials: CredentialsDep, targets: TargetsDep, jobs: JobsDep, audit: AuditDep
) -> Books:
    """Everything that binding a credential reads and writes."""
    return Books(credentials, BindingRepository(session), targets, jobs, audit)


BooksDep = Annotated[Books, Depends(get_books)]
MayUse = Annotated[Actor, Depends(require(Permission.CREDENTIALS_USE))]
MayViewTargets = Annotated[Actor, Depends(require(Permission.TARGETS_VIEW))]
