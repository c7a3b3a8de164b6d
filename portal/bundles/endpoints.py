"""HTTP surface of bundles."""

from portal.jobs.deps import DeskDep, MayCreate, MayView
from portal.kit.problems import problems
from portal.kit.routing import Router

from . import exporting, importing
from .deps import SavepointsDep
from .schemas import Bundle, ExportRequest, ImportRead, ImportRequest

router = Router(prefix="/job-bundles", tags=["jobs"])


@router.post("/export", responses=problems(404))
async def export_jobs(body: ExportRequest, actor: MayView, desk: DeskDep) -> Bundle:
    """Jobs as they are now, with the templates in them, for another installation; never with a secret."""
    return await exporting.export(desk, actor, body)


@router.post("/import", responses=problems(404, 409))
async def import_jobs(body: ImportRequest, actor: MayCreate, desk: DeskDep, savepoints: SavepointsDep) -> ImportRead:
    """Keep a bundle's jobs and templates: all of them, or nothing; a dry run tells what would become of each."""
    return await importing.import_bundle(desk, savepoints, actor, body)
