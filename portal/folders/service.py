"""What can be done to folders. They are made by use, so there is nothing to create or delete."""

from collections import Counter
from collections.abc import Mapping

from opsconductor.errors import InvalidInputError, NotFoundError, Problem
from portal.audit.log import AuditLog
from portal.authz.actor import Actor
from portal.authz.permissions import Permission
from portal.authz.reach import check_job
from portal.jobs.folder import MAX_DEPTH, MAX_LENGTH, is_inside, with_parents

from .errors import FolderTakenError
from .repository import FolderRepository
from .schemas import FolderMove, FolderRead, FolderTree, MoveRead


async def read_tree(folders: FolderRepository, actor: Actor) -> FolderTree:
    """All folders that the actor may see something in, with how much that is."""
    jobs, templates = await folders.count_jobs(actor), await folders.count_templates(actor)
    jobs_below, templates_below = _below(jobs), _below(templates)
    paths = sorted(jobs_below.keys() | templates_below.keys(), key=lambda path: path.split("/") if path else [])
    return FolderTree(
        items=[
            FolderRead(
                path=path,
                parent=path.rpartition("/")[0] if path else None,
                name=path.rpartition("/")[2],
                jobs=jobs.get(path, 0),
                jobs_below=jobs_below[path],
                templates=templates.get(path, 0),
                templates_below=templates_below[path],
            )
            for path in paths
        ]
    )


async def move(folders: FolderRepository, audit: AuditLog, actor: Actor, body: FolderMove) -> MoveRead:
    """Give a folder another path. The roles that people have there go with it."""
    check_job(actor, Permission.JOBS_EDIT, body.path)
    check_job(actor, Permission.JOBS_EDIT, body.new_path)
    if is_inside(body.new_path, body.path):
        raise InvalidInputError([Problem("new_path", "must not be the folder itself, or inside it")])
    paths = await folders.lock(body.path)
    if not paths:
        raise NotFoundError("folder", body.path)
    _check_room([body.new_path + path.removeprefix(body.path) for path in paths])
    if await folders.is_used(body.new_path):
        raise FolderTakenError(body.new_path)
    moved = await folders.move(body.path, body.new_path)
    audit.record(actor, "folder.moved", "folder", body.path, new_path=body.new_path, **moved._asdict())
    return MoveRead(path=body.new_path, jobs=moved.jobs, templates=moved.templates, grants=moved.grants)


def _below(here: Mapping[str, int]) -> Counter[str]:
    """Path → how much is in it and below."""
    below = Counter[str]()
    for path, count in here.items():
        for around in (*with_parents(path), ""):
            below[around] += count
    return below


def _check_room(paths: list[str]) -> None:
    if any(len(path) > MAX_LENGTH or path.count("/") >= MAX_DEPTH for path in paths):
        message = f"would make a path below it longer than {MAX_LENGTH} characters or {MAX_DEPTH} folders"
        raise InvalidInputError([Problem("new_path", message, "choose a shorter one")])
