"""Lines: one login on each target, opened when it is first needed and kept for the run."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from opsconductor.errors import LoginRefusedError
from opsconductor.sdk.credential import Credential, SSHLogin
from opsconductor.sdk.transport import Connection, Connector, Target

CONNECT_SECONDS = 30.0
PARKED_LINES = 512
"""Logins kept open on targets that wait for the others; beyond it they are made anew afterwards."""

HostKeySeen = Callable[[int, str], Awaitable[None]]


class Line:
    """The login on one target.

    A login that failed stays failed, so that ten steps do not wait for ten timeouts; `drop` forgets it.
    """

    def __init__(self, target: Target, lines: "Lines") -> None:
        self.target = target
        self._lines = lines
        self._opening: asyncio.Task[Connection] | None = None
        self._reported = False

    @property
    def open(self) -> bool:
        """Whether somebody logged in, or is about to."""
        return self._opening is not None

    def dial(self) -> None:
        """Begin to log in, without waiting."""
        if self._opening is None:
            self._opening = asyncio.create_task(self._lines.connect(self.target))

    async def connection(self) -> Connection:
        """The connection, as soon as it is there.

        Raises:
            HostError: Nobody could log in.
        """
        self.dial()
        assert self._opening is not None  # noqa: S101  (dial made it)
        opening = self._opening
        connection = await asyncio.shield(opening)
        if connection.first_seen_key and not self._reported:
            self._reported = True
            await self._lines.host_key_seen(self.target.ord, connection.first_seen_key)
        return connection

    async def drop(self) -> None:
        """Forget the connection: it broke, or it could not be made and is worth another try."""
        await self.close()

    async def close(self) -> None:
        """Log out."""
        opening, self._opening = self._opening, None
        if opening is None:
            return
        opening.cancel()
        (connection,) = await asyncio.gather(opening, return_exceptions=True)
        if not isinstance(connection, BaseException):
            await asyncio.gather(connection.close(), return_exceptions=True)


class Lines:
    """The lines of a run, by target."""

    def __init__(
        self,
        connector: Connector,
        credentials: Mapping[str, Credential],
        host_key_seen: HostKeySeen,
        *,
        refused: Mapping[str, str] | None = None,
    ) -> None:
        self._connector = connector
        self._credentials = credentials
        self._refused = refused or {}
        self._lines: dict[int, Line] = {}
        self.host_key_seen = host_key_seen

    def line(self, target: Target) -> Line:
        """The line to a target."""
        line = self._lines.get(target.ord)
        if line is None:
            line = self._lines[target.ord] = Line(target, self)
        return line

    async def hang_up(self, target: Target) -> None:
        """Log out of one target, and forget it."""
        if line := self._lines.pop(target.ord, None):
            await line.close()

    async def park(self, target: Target) -> None:
        """The target waits for others: keep its login unless there are too many."""
        if len(self._lines) > PARKED_LINES:
            await self.hang_up(target)

    async def close(self) -> None:
        """Log out everywhere."""
        lines, self._lines = list(self._lines.values()), {}
        await asyncio.gather(*(line.close() for line in lines))

    async def connect(self, target: Target) -> Connection:
        """Log in on a target with the credential that its run froze for it."""
        return await self._connector.connect(target, self._login(target), timeout_seconds=CONNECT_SECONDS)

    def _login(self, target: Target) -> SSHLogin:
        if target.credential is None:
            raise LoginRefusedError("the target has no credential to log in with", host=target.name)
        login = self._credentials.get(target.credential)
        if login is None:
            why = self._refused.get(target.credential, "it was not handed to this run")
            raise LoginRefusedError(f"credential {target.credential} cannot be used: {why}", host=target.name)
        if not isinstance(login, SSHLogin):
            raise LoginRefusedError(f"credential {target.credential} is no SSH login", host=target.name)
        return login
