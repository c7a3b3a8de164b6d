"""The roles of a portal, for both clients.

Written by `python -m tests.contracts.client_source`; do not edit.
"""

from collections.abc import AsyncIterator, Iterator, Sequence
from types import NoneType
from typing import Unpack

from opsconductor.client.bodies import RoleCreate, RolesList, RoleUpdate
from opsconductor.client.calls import AsyncResource, Call, Key, Page, Resource, part
from opsconductor.client.models import PermissionRead, RoleRead


class Roles(Resource):
    """The roles of a portal."""

    def list(self, **query: Unpack[RolesList]) -> Iterator[RoleRead]:
        """Roles, a page at a time.

        Args:
            **query: The fields of `RolesList`.

        Returns:
            One after the other; the next page is fetched when it is read. `RoleRead`: A role.

        Raises:
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._pages(Call("GET", "/roles", query=query, answer=Page[RoleRead]))

    def create(self, **body: Unpack[RoleCreate]) -> RoleRead:
        """Make a role. Nobody gives what they do not hold themselves.

        Args:
            **body: The fields of `RoleCreate`.

        Returns:
            `RoleRead`: A role.

        Raises:
            ConflictError: The state of things is against it; the message says what.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._send(Call("POST", "/roles", body=body, answer=RoleRead))

    def get(self, role_id: Key) -> RoleRead:
        """One role.

        Args:
            role_id: Id of the role.

        Returns:
            `RoleRead`: A role.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
        """
        return self._send(Call("GET", f"/roles/{part(role_id)}", answer=RoleRead))

    def update(self, role_id: Key, **body: Unpack[RoleUpdate]) -> RoleRead:
        """Change a role; it binds everybody who has it at once. The built-in ones stay as they are.

        Args:
            role_id: Id of the role.
            **body: The fields of `RoleUpdate`.

        Returns:
            `RoleRead`: A role.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            ConflictError: The state of things is against it; the message says what.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._send(Call("PATCH", f"/roles/{part(role_id)}", body=body, answer=RoleRead))

    def delete(self, role_id: Key) -> None:
        """Remove a role that nobody has.

        Args:
            role_id: Id of the role.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            ConflictError: The state of things is against it; the message says what.
        """
        return self._send(Call("DELETE", f"/roles/{part(role_id)}", answer=NoneType))

    def permissions(self) -> Sequence[PermissionRead]:
        """Everything that can be permitted, and where a grant can give it.

        Returns:
            `PermissionRead`: A permission.
        """
        return self._send(Call("GET", "/permissions", answer=list[PermissionRead]))


class AsyncRoles(AsyncResource):
    """The roles of a portal."""

    def list(self, **query: Unpack[RolesList]) -> AsyncIterator[RoleRead]:
        """Roles, a page at a time.

        Args:
            **query: The fields of `RolesList`.

        Returns:
            One after the other; the next page is fetched when it is read. `RoleRead`: A role.

        Raises:
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._pages(Call("GET", "/roles", query=query, answer=Page[RoleRead]))

    async def create(self, **body: Unpack[RoleCreate]) -> RoleRead:
        """Make a role. Nobody gives what they do not hold themselves.

        Args:
            **body: The fields of `RoleCreate`.

        Returns:
            `RoleRead`: A role.

        Raises:
            ConflictError: The state of things is against it; the message says what.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return await self._send(Call("POST", "/roles", body=body, answer=RoleRead))

    async def get(self, role_id: Key) -> RoleRead:
        """One role.

        Args:
            role_id: Id of the role.

        Returns:
            `RoleRead`: A role.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
        """
        return await self._send(Call("GET", f"/roles/{part(role_id)}", answer=RoleRead))

    async def update(self, role_id: Key, **body: Unpack[RoleUpdate]) -> RoleRead:
        """Change a role; it binds everybody who has it at once. The built-in ones stay as they are.

        Args:
            role_id: Id of the role.
            **body: The fields of `RoleUpdate`.

        Returns:
            `RoleRead`: A role.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            ConflictError: The state of things is against it; the message says what.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return await self._send(Call("PATCH", f"/roles/{part(role_id)}", body=body, answer=RoleRead))

    async def delete(self, role_id: Key) -> None:
        """Remove a role that nobody has.

        Args:
            role_id: Id of the role.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            ConflictError: The state of things is against it; the message says what.
        """
        return await self._send(Call("DELETE", f"/roles/{part(role_id)}", answer=NoneType))

    async def permissions(self) -> Sequence[PermissionRead]:
        """Everything that can be permitted, and where a grant can give it.

        Returns:
            `PermissionRead`: A permission.
        """
        return await self._send(Call("GET", "/permissions", answer=list[PermissionRead]))
