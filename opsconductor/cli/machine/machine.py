"""A machine made ready: folders, keys, database and accounts; each step can be repeated."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass

from opsconductor.errors import ConflictError, UnavailableError

from .accounts import Accounts
from .cluster import Cluster
from .databases import FLOW_ROLE, PREFECT_ROLE, SERVICE_ROLE
from .home import Home
from .parts import Addresses, base_environment
from .prefect_files import write_prefect_files
from .settings import MachineSettings

_NEEDED_BYTES = 300 * 1024 * 1024


class PortTakenError(ConflictError):
    """Another program listens on a port that we need."""

    def __init__(self, what: str, port: int, option: str) -> None:
        super().__init__(
            f"port {port} for the {what} is taken by another program. Choose another one with {option} PORT"
        )


class DiskFullError(UnavailableError):
    """Too little room to start with."""

    def __init__(self, where: str, free: int) -> None:
        super().__init__(
            f"only {free // 1024**2} MiB are free under {where}, and at least {_NEEDED_BYTES // 1024**2} MiB are "
            "needed. Free some room and start again; nothing was changed"
        )


class StartStepError(UnavailableError):
    """A step of the start failed."""


@dataclass(frozen=True, slots=True)
class Machine:
    """Everything `up` needs to know before it starts the parts."""

    home: Home
    accounts: Accounts
    addresses: Addresses
    cluster: Cluster | None

    @classmethod
    def plan(cls, home: Home, settings: MachineSettings) -> "Machine":
        """Decide who runs what where; changes nothing but the OS accounts."""
        accounts = Accounts.for_home(home.root)
        cluster = None if settings.database_url else _private_cluster(home, accounts)
        addresses = Addresses(
            host=settings.host,
            port=settings.port,
            prefect_port=settings.prefect_port,
            database=settings.database_url or _dsn(cluster, SERVICE_ROLE, "opsconductor"),
            run_database=settings.run_database_url or settings.database_url or _dsn(cluster, FLOW_ROLE, "opsconductor"),
            work_pool=settings.work_pool,
        )
        return cls(home, accounts, addresses, cluster)

    def check(self) -> None:
        """Refuse before anything is changed.

        Raises:
            PortTakenError: A port is in use.
            DiskFullError: Too little room.
        """
        existing = next(folder for folder in (self.home.root, *self.home.root.parents) if folder.exists())
        free = shutil.disk_usage(existing).free
        if free < _NEEDED_BYTES:
            raise DiskFullError(str(existing), free)
        _refuse_taken(self.addresses.host, self.addresses.port, "portal", "--port")
        _refuse_taken("127.0.0.1", self.addresses.prefect_port, "Prefect server", "--prefect-port")

    def make_lock_folder(self) -> None:
        """Make the folder of the lock: whoever comes second must find it."""
        self.accounts.service.own(self.home.root, 0o711)
        self.accounts.service.own(self.home.run, 0o755)

    def make_folders(self) -> None:
        """Make the folders with their owners and modes."""
        service, flow = self.accounts.service, self.accounts.flow
        service.own(self.home.logs, 0o755)
        flow.own(self.home.flows, 0o700)
        flow.own(self.home.forkserver_socket.parent, 0o755)
        self.home.worker_ready.unlink(missing_ok=True)
        self.home.forkserver_socket.unlink(missing_ok=True)

    def make_files(self, settings: MachineSettings) -> None:
        """Make the keyring once, and Prefect's configuration anew."""
        from blocks.keyring import Keyring

        if not self.home.keyring.exists():
            Keyring.create(self.home.keyring)
            if os.geteuid() == 0:
                os.chown(self.home.keyring, self.accounts.service.uid, self.accounts.service.gid)
        database = settings.prefect_database_url or self._prefect_database()
        write_prefect_files(
            self.home.prefect, self.accounts.service, port=self.addresses.prefect_port, database=database
        )

    def follow_module(self, module: str, *arguments: str, prefect_api_url: str) -> Iterator[str]:
        """Run a module of the product as the service account; gives each line that it prints, when it prints it.

        Raises:
            StartStepError: It failed; the message holds its last words.
        """
        environment = {**self._environment(), "OPSCONDUCTOR_PREFECT_API_URL": prefect_api_url}
        with (
            tempfile.TemporaryFile("w+") as complaints,
            subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                stdout=subprocess.PIPE,
                stderr=complaints,
                text=True,
                cwd=self.home.prefect,
                env=environment,
                **self.accounts.service.popen,
            ) as running,
        ):
            assert running.stdout is not None  # noqa: S101 (it is a pipe)
            yield from running.stdout
            if running.wait() != 0:
                complaints.seek(0)
                raise StartStepError(f"`python -m {module}` failed: " + "".join(complaints.readlines()[-8:]).strip())

    def run_module(self, module: str, *arguments: str) -> str:
        """Run a module of the product as the service account, to its end; gives what it printed.

        Raises:
            StartStepError: It failed; the message holds its last words.
        """
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            capture_output=True,
            text=True,
            cwd=self.home.prefect,
            env=self._environment(),
            check=False,
            **self.accounts.service.popen,
        )
        if done.returncode != 0:
            words = (done.stderr.strip() or done.stdout.strip()).splitlines()
            raise StartStepError(f"`python -m {module}` failed: " + "\n".join(words[-8:]))
        return done.stdout

    def migrate(self) -> str | None:
        """Bring the database up to date and make the first admin; gives the one-time password, once."""
        printed = self.run_module("portal.admin", "prepare")
        return json.loads(printed.splitlines()[-1]).get("password")

    def _environment(self) -> dict[str, str]:
        return {
            **base_environment(self.home.root),
            "PREFECT_HOME": str(self.home.prefect),
            "OPSCONDUCTOR_HOME": str(self.home.root),
            "OPSCONDUCTOR_DATABASE_URL": self.addresses.database,
            "OPSCONDUCTOR_KEYRING": str(self.home.keyring),
        }

    def _prefect_database(self) -> str:
        if self.cluster is None:
            raise StartStepError(
                "OPSCONDUCTOR_DATABASE_URL is set, so Prefect needs a database there too: "
                "set OPSCONDUCTOR_PREFECT_DATABASE_URL, such as postgresql+asyncpg://prefect@host/prefect"
            )
        return f"postgresql+asyncpg://{PREFECT_ROLE}@/prefect?host={self.cluster.sockets}"


def _private_cluster(home: Home, accounts: Accounts) -> Cluster:
    everything = ("postgres", SERVICE_ROLE, FLOW_ROLE, PREFECT_ROLE)
    logins = {accounts.service.name: (SERVICE_ROLE, PREFECT_ROLE), accounts.flow.name: (FLOW_ROLE,)}
    if not accounts.apart:
        logins = {accounts.service.name: everything}
    return Cluster(home.cluster, home.run, accounts.service, {"root": everything, **logins})


def _dsn(cluster: Cluster | None, role: str, database: str) -> str:
    assert cluster is not None  # noqa: S101 (plan makes one when no URL is given)
    return cluster.dsn(role, database)


def _refuse_taken(host: str, port: int, what: str, option: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            raise PortTakenError(what, port, option) from None
