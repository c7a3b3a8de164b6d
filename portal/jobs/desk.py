"""Everything that changing a job reads and writes."""

from dataclasses import dataclass

from flows.compiler import ActionCatalogue
from portal.audit.log import AuditLog
from portal.kit.wakeup import Wakeup
from portal.templates.repository import TemplateRepository

from .repository import JobRepository
from .surroundings import SurroundingsRepository


@dataclass(frozen=True, slots=True)
class Desk:
    """Where jobs are written.

    Attributes:
        actions: What their documents may use.
        wakeup: Tells the upkeep that Prefect has something to learn.
    """

    jobs: JobRepository
    templates: TemplateRepository
    surroundings: SurroundingsRepository
    actions: ActionCatalogue
    audit: AuditLog
    wakeup: Wakeup
