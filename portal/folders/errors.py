"""Errors of the folders module."""

from opsconductor.errors import ConflictError


class FolderTakenError(ConflictError):
    """Something is in that folder, or somebody has a role there: moving another one onto it would mix them."""

    def __init__(self, path: str) -> None:
        super().__init__(f"the folder {path} is in use; choose another path, or move the jobs one by one")
        self.path = path
