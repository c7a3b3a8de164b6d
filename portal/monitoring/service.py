"""Health of targets: what is checked, and what was found."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from opsconductor.errors import InvalidInputError, NotFoundError, Problem
from portal.audit.log import AuditLog
from portal.authz.actor import Actor
from portal.authz.permissions import Permission
from portal.authz.reach import check_groups, check_targets
from portal.groups.membership import Memberships
from portal.kit.ids import now
from portal.kit.pages import PageParams, paged
from portal.targets.models import Target
from portal.targets.repository import TargetRepository

from .models import HealthCheck
from .repository import HealthRepository
from .schemas import HealthCheckRead, HealthCheckSet, HealthRead, HealthRecordRead, TargetHealthRead


@dataclass(frozen=True, slots=True)
class Watch:
    """Everything that health of targets reads and writes."""

    health: HealthRepository
    targets: TargetRepository
    groups: Memberships
    audit: AuditLog


async def read(watch: Watch, actor: Actor, target_id: UUID) -> HealthRead:
    """How a target is, and how it is checked.

    Raises:
        NotFoundError: There is no such target.
    """
    target = await _target(watch, actor, target_id)
    status = await watch.health.find_status(target_id)
    found = HealthRead(status="unknown")
    if status is not None:
        found = HealthRead.model_validate(status.model_dump(exclude={"target_id"}))
    effective = await watch.health.effective_check(target)
    if effective is not None:
        check, group = effective
        found.check = _read_check(check, f"group:{group}" if group else "target")
    return found


async def list_history(watch: Watch, actor: Actor, target_id: UUID, page: PageParams) -> dict[str, Any]:
    """What the checks of a target found, the newest first."""
    await _target(watch, actor, target_id)
    return paged(await watch.health.list_history(target_id, page), HealthRecordRead.model_validate)


async def list_statuses(watch: Watch, actor: Actor, status: str | None, sort: str, page: PageParams) -> dict[str, Any]:
    """What is known of the targets in sight that are, or were, checked."""
    found = await watch.health.list_statuses(actor, status, sort, page)
    names = await watch.health.names([row.target_id for row in found.items])
    return paged(found, lambda row: TargetHealthRead.model_validate({**row.model_dump(), "name": names[row.target_id]}))


async def set_for_target(watch: Watch, actor: Actor, target_id: UUID, body: HealthCheckSet) -> HealthCheckRead:
    """Say how a target is checked, whatever its groups say.

    Raises:
        PermissionDeniedError: It takes changing the target and connecting to it.
    """
    target = await _target(watch, actor, target_id)
    _check_target(actor, target)
    check = await watch.health.find_check(target_id=target_id)
    check = _set(watch, actor, check or HealthCheck(target_id=target_id, **_UNSET), body)
    facts = body.model_dump(mode="json")
    watch.audit.record(actor, "target.health_check_set", "target", target_id, name=target.name, **facts)
    return _read_check(check, "target")


async def remove_for_target(watch: Watch, actor: Actor, target_id: UUID) -> None:
    """Let the target's groups say how it is checked.

    Raises:
        NotFoundError: It has no check of its own.
    """
    target = await _target(watch, actor, target_id)
    _check_target(actor, target)
    check = await watch.health.find_check(target_id=target_id)
    if check is None:
        raise NotFoundError("health check of target", target.name)
    await watch.health.remove(check)
    watch.audit.record(actor, "target.health_check_removed", "target", target_id, name=target.name)


async def read_for_group(watch: Watch, actor: Actor, group_id: UUID) -> HealthCheckRead:
    """How every target of a group is checked.

    Raises:
        NotFoundError: There is no such group, or it has no check.
    """
    name = await _group(watch, actor, group_id)
    check = await watch.health.find_check(group_id=group_id)
    if check is None:
        raise NotFoundError("health check of group", name)
    return _read_check(check, f"group:{name}")


async def set_for_group(watch: Watch, actor: Actor, group_id: UUID, body: HealthCheckSet) -> HealthCheckRead:
    """Say how every target of a group is checked, those of the groups inside it included.

    Raises:
        InvalidInputError: Only a target can be left out.
        PermissionDeniedError: It takes managing the group and connecting to its targets.
    """
    if body.mode == "off":
        raise InvalidInputError([Problem("mode", "a group without a check has none", "remove it, or choose another")])
    name = await _group(watch, actor, group_id, *_TO_CHECK)
    check = await watch.health.find_check(group_id=group_id)
    check = _set(watch, actor, check or HealthCheck(group_id=group_id, **_UNSET), body)
    facts = body.model_dump(mode="json")
    watch.audit.record(actor, "group.health_check_set", "group", group_id, name=name, **facts)
    return _read_check(check, f"group:{name}")


async def remove_for_group(watch: Watch, actor: Actor, group_id: UUID) -> None:
    """Check the targets of a group no more, as far as the group goes.

    Raises:
        NotFoundError: It has no check.
    """
    name = await _group(watch, actor, group_id, *_TO_CHECK)
    check = await watch.health.find_check(group_id=group_id)
    if check is None:
        raise NotFoundError("health check of group", name)
    await watch.health.remove(check)
    watch.audit.record(actor, "group.health_check_removed", "group", group_id, name=name)


_TO_CHECK = (Permission.GROUPS_MANAGE, Permission.TARGETS_CONNECT)
_UNSET: dict[str, Any] = {"mode": "off", "interval_seconds": 300, "set_by": UUID(int=0), "set_by_name": ""}


def _set(watch: Watch, actor: Actor, check: HealthCheck, body: HealthCheckSet) -> HealthCheck:
    check.mode, check.interval_seconds = body.mode, body.interval_seconds
    check.set_by, check.set_by_name, check.updated_at = actor.user_id, actor.username, now()
    watch.health.add(check)
    return check


async def _target(watch: Watch, actor: Actor, target_id: UUID) -> Target:
    target = await watch.targets.find(actor, target_id)
    if target is None:
        raise NotFoundError("target", target_id)
    return target


def _check_target(actor: Actor, target: Target) -> None:
    for permission in (Permission.TARGETS_EDIT, Permission.TARGETS_CONNECT):
        check_targets(actor, permission, [(target.name, target.groups)])


async def _group(watch: Watch, actor: Actor, group_id: UUID, *permissions: Permission) -> str:
    """The group's name, if the actor sees it and may do this there."""
    graph = await watch.groups.graph()
    node = next((node for node in graph.order if node.id == group_id), None)
    names = graph.names_from(group_id) if node else []
    if node is None or not actor.scope(Permission.TARGETS_VIEW).covers_target(names):
        raise NotFoundError("group", group_id)
    for permission in permissions:
        check_groups(actor, permission, [(node.name, names)])
    return node.name


def _read_check(check: HealthCheck, source: str) -> HealthCheckRead:
    return HealthCheckRead(
        mode=check.mode,
        interval_seconds=check.interval_seconds,
        set_by=check.set_by_name,
        updated_at=check.updated_at,
        source=source,
    )
