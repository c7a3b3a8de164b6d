"""What the compiler asks of the step libraries."""

from typing import Protocol

from opsconductor.sdk.action import AnyAction


class ActionCatalogue(Protocol):
    """The actions that jobs can use; `steplib.registry.Registry` is one."""

    def find(self, ref: str) -> AnyAction | None:
        """The action of that reference."""
        ...

    def suggest(self, ref: str) -> str | None:
        """The reference that was probably meant by one that is not found."""
        ...
