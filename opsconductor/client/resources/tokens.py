"""The tokens of a portal, for both clients.

Written by `python -m tests.contracts.client_source`; do not edit.
"""

from collections.abc import AsyncIterator, Iterator
from types import NoneType
from typing import Unpack

from opsconductor.client.bodies import ApiTokenCreate, TokensList
from opsconductor.client.calls import AsyncResource, Call, Key, Page, Resource, part
from opsconductor.client.models import ApiTokenCreated, ApiTokenRead


class Tokens(Resource):
    """The tokens of a portal."""

    def list(self, **query: Unpack[TokensList]) -> Iterator[ApiTokenRead]:
        """Your API tokens, and everybody's for those who manage users, a page at a time.

        Args:
            **query: The fields of `TokensList`.

        Returns:
            One after the other; the next page is fetched when it is read. `ApiTokenRead`: A token, without itself.

        Raises:
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._pages(Call("GET", "/tokens", query=query, answer=Page[ApiTokenRead]))

    def create(self, **body: Unpack[ApiTokenCreate]) -> ApiTokenCreated:
        """Make an API token of your own. It is shown this once. A token cannot make tokens.

        Args:
            **body: The fields of `ApiTokenCreate`.

        Returns:
            `ApiTokenCreated`: A new token; it is shown this once.

        Raises:
            ConflictError: The state of things is against it; the message says what.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._send(Call("POST", "/tokens", body=body, answer=ApiTokenCreated))

    def get(self, token_id: Key) -> ApiTokenRead:
        """One API token.

        Args:
            token_id: Id of the token.

        Returns:
            `ApiTokenRead`: A token, without itself.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
        """
        return self._send(Call("GET", f"/tokens/{part(token_id)}", answer=ApiTokenRead))

    def delete(self, token_id: Key) -> None:
        """Revoke an API token; it is worth nothing from now on.

        Args:
            token_id: Id of the token.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
        """
        return self._send(Call("DELETE", f"/tokens/{part(token_id)}", answer=NoneType))


class AsyncTokens(AsyncResource):
    """The tokens of a portal."""

    def list(self, **query: Unpack[TokensList]) -> AsyncIterator[ApiTokenRead]:
        """Your API tokens, and everybody's for those who manage users, a page at a time.

        Args:
            **query: The fields of `TokensList`.

        Returns:
            One after the other; the next page is fetched when it is read. `ApiTokenRead`: A token, without itself.

        Raises:
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._pages(Call("GET", "/tokens", query=query, answer=Page[ApiTokenRead]))

    async def create(self, **body: Unpack[ApiTokenCreate]) -> ApiTokenCreated:
        """Make an API token of your own. It is shown this once. A token cannot make tokens.

        Args:
            **body: The fields of `ApiTokenCreate`.

        Returns:
            `ApiTokenCreated`: A new token; it is shown this once.

        Raises:
            ConflictError: The state of things is against it; the message says what.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return await self._send(Call("POST", "/tokens", body=body, answer=ApiTokenCreated))

    async def get(self, token_id: Key) -> ApiTokenRead:
        """One API token.

        Args:
            token_id: Id of the token.

        Returns:
            `ApiTokenRead`: A token, without itself.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
        """
        return await self._send(Call("GET", f"/tokens/{part(token_id)}", answer=ApiTokenRead))

    async def delete(self, token_id: Key) -> None:
        """Revoke an API token; it is worth nothing from now on.

        Args:
            token_id: Id of the token.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
        """
        return await self._send(Call("DELETE", f"/tokens/{part(token_id)}", answer=NoneType))
