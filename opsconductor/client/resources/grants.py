"""The grants of a portal, for both clients.

Written by `python -m tests.contracts.client_source`; do not edit.
"""

from collections.abc import AsyncIterator, Iterator
from types import NoneType
from typing import Unpack

from opsconductor.client.bodies import GrantCreate, GrantsList
from opsconductor.client.calls import AsyncResource, Call, Key, Page, Resource, part
from opsconductor.client.models import GrantRead


class Grants(Resource):
    """The grants of a portal."""

    def list(self, **query: Unpack[GrantsList]) -> Iterator[GrantRead]:
        """Who has which role in which place, a page at a time.

        Args:
            **query: The fields of `GrantsList`.

        Returns:
            One after the other; the next page is fetched when it is read. `GrantRead`: A role that a user has in one
            place.

        Raises:
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._pages(Call("GET", "/grants", query=query, answer=Page[GrantRead]))

    def create(self, **body: Unpack[GrantCreate]) -> GrantRead:
        """Give a user a role in one place. Nobody gives what they do not hold there themselves.

        Args:
            **body: The fields of `GrantCreate`.

        Returns:
            `GrantRead`: A role that a user has in one place.

        Raises:
            ConflictError: The state of things is against it; the message says what.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._send(Call("POST", "/grants", body=body, answer=GrantRead))

    def delete(self, grant_id: Key) -> None:
        """Take a role in one place away; it binds at once, open connections included.

        Args:
            grant_id: Id of the grant.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
        """
        return self._send(Call("DELETE", f"/grants/{part(grant_id)}", answer=NoneType))


class AsyncGrants(AsyncResource):
    """The grants of a portal."""

    def list(self, **query: Unpack[GrantsList]) -> AsyncIterator[GrantRead]:
        """Who has which role in which place, a page at a time.

        Args:
            **query: The fields of `GrantsList`.

        Returns:
            One after the other; the next page is fetched when it is read. `GrantRead`: A role that a user has in one
            place.

        Raises:
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._pages(Call("GET", "/grants", query=query, answer=Page[GrantRead]))

    async def create(self, **body: Unpack[GrantCreate]) -> GrantRead:
        """Give a user a role in one place. Nobody gives what they do not hold there themselves.

        Args:
            **body: The fields of `GrantCreate`.

        Returns:
            `GrantRead`: A role that a user has in one place.

        Raises:
            ConflictError: The state of things is against it; the message says what.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return await self._send(Call("POST", "/grants", body=body, answer=GrantRead))

    async def delete(self, grant_id: Key) -> None:
        """Take a role in one place away; it binds at once, open connections included.

        Args:
            grant_id: Id of the grant.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
        """
        return await self._send(Call("DELETE", f"/grants/{part(grant_id)}", answer=NoneType))
