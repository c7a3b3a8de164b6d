"""Errors of the jobs module."""

from opsconductor.errors import ConflictError


class JobNameTakenError(ConflictError):
    """Another job has this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"a job named {name} exists already")
        self.name = name


class JobChangedError(ConflictError):
    """Somebody else changed the job since it was read."""

    def __init__(self, name: str, expected: int, current: int) -> None:
        super().__init__(f"job {name} is at version {current} by now, not {expected}; read it again")
        self.name = name
        self.expected = expected
        self.current = current
