"""A line to PostgreSQL that can be cut: a unix socket of our own in front of the server's."""

import asyncio
import contextlib
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

SOCKET = ".s.PGSQL.5432"


class Line:
    """Forwards bytes both ways until it is told to lose them."""

    def __init__(self, dsn: str, folder: Path) -> None:
        parts = urlsplit(dsn)
        self._server = str(Path(parse_qs(parts.query)["host"][0]) / SOCKET)
        self._folder = folder
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._listener: asyncio.Server | None = None
        self.dsn = parts._replace(query=f"host={folder}").geturl()
        self.lose_answer_to: bytes | None = None
        self.lost = 0

    async def open(self) -> None:
        self._listener = await asyncio.start_unix_server(self._accept, str(self._folder / SOCKET))

    async def cut(self) -> None:
        """Nobody gets through, and whoever was through is thrown out."""
        if self._listener is not None:
            self._listener.close()
            (self._folder / SOCKET).unlink(missing_ok=True)
        for writer in self._writers:
            writer.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        server_reader, server_writer = await asyncio.open_unix_connection(self._server)
        ends = {writer, server_writer}
        self._writers |= ends
        doomed = asyncio.Event()

        async def up() -> None:
            while data := await reader.read(65536):
                if self.lose_answer_to is not None and self.lose_answer_to in data:
                    self.lose_answer_to = None
                    doomed.set()
                server_writer.write(data)

        async def down() -> None:
            while data := await server_reader.read(65536):
                if doomed.is_set():
                    self.lost += 1  # the server has answered, so it has committed
                    return
                writer.write(data)

        pumps = [asyncio.create_task(up()), asyncio.create_task(down())]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in pumps:
                pump.cancel()
            for end in ends:
                end.close()
            self._writers -= ends
            with contextlib.suppress(asyncio.CancelledError, ConnectionError):
                await asyncio.gather(*pumps, return_exceptions=True)
            self._tasks.discard(task)
