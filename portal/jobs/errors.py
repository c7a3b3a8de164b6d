"""Errors of the jobs module."""

from datetime import datetime

from opsconductor.errors import ConflictError


class JobNameTakenError(ConflictError):
    """Another job has this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"a job named {name} exists already")
        self.name = name


class JobChangedError(ConflictError):
    """Somebody else changed the job since it was read."""

    def __init__(self, name: str, expected: int, current: int, changed_by: str, changed_at: datetime) -> None:
        super().__init__(
            f"job {name} is at version {current} by now, not {expected}: "
            f"{changed_by} changed it at {changed_at:%Y-%m-%d %H:%M:%S} UTC; read it again"
        )
        self.name = name
        self.expected = expected
        self.current = current
        self.changed_by = changed_by
        self.changed_at = changed_at


class JobInactiveError(ConflictError):
    """The job is switched off; it starts no run."""

    def __init__(self, name: str) -> None:
        super().__init__(f"job {name} is inactive: nobody can start it until it is made active again")
        self.name = name
