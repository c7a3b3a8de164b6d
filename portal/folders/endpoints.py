"""HTTP surface of job folders."""

from portal.audit.log import AuditDep
from portal.kit.problems import problems
from portal.kit.routing import Router

from . import service
from .deps import FoldersDep, MayEdit, MayView
from .schemas import FolderMove, FolderTree, MoveRead

router = Router(prefix="/job-folders", tags=["jobs"])


@router.get("", responses=problems())
async def read_folders(actor: MayView, folders: FoldersDep) -> FolderTree:
    """The tree of folders, each before those below it."""
    return await service.read_tree(folders, actor)


@router.post("/move", responses=problems(404, 409))
async def move_folder(body: FolderMove, actor: MayEdit, folders: FoldersDep, audit: AuditDep) -> MoveRead:
    """Rename a folder or put it elsewhere, with everything below it."""
    return await service.move(folders, audit, actor, body)
