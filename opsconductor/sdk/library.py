"""Libraries: named, versioned sets of actions, as an entry point hands them over."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from opsconductor.errors import ActionDefinitionError

from .action import AnyAction

SDK_VERSION = "1.0.0"
"""Version of `opsconductor.sdk`; a library's `requires_sdk` is held against it."""

_TEMPLATES = "template"
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-[0-9A-Za-z.-]+)?")


@dataclass(frozen=True, slots=True)
class Library:
    """A set of actions under one name and version; taking an action gives it its reference.

    Attributes:
        name: How jobs name it, such as `linux`.
        version: Semantic version; its major part is the `@major` of references.
        requires_sdk: Versions of the SDK it works with, such as `>=1,<2`.
        actions: Its actions.
        summary: One sentence about it.
        author: Who wrote it.
        licence: SPDX expression.
        homepage: Where to read more.
        categories: Words to find it by.
    """

    name: str
    version: str
    requires_sdk: str
    actions: tuple[AnyAction, ...]
    summary: str = ""
    author: str = ""
    licence: str = ""
    homepage: str = ""
    categories: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ActionDefinitionError(f"library {self.name}: its name is one noun in lower case")
        if self.name == _TEMPLATES:
            raise ActionDefinitionError("a library cannot be named template: `template/…` are steps kept in the portal")
        if not _VERSION.fullmatch(self.version):
            raise ActionDefinitionError(f"library {self.name}: its version is semantic, such as `1.0.0`")
        if twice := _first_repeated(action.name for action in self.actions):
            raise ActionDefinitionError(f"library {self.name}: two actions are named {twice}; rename one")
        for action in self.actions:
            if action.library_version:
                raise ActionDefinitionError(f"library {self.name}: {action.ref} belongs to another library")
        for action in self.actions:
            action.ref = f"{self.name}/{action.name}@{self.major}"
            action.library_version = self.version

    @property
    def major(self) -> int:
        """The `@major` in references to its actions."""
        return int(self.version.split(".", 1)[0])


def _first_repeated(names: Iterable[str]) -> str | None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            return name
        seen.add(name)
    return None
