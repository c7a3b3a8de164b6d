"""Exporting targets, never a secret."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from portal.authz.actor import Actor
from portal.credentials.models import Credential
from portal.groups.graph import GroupGraph
from portal.targets.models import Target, TargetService
from portal.targets.register import Register
from portal.targets.schemas import TargetCreate
from portal.targets.selection import picked_by

from .formats import FORMATS, FormatName
from .formats.rows import Export, Exported
from .formats.withheld import without_secrets
from .repository import InventoryRepository

_LEFT_OUT = ("credential", "groups", "services", "variables")
_DEFAULTS = {
    name: value.get_default(call_default_factory=True)
    for name, value in TargetCreate.model_fields.items()
    if name not in (*_LEFT_OUT, "name", "address")
}


async def export_inventory(
    repository: InventoryRepository, register: Register, actor: Actor, format_: FormatName, select: str
) -> str:
    """The targets that a selector picks, as the text of a file.

    Variables that hold secrets are left out, and so are credentials that the actor may not see.

    Raises:
        InvalidInputError: The selector is refused.
    """
    condition = await picked_by(register.targets, actor, select)
    targets = await repository.list_targets(actor, condition)
    ids = [target.id for target in targets]
    services = await register.targets.services_of(ids)
    credentials = {row.id: row for row in (await repository.list_credentials(actor)).values()}
    graph = await register.groups.graph()
    direct = await register.groups.direct(ids)
    exported = [
        _exported(target, services.get(target.id, ()), credentials, _names(graph, direct.get(target.id, ())))
        for target in targets
    ]
    register.audit.record(
        actor, "inventory.exported", "target", "", format=format_, select=select, targets=len(exported)
    )
    return FORMATS[format_].write(Export(exported, _parents(graph, exported)))


def _exported(
    target: Target, services: Sequence[TargetService], credentials: Mapping[UUID, Credential], groups: list[str]
) -> Exported:
    fields: dict[str, Any] = {"name": target.name, "address": target.address}
    fields |= {name: value for name, default in _DEFAULTS.items() if (value := getattr(target, name)) != default}
    credential = credentials.get(target.credential_id) if target.credential_id else None
    variables, _ = without_secrets(target.variables)
    told = {
        "groups": groups,
        "credential": credential.name if credential else None,
        "variables": variables,
        "services": [_service(service, credentials) for service in services],
    }
    fields |= {name: value for name, value in told.items() if value}
    username = credential.username if credential and "ansible_user" not in variables else ""
    return Exported(fields, username)


def _service(service: TargetService, credentials: Mapping[UUID, Credential]) -> dict[str, Any]:
    credential = credentials.get(service.credential_id) if service.credential_id else None
    told: dict[str, Any] = {"type": service.type, "port": service.port, "secure": service.secure}
    if not service.enabled:
        told["enabled"] = False
    return {**told, **({"credential": credential.name} if credential else {})}


def _names(graph: GroupGraph, ids: Any) -> list[str]:
    return sorted(graph.get(key).name for key in ids)


def _parents(graph: GroupGraph, targets: Sequence[Exported]) -> dict[str, list[str]]:
    """Every group of these targets and those above them, each with the groups right above it."""
    waiting = {name for target in targets for name in target.fields.get("groups", ())}
    found: dict[str, list[str]] = {}
    while waiting:
        name = waiting.pop()
        node = graph.find(name)
        found[name] = sorted(graph.get(key).name for key in node.parents) if node else []
        waiting |= set(found[name]) - found.keys()
    return found
