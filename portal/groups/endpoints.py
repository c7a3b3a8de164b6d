"""HTTP surface of groups."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from portal.kit.pages import Page, PageDep
from portal.kit.problems import problems
from portal.kit.routing import Router
from portal.targets.schemas import TargetRead

from . import members, reading, service
from .deps import BooksDep, FilterDep, MayManage, MayView
from .schemas import GroupCreate, GroupRead, GroupUpdate, GroupUse, MembersRead, MembersUpdate, TreeRead

router = Router(prefix="/groups", tags=["groups"])


@router.get("", response_model=Page[GroupRead], responses=problems())
async def list_groups(actor: MayView, books: BooksDep, wanted: FilterDep, page: PageDep) -> dict[str, Any]:
    """Groups, a page at a time."""
    return await reading.list_groups(books, actor, wanted, page)


@router.post("", status_code=201, responses=problems(409))
async def create_group(body: GroupCreate, actor: MayManage, books: BooksDep) -> GroupRead:
    """Make a group."""
    return await service.create(books, actor, body)


@router.get("/tree", responses=problems())
async def read_tree(actor: MayView, books: BooksDep) -> TreeRead:
    """How groups are nested."""
    return await reading.get_tree(books, actor)


@router.get("/{group_id}", responses=problems(404))
async def read_group(group_id: UUID, actor: MayView, books: BooksDep) -> GroupRead:
    """One group."""
    return await reading.get(books, actor, group_id)


@router.patch("/{group_id}", responses=problems(404, 409))
async def update_group(group_id: UUID, body: GroupUpdate, actor: MayManage, books: BooksDep) -> GroupRead:
    """Change a group; what is absent stays. Another name is followed everywhere but in jobs: see `force`."""
    return await service.update(books, actor, group_id, body)


@router.delete("/{group_id}", status_code=204, responses=problems(404, 409))
async def delete_group(
    group_id: UUID,
    actor: MayManage,
    books: BooksDep,
    force: Annotated[bool, Query(description="Although grants, jobs or selectors of other groups name it.")] = False,
) -> None:
    """Remove a group; its targets and the groups inside it stay. With force, roles that people had in it go."""
    await service.delete(books, actor, group_id, force=force)


@router.get("/{group_id}/use", responses=problems(404))
async def read_use(group_id: UUID, actor: MayManage, books: BooksDep) -> GroupUse:
    """What names the group: grants, groups and jobs."""
    return await reading.get_use(books, actor, group_id)


@router.get("/{group_id}/targets", response_model=Page[TargetRead], responses=problems(404))
async def list_targets(group_id: UUID, actor: MayView, books: BooksDep, page: PageDep) -> dict[str, Any]:
    """The targets in it, those of groups inside it included."""
    return await members.list_targets(books, actor, group_id, page)


@router.patch("/{group_id}/members", responses=problems(404, 409))
async def update_members(group_id: UUID, body: MembersUpdate, actor: MayManage, books: BooksDep) -> MembersRead:
    """Put targets into a group and take others out of it."""
    return await members.update(books, actor, group_id, body)
