"""What targets offer on their ports."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from .models import Target, TargetService
from .register import Register
from .schemas import ServiceRead, ServiceWrite


async def set_services(
    register: Register,
    wanted: Mapping[UUID, tuple[Target, Sequence[ServiceWrite]]],
    credential_ids: Mapping[str, UUID],
) -> None:
    """Make these the services of each target; one that stays keeps its key and what the last check found."""
    present = await register.targets.services_of(wanted.keys())
    dropped: list[TargetService] = []
    for target, services in wanted.values():
        known = {(service.type, service.port): service for service in present.get(target.id, [])}
        for service in services:
            kept = known.pop((service.type.value, service.port), None) or TargetService(
                target_id=target.id, type=service.type.value, port=service.port
            )
            kept.credential_id = credential_ids.get(service.credential or "")
            kept.secure, kept.enabled = service.secure, service.enabled
            register.targets.add(kept)
        dropped += known.values()
    await register.targets.drop_services(dropped)


def read_services(services: Sequence[TargetService], names: Mapping[UUID, str]) -> list[ServiceRead]:
    """Services as answers show them."""
    found: list[ServiceRead] = []
    for service in services:
        read = ServiceRead.model_validate(service)
        read.credential = names.get(service.credential_id) if service.credential_id else None
        found.append(read)
    return found
