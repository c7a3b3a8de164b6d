"""The parts of a running installation: which process each is, and whether everything works."""

import os
import signal
import socket
import struct
import time
from pathlib import Path

import psycopg

from opsconductor.cli.machine.home import Home
from opsconductor.cli.machine.ready import is_held, is_listened_to, reachable
from tests.fixtures.machine import Installation

KILLABLE = ("flow", "worker", "forkserver", "portal", "prefect", "database")
_MODULES = {"worker": "flows.worker", "portal": "portal", "prefect": "flows.prefect_server"}
_FORKSERVER = "flows.worker.forkserver"


class Parts:
    """Finds the processes of one installation by the home in their environment."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._home = Home(installation.home)

    def dsn(self) -> str:
        """Our database, as the service role."""
        return f"postgresql://opsconductor@/opsconductor?host={self._home.run}"

    def pids(self, part: str) -> list[int]:
        """The processes of a part that can be killed now."""
        if part == "forkserver":
            server = self._forkserver()
            return [server] if server else []
        if part == "flow":
            return sorted(self._running(b"-m", _FORKSERVER.encode()) & self._owners())
        if part == "database":
            return sorted(self._running(b"-D", str(self._home.cluster).encode()))
        return sorted(self._running(b"-m", _MODULES[part].encode()))

    def kill(self, part: str, pid: int) -> bool:
        """KILL; whether there was somebody to be killed. A flow process dies only while its run goes on."""
        try:
            if part == "flow" and not self._hold(pid):
                return False
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return False
        return True

    def _hold(self, pid: int) -> bool:
        """Whether the process owned a run when it was stopped; one that did not goes on."""
        os.kill(pid, signal.SIGSTOP)
        time.sleep(0.1)  # what it had asked the database for has happened by now
        if pid in self._owners():
            return True
        os.kill(pid, signal.SIGCONT)
        return False

    def missing(self) -> list[str]:
        """The parts that do not work now."""
        works = {
            "database": self._answers_sql(),
            "portal": reachable(f"{self._installation.url}/health/ready"),
            "prefect": reachable(f"http://127.0.0.1:{self._installation.prefect_port}/api/health"),
            "forkserver": is_listened_to(self._home.forkserver_socket),
            "worker": is_held(self._home.worker_ready),
        }
        return [name for name, answer in works.items() if not answer]

    def everything(self) -> dict[int, str]:
        """Every process of this installation: pid → command line."""
        return {pid: " ".join(words) for pid, words in self._processes().items()}

    def _answers_sql(self) -> bool:
        try:
            psycopg.connect(self.dsn(), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def _owners(self) -> set[int]:
        """Who owns a run now: `<host>:<pid>#<what makes it unique>`."""
        query = "SELECT owner FROM job_runs WHERE status = 'running' AND owner IS NOT NULL"
        try:
            with psycopg.connect(self.dsn(), connect_timeout=2) as connection:
                return {int(owner.rpartition("#")[0].rpartition(":")[2]) for (owner,) in connection.execute(query)}
        except psycopg.OperationalError:
            return set()

    def _forkserver(self) -> int | None:
        """Who listens on the socket: what it forked, and what an earlier one left, does not."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            try:
                connection.connect(str(self._home.forkserver_socket))
            except OSError:
                return None
            pid, _, _ = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
        return pid

    def _running(self, *marks: bytes) -> set[int]:
        words = tuple(mark.decode() for mark in marks)
        return {pid for pid, command in self._processes().items() if _holds(command, words)}

    def _processes(self) -> dict[int, list[str]]:
        home = str(self._home.root).encode()
        found: dict[int, list[str]] = {}
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                if home in (entry / "environ").read_bytes():
                    found[int(entry.name)] = (entry / "cmdline").read_text(errors="replace").split("\0")
            except OSError:
                continue
        return found


def _holds(command: list[str], words: tuple[str, ...]) -> bool:
    """Whether the words stand one after the other in the command line."""
    return any(tuple(command[at : at + len(words)]) == words for at in range(len(command)))
