"""The sessions of a portal, for both clients.

Written by `python -m tests.contracts.client_source`; do not edit.
"""

from collections.abc import AsyncIterator, Iterator
from types import NoneType
from typing import Unpack

from opsconductor.client.bodies import SessionsDeleteAll, SessionsList
from opsconductor.client.calls import AsyncResource, Call, Key, Page, Resource, part
from opsconductor.client.models import SessionRead, SignedOutRead


class Sessions(Resource):
    """The sessions of a portal."""

    def list(self, **query: Unpack[SessionsList]) -> Iterator[SessionRead]:
        """One's own sign-ins that still hold, the newest first.

        Args:
            **query: The fields of `SessionsList`.

        Returns:
            One after the other; the next page is fetched when it is read. `SessionRead`: A sign-in that still holds.

        Raises:
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._pages(Call("GET", "/auth/sessions", query=query, answer=Page[SessionRead]))

    def delete(self, session_id: Key) -> None:
        """End one of one's own sign-ins, such as that of a lost laptop.

        Args:
            session_id: Id of the session.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
        """
        return self._send(Call("DELETE", f"/auth/sessions/{part(session_id)}", answer=NoneType))

    def delete_all(self, **query: Unpack[SessionsDeleteAll]) -> SignedOutRead:
        """End one's own sign-ins: all others, or all.

        Args:
            **query: The fields of `SessionsDeleteAll`.

        Returns:
            `SignedOutRead`: How many sign-ins were ended.

        Raises:
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._send(Call("DELETE", "/auth/sessions", query=query, answer=SignedOutRead))


class AsyncSessions(AsyncResource):
    """The sessions of a portal."""

    def list(self, **query: Unpack[SessionsList]) -> AsyncIterator[SessionRead]:
        """One's own sign-ins that still hold, the newest first.

        Args:
            **query: The fields of `SessionsList`.

        Returns:
            One after the other; the next page is fetched when it is read. `SessionRead`: A sign-in that still holds.

        Raises:
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._pages(Call("GET", "/auth/sessions", query=query, answer=Page[SessionRead]))

    async def delete(self, session_id: Key) -> None:
        """End one of one's own sign-ins, such as that of a lost laptop.

        Args:
            session_id: Id of the session.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
        """
        return await self._send(Call("DELETE", f"/auth/sessions/{part(session_id)}", answer=NoneType))

    async def delete_all(self, **query: Unpack[SessionsDeleteAll]) -> SignedOutRead:
        """End one's own sign-ins: all others, or all.

        Args:
            **query: The fields of `SessionsDeleteAll`.

        Returns:
            `SignedOutRead`: How many sign-ins were ended.

        Raises:
            InvalidInputError: Values are refused; `problems` names each.
        """
        return await self._send(Call("DELETE", "/auth/sessions", query=query, answer=SignedOutRead))
