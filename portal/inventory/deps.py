"""What the inventory endpoints depend on."""

from typing import Annotated

from fastapi import Depends

from portal.kit.database import SessionDep

from .repository import InventoryRepository


def get_inventory(session: SessionDep) -> InventoryRepository:
    """Whole targets, many at once."""
    return InventoryRepository(session)


InventoryDep = Annotated[InventoryRepository, Depends(get_inventory)]
