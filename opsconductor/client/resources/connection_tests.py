"""The connection tests of a portal, for both clients.

Written by `python -m tests.contracts.client_source`; do not edit.
"""

from collections.abc import Sequence
from typing import Unpack

from opsconductor.client.bodies import ConnectionTestsResults, ConnectionTestStart
from opsconductor.client.calls import AsyncResource, Call, Key, Resource, part
from opsconductor.client.models import ConnectionResult, ConnectionTestRead


class ConnectionTests(Resource):
    """The connection tests of a portal."""

    def start(self, **body: Unpack[ConnectionTestStart]) -> ConnectionTestRead:
        """Log in to every target that a selector picks, each with its own credential.

        Args:
            **body: The fields of `ConnectionTestStart`.

        Returns:
            `ConnectionTestRead`: A test of one target or many; its id is that of the run that makes it.

        Raises:
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._send(Call("POST", "/connection-tests", body=body, answer=ConnectionTestRead))

    def get(self, test_id: Key) -> ConnectionTestRead:
        """How far a test is.

        Args:
            test_id: Id of the test.

        Returns:
            `ConnectionTestRead`: A test of one target or many; its id is that of the run that makes it.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
        """
        return self._send(Call("GET", f"/connection-tests/{part(test_id)}", answer=ConnectionTestRead))

    def results(self, test_id: Key, **query: Unpack[ConnectionTestsResults]) -> Sequence[ConnectionResult]:
        """What came of every login.

        Args:
            test_id: Id of the test.
            **query: The fields of `ConnectionTestsResults`.

        Returns:
            `ConnectionResult`: What came of one login, or why there was none.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._send(
            Call("GET", f"/connection-tests/{part(test_id)}/results", query=query, answer=list[ConnectionResult])
        )


class AsyncConnectionTests(AsyncResource):
    """The connection tests of a portal."""

    async def start(self, **body: Unpack[ConnectionTestStart]) -> ConnectionTestRead:
        """Log in to every target that a selector picks, each with its own credential.

        Args:
            **body: The fields of `ConnectionTestStart`.

        Returns:
            `ConnectionTestRead`: A test of one target or many; its id is that of the run that makes it.

        Raises:
            InvalidInputError: Values are refused; `problems` names each.
        """
        return await self._send(Call("POST", "/connection-tests", body=body, answer=ConnectionTestRead))

    async def get(self, test_id: Key) -> ConnectionTestRead:
        """How far a test is.

        Args:
            test_id: Id of the test.

        Returns:
            `ConnectionTestRead`: A test of one target or many; its id is that of the run that makes it.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
        """
        return await self._send(Call("GET", f"/connection-tests/{part(test_id)}", answer=ConnectionTestRead))

    async def results(self, test_id: Key, **query: Unpack[ConnectionTestsResults]) -> Sequence[ConnectionResult]:
        """What came of every login.

        Args:
            test_id: Id of the test.
            **query: The fields of `ConnectionTestsResults`.

        Returns:
            `ConnectionResult`: What came of one login, or why there was none.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return await self._send(
            Call("GET", f"/connection-tests/{part(test_id)}/results", query=query, answer=list[ConnectionResult])
        )
