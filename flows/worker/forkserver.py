"""`python -m flows.worker.forkserver --socket PATH`: forks flow processes from a warm interpreter.

It is a process of its own, of the account that flows run as, so that what it forks can read neither the
keyring nor the worker's files. It holds no secret: each child gets what it may know from the worker, over
the socket that comes with the request. It stays single-threaded, for only then is fork safe.
"""

import argparse
import os
import selectors
import signal
import socket
import struct
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NoReturn

from opsconductor.errors import OpsError

from .fork_request import ChildMain, ForkRequest
from .framing import Frames, FramingError, encode

_UCRED: Final = struct.Struct("3i")
_STOP_SECONDS: Final = 5.0


class NotSingleThreadedError(OpsError):
    """Something that was imported started a thread; a fork would copy its locks without it."""


@dataclass(slots=True, eq=False)
class _Ticket:
    """One connection: a request on its way, then the process that it asked for."""

    connection: socket.socket
    frames: Frames = field(default_factory=Frames)
    descriptors: list[int] = field(default_factory=list[int])
    pid: int | None = None

    def tell(self, message: dict[str, Any]) -> None:
        """Answer; nobody may be listening any more."""
        try:
            self.connection.sendall(encode(message))
        except OSError:
            return  # the worker is gone; its successor finds the run by its lease

    def close(self) -> None:
        """Close the connection and what came over it."""
        for descriptor in self.descriptors:
            os.close(descriptor)
        self.descriptors.clear()
        self.connection.close()


class ForkServer:
    """Accepts requests from the worker's account and forks.

    Args:
        path: Where to listen.
        worker_uid: The account that may ask; root may too.
        child_main: What a child does; its result is the child's exit code.
    """

    def __init__(self, path: Path, worker_uid: int, child_main: ChildMain) -> None:
        self._path = path
        self._allowed = {0, worker_uid}
        self._child_main = child_main
        self._selector = selectors.DefaultSelector()
        self._tickets: set[_Ticket] = set()
        self._children: dict[int, _Ticket | None] = {}
        self._wake_reader, self._wake_writer = socket.socketpair()
        self._stopping = False
        self._listener = self._listen()

    def serve(self) -> None:
        """Serve until TERM; then end the children too."""
        self._watch_signals()
        self._selector.register(self._listener, selectors.EVENT_READ, self._accept)
        self._selector.register(self._wake_reader, selectors.EVENT_READ, self._wake)
        while not self._stopping:
            self._turn(None)
        self._end_children()
        self._path.unlink(missing_ok=True)

    def _turn(self, timeout: float | None) -> None:
        for key, _ in self._selector.select(timeout):
            key.data()

    def _listen(self) -> socket.socket:
        new = self._path.with_name(self._path.name + ".new")
        new.unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(str(new))
        new.chmod(0o666)  # who may ask is decided by SO_PEERCRED
        listener.listen(128)
        listener.setblocking(False)
        new.replace(self._path)  # where the socket is, somebody listens
        return listener

    def _watch_signals(self) -> None:
        for end in (self._wake_reader, self._wake_writer):
            end.setblocking(False)
        signal.set_wakeup_fd(self._wake_writer.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, _nothing)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, _nothing)

    def _wake(self) -> None:
        numbers = self._wake_reader.recv(4096)
        self._reap()
        if signal.SIGTERM in numbers or signal.SIGINT in numbers:
            self._stopping = True

    def _accept(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError:
            return  # it left before we looked
        if peer_uid(connection) not in self._allowed:
            connection.close()
            return
        connection.setblocking(False)
        ticket = _Ticket(connection)
        self._tickets.add(ticket)
        self._selector.register(connection, selectors.EVENT_READ, lambda: self._read(ticket))

    def _read(self, ticket: _Ticket) -> None:
        try:
            data, descriptors, _, _ = socket.recv_fds(ticket.connection, 65536, 4)
            ticket.descriptors += descriptors
            messages = ticket.frames.feed(data)
            if not data:
                self._forget(ticket)
            elif messages:
                self._fork(ticket, ForkRequest.from_message(messages[0]))
        except BlockingIOError:
            return
        except (OSError, FramingError):
            self._forget(ticket)

    def _fork(self, ticket: _Ticket, request: ForkRequest) -> None:
        if ticket.pid is not None or len(ticket.descriptors) != 1:
            raise FramingError("a request comes once, with one descriptor")
        pid = os.fork()
        if pid == 0:
            self._become_child(ticket, request)
        os.close(ticket.descriptors.pop())
        ticket.pid = pid
        self._children[pid] = ticket
        ticket.tell({"pid": pid})

    def _become_child(self, ticket: _Ticket, request: ForkRequest) -> NoReturn:
        code = 1
        try:
            broker = socket.socket(fileno=ticket.descriptors.pop())
            self._leave_server()
            code = self._child_main(request, broker)
        except SystemExit as exit_:
            code = exit_.code if isinstance(exit_.code, int) else 1
        except BaseException as error:  # the edge of the process: nothing above may run the server's code
            sys.excepthook(type(error), error, error.__traceback__)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    def _leave_server(self) -> None:
        """Give up everything that belongs to the server, in the child."""
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        for ticket in self._tickets:
            ticket.close()
        for end in (self._listener, self._wake_reader, self._wake_writer, self._selector):
            end.close()
        os.setsid()

    def _reap(self) -> None:
        while self._children:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            ticket = self._children.pop(pid, None)
            if ticket is not None:
                ticket.tell({"exit": os.waitstatus_to_exitcode(status)})
                self._forget(ticket)

    def _forget(self, ticket: _Ticket) -> None:
        """Close the connection. The process it asked for, if any, goes on."""
        if ticket.pid in self._children:
            self._children[ticket.pid] = None
        self._tickets.discard(ticket)
        self._selector.unregister(ticket.connection)
        ticket.close()

    def _end_children(self) -> None:
        for pid in self._children:
            os.kill(pid, signal.SIGTERM)
        signal.setitimer(signal.ITIMER_REAL, _STOP_SECONDS)
        signal.signal(signal.SIGALRM, self._kill_children)
        while self._children:
            self._turn(_STOP_SECONDS)

    def _kill_children(self, *_: object) -> None:
        for pid in self._children:
            os.kill(pid, signal.SIGKILL)


def _nothing(*_: object) -> None:
    """Let the signal wake the selector, and nothing else."""


def peer_uid(connection: socket.socket) -> int:
    """Who is at the other end of a unix socket (unix(7), SO_PEERCRED)."""
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size)
    _, uid, _ = _UCRED.unpack(credentials)
    return uid


def refuse_threads() -> None:
    """Make sure that this process has one thread.

    Raises:
        NotSingleThreadedError: It has more.
    """
    threads = len(os.listdir("/proc/self/task"))  # noqa: PTH208 (only the number counts)
    if threads != 1:
        raise NotSingleThreadedError(f"{threads} threads run in the fork server; it must have one")


def main(warm_up: Callable[[], ChildMain]) -> None:
    """Warm up, then serve.

    Args:
        warm_up: Loads everything; gives what a child does.
    """
    parser = argparse.ArgumentParser(description="Forks flow processes from a warm interpreter.")
    parser.add_argument("--socket", type=Path, required=True, help="unix socket to listen on")
    path: Path = parser.parse_args().socket
    child_main = warm_up()
    refuse_threads()
    worker = int(os.environ.get("OPSCONDUCTOR_WORKER_UID", os.getuid()))
    ForkServer(path, worker, child_main).serve()


if __name__ == "__main__":
    from flows.worker import warm  # only the process itself needs everything

    main(warm.warm_up)
