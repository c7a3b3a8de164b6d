"""What an import would do, row by row. The dry run shows this plan; the import carries the same one out."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from opsconductor.errors import InvalidInputError, Problem
from opsconductor.sdk.selector import Facts
from portal.authz.actor import Actor
from portal.authz.permissions import Permission
from portal.credentials.models import Credential
from portal.groups.graph import GroupGraph, Node
from portal.kit.problems import location
from portal.kit.text import in_words
from portal.targets.models import Target, TargetService
from portal.targets.schemas import TargetCreate

from .formats.rows import Row
from .formats.withheld import is_secret_name
from .schemas import Action

_PLAIN = ("address", "port", "platform", "os_version", "zone", "description", "host_keys", "encoding")


@dataclass(frozen=True, slots=True)
class World:
    """What the rows are held against.

    Attributes:
        targets: Lower-case name → the target, of those that the actor may see.
        services: Target → what it offers.
        credentials: Lower-case name → the credential, of those that the actor may see.
        graph: Groups as the import leaves them.
        direct: Target → groups that it was put into.
        update_existing: Whether known targets change.
        credential: Name of the credential for those without one.
    """

    actor: Actor
    targets: Mapping[str, Target]
    services: Mapping[UUID, Sequence[TargetService]]
    credentials: Mapping[str, Credential]
    graph: GroupGraph
    direct: Mapping[UUID, Collection[UUID]]
    update_existing: bool
    credential: str | None


@dataclass(slots=True)
class PlannedRow:
    """What becomes of one row.

    Attributes:
        body: What is said of the target; None for a row that is refused before that is known.
        problems: Why it is refused.
    """

    row: Row
    action: Action = "refused"
    body: TargetCreate | None = None
    changes: list[str] = field(default_factory=list[str])
    problems: list[Problem] = field(default_factory=list[Problem])
    notes: list[str] = field(default_factory=list[str])

    def refuse(self, path: str, message: str, hint: str = "") -> None:
        """Add a reason to refuse it."""
        self.problems.append(Problem(path, message, hint, self.row.line))


def plan_rows(world: World, rows: Sequence[Row]) -> list[PlannedRow]:
    """What becomes of every row, in order."""
    planned = [_plan(world, row) for row in rows]
    first: dict[str, PlannedRow] = {}
    for one in planned:
        earlier = first.setdefault(one.row.name.lower(), one)
        if one.row.name and earlier is not one:
            where = f" on line {earlier.row.line}" if earlier.row.line else ""
            one.refuse(
                "name", f"is in this file twice, the first time{where}".rstrip(), "names differ in more than case"
            )
            one.action = "refused"
    return planned


def _plan(world: World, row: Row) -> PlannedRow:
    planned = PlannedRow(row)
    known = world.targets.get(row.name.lower())
    credential = _credential(world, planned, known)
    planned.body = _body(world, planned, known, credential)
    if planned.body is not None:
        nodes = _groups(world, planned, planned.body)
        if known is None:
            _plan_new(world, planned, planned.body, nodes)
        else:
            _plan_known(world, planned, planned.body, nodes, known)
    if planned.problems:
        planned.action = "refused"
    return planned


def _credential(world: World, planned: PlannedRow, known: Target | None) -> Credential | None:
    """Whom the target will sign in with."""
    fields = planned.row.fields
    if "credential" not in fields and (known is None or known.credential_id is None) and world.credential:
        fields["credential"] = world.credential
    name = fields.get("credential")
    if name is None and "credential" not in fields and known is not None:
        return next((row for row in world.credentials.values() if row.id == known.credential_id), None)
    if not isinstance(name, str):
        return None
    found = world.credentials.get(name.lower())
    if found is None:
        planned.refuse("credential", "there is no credential of that name", "see opsconductor credential list")
    return found


def _body(
    world: World, planned: PlannedRow, known: Target | None, credential: Credential | None
) -> TargetCreate | None:
    fields = dict(planned.row.fields)
    if known is not None:
        fields.setdefault("address", known.address)
        fields["name"] = known.name
    username = planned.row.username
    if username and (credential is None or credential.username != username):
        fields["variables"] = {**fields.get("variables", {}), "ansible_user": username}
        planned.notes.append(f"signs in as {username} there; here its credential says who signs in")
    if known is not None and "variables" in fields and isinstance(fields["variables"], dict):
        kept = {name: value for name, value in known.variables.items() if is_secret_name(name)}
        fields["variables"] = {**kept, **fields["variables"]}
    try:
        return TargetCreate.model_validate(fields)
    except ValidationError as error:
        for found in error.errors(include_input=False, include_url=False):
            planned.refuse(location(("row", *found["loc"])), *in_words(found))
    except InvalidInputError as error:
        planned.problems += [Problem(one.path, one.message, one.hint, planned.row.line) for one in error.problems]
    return None


def _groups(world: World, planned: PlannedRow, body: TargetCreate) -> list[Node]:
    found: list[Node] = []
    for name in body.groups:
        node = world.graph.find(name)
        if node is None:
            hint = "ask somebody who manages groups to make it"
            planned.refuse("groups", f"there is no group {name}", hint)
        else:
            found.append(node)
    return found


def _plan_new(world: World, planned: PlannedRow, body: TargetCreate, nodes: Sequence[Node]) -> None:
    planned.action = "create"
    groups = _membership(world, body, nodes, ())
    _check_places(world, planned, nodes, groups, ())
    if not world.actor.scope(Permission.TARGETS_CREATE).covers_target(groups):
        planned.refuse("name", f"adding it needs the permission {Permission.TARGETS_CREATE}")


def _plan_known(world: World, planned: PlannedRow, body: TargetCreate, nodes: Sequence[Node], known: Target) -> None:
    groups = _membership(world, body, nodes, world.direct.get(known.id, ()))
    entered = [node for node in nodes if node.name not in known.groups]
    planned.changes = _changes(world, body, known) + (["groups"] if entered else [])
    planned.action = "update" if planned.changes else "unchanged"
    if not planned.changes:
        return
    _check_places(world, planned, nodes, groups, known.groups)
    if not world.update_existing:
        planned.refuse("name", "a target of this name exists and differs", "let the import update existing targets")
    if not world.actor.scope(Permission.TARGETS_EDIT).covers_target(known.groups):
        planned.refuse("name", f"changing it needs the permission {Permission.TARGETS_EDIT}")
    if "groups" in body.model_fields_set:
        body.groups = sorted({*known.groups, *(node.name for node in nodes)})


def _membership(world: World, body: TargetCreate, nodes: Sequence[Node], direct: Collection[UUID]) -> list[str]:
    facts = Facts(body.name, (), body.tags, body.platform, body.zone, body.variables)
    return world.graph.membership(facts, {*direct, *(node.id for node in nodes if node.select is None)})


def _check_places(
    world: World, planned: PlannedRow, nodes: Sequence[Node], groups: Collection[str], before: Collection[str]
) -> None:
    scope = world.actor.scope(Permission.GROUPS_MANAGE)
    for node in nodes:
        if node.name not in groups:
            planned.refuse("groups", f"it cannot be put into {node.name}", f"its members are picked by `{node.select}`")
        elif (
            node.select is None and node.name not in before and not scope.covers_target(world.graph.names_from(node.id))
        ):
            planned.refuse("groups", f"putting it into {node.name} needs the permission {Permission.GROUPS_MANAGE}")


def _changes(world: World, body: TargetCreate, known: Target) -> list[str]:
    given = body.model_fields_set
    changed = [name for name in _PLAIN if name in given and getattr(body, name) != getattr(known, name)]
    if "tags" in given and set(body.tags) != set(known.tags):
        changed.append("tags")
    if "variables" in given and body.variables != known.variables:
        changed.append("variables")
    if "credential" in given and _credential_id(world, body.credential) != known.credential_id:
        changed.append("credential")
    if "services" in given and _wanted_services(world, body) != _present_services(world, known):
        changed.append("services")
    return changed


def _credential_id(world: World, name: str | None) -> UUID | None:
    found = world.credentials.get(name.lower()) if name else None
    return found.id if found else None


def _wanted_services(world: World, body: TargetCreate) -> set[tuple[Any, ...]]:
    return {
        (one.type.value, one.port, _credential_id(world, one.credential), one.secure, one.enabled)
        for one in body.services
    }


def _present_services(world: World, known: Target) -> set[tuple[Any, ...]]:
    return {
        (one.type, one.port, one.credential_id, one.secure, one.enabled) for one in world.services.get(known.id, ())
    }
