"""Everything that changing groups reads and writes."""

from dataclasses import dataclass

from portal.targets.register import Register

from .repository import GroupRepository


@dataclass(frozen=True, slots=True)
class Books:
    """Groups, and the register of targets that are in them."""

    groups: GroupRepository
    register: Register
