"""Errors of the roles module."""

from collections.abc import Sequence

from opsconductor.errors import ConflictError


class RoleNameTakenError(ConflictError):
    """Another role has this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"a role named {name} exists already")
        self.name = name


class BuiltInRoleError(ConflictError):
    """The built-in roles are the same everywhere."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is built in and stays as it is; make a role of your own instead")
        self.name = name


class RoleNamedError(ConflictError):
    """The portal's settings name the role."""

    def __init__(self, name: str, settings: Sequence[str]) -> None:
        super().__init__(f"role {name} is named by the portal's settings ({', '.join(settings)}); change them first")
        self.name = name
        self.settings = tuple(settings)


class RoleInUseError(ConflictError):
    """Somebody has the role."""

    def __init__(self, name: str, users: int, grants: int) -> None:
        super().__init__(
            f"role {name} is the role of {users} users and is granted {grants} times; give these another role first"
        )
        self.name = name
        self.users = users
        self.grants = grants
