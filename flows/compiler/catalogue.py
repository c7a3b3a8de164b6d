"""What the compiler asks of the step libraries and of the templates."""

from dataclasses import dataclass
from typing import Protocol

from opsconductor.sdk.action import AnyAction
from opsconductor.sdk.job import TemplateDocument


class ActionCatalogue(Protocol):
    """The actions that jobs can use; `steplib.registry.Registry` is one."""

    def find(self, ref: str) -> AnyAction | None:
        """The action of that reference."""
        ...

    def suggest(self, ref: str) -> str | None:
        """The reference that was probably meant by one that is not found."""
        ...


class TemplateCatalogue(Protocol):
    """The templates that jobs can use, given as data."""

    def find(self, ref: str) -> TemplateDocument | None:
        """The version of a template that a reference names."""
        ...

    def suggest(self, ref: str) -> str | None:
        """The reference that was probably meant by one that is not found."""
        ...


@dataclass(frozen=True, slots=True)
class NoTemplates:
    """A catalogue without templates, for documents that stand alone."""

    def find(self, ref: str) -> TemplateDocument | None:
        """None."""
        return None

    def suggest(self, ref: str) -> str | None:
        """None."""
        return None
