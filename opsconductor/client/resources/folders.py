"""The folders of a portal, for both clients.

Written by `python -m tests.contracts.client_source`; do not edit.
"""

from typing import Unpack

from opsconductor.client.bodies import FolderMove
from opsconductor.client.calls import AsyncResource, Call, Resource
from opsconductor.client.models import FolderTree, MoveRead


class Folders(Resource):
    """The folders of a portal."""

    def list(self) -> FolderTree:
        """The tree of folders, each before those below it.

        Returns:
            `FolderTree`: All folders that somebody may see, each before those below it.
        """
        return self._send(Call("GET", "/job-folders", answer=FolderTree))

    def move(self, **body: Unpack[FolderMove]) -> MoveRead:
        """Rename a folder or put it elsewhere, with everything below it.

        Args:
            **body: The fields of `FolderMove`.

        Returns:
            `MoveRead`: What moved.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            ConflictError: The state of things is against it; the message says what.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._send(Call("POST", "/job-folders/move", body=body, answer=MoveRead))


class AsyncFolders(AsyncResource):
    """The folders of a portal."""

    async def list(self) -> FolderTree:
        """The tree of folders, each before those below it.

        Returns:
            `FolderTree`: All folders that somebody may see, each before those below it.
        """
        return await self._send(Call("GET", "/job-folders", answer=FolderTree))

    async def move(self, **body: Unpack[FolderMove]) -> MoveRead:
        """Rename a folder or put it elsewhere, with everything below it.

        Args:
            **body: The fields of `FolderMove`.

        Returns:
            `MoveRead`: What moved.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            ConflictError: The state of things is against it; the message says what.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return await self._send(Call("POST", "/job-folders/move", body=body, answer=MoveRead))
