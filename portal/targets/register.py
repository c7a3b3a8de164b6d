"""Everything that changing targets reads and writes."""

from dataclasses import dataclass

from portal.audit.log import AuditLog
from portal.credentials.repository import CredentialRepository
from portal.groups.membership import Memberships

from .repository import TargetRepository


@dataclass(frozen=True, slots=True)
class Register:
    """Targets, the groups they are in, the credentials they name, and the record of changes."""

    targets: TargetRepository
    groups: Memberships
    credentials: CredentialRepository
    audit: AuditLog
