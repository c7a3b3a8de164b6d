"""Errors of the templates module."""

from collections.abc import Sequence
from datetime import datetime

from opsconductor.errors import ConflictError


class TemplateNameTakenError(ConflictError):
    """Another template has this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"a template named {name} exists already")
        self.name = name


class TemplateChangedError(ConflictError):
    """Somebody else changed the template since it was read."""

    def __init__(self, name: str, expected: int, current: int, changed_by: str, changed_at: datetime) -> None:
        super().__init__(
            f"template {name} is at version {current} by now, not {expected}: "
            f"{changed_by} changed it at {changed_at:%Y-%m-%d %H:%M:%S} UTC; read it again"
        )
        self.name = name
        self.expected = expected
        self.current = current
        self.changed_by = changed_by
        self.changed_at = changed_at


class TemplateGoneError(ConflictError):
    """A template was deleted while a document that uses it was checked."""

    def __init__(self) -> None:
        super().__init__("a template that it uses was deleted just now; check the document again")


class TemplateInUseError(ConflictError):
    """Jobs or other templates use it as they are now."""

    def __init__(self, name: str, users: Sequence[str], hidden: int) -> None:
        more = [f"{hidden} that you cannot see"] if hidden else []
        super().__init__(f"template {name} is used by {', '.join([*users, *more])}; change those first")
        self.name = name
        self.users = users
        self.hidden = hidden
