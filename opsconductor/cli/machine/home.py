"""Where everything of one machine lives."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from platformdirs import user_data_path

HomeOption = Annotated[
    Path | None,
    Parameter(
        help="Folder that holds everything of this machine; else $OPSCONDUCTOR_HOME, else /var/lib/opsconductor for "
        "root and the user's own data folder for others."
    ),
]


def default_root() -> Path:
    """`$OPSCONDUCTOR_HOME`, else /var/lib/opsconductor for root and the user's data folder for others."""
    named = os.environ.get("OPSCONDUCTOR_HOME")
    if named:
        return Path(named).absolute()
    if os.geteuid() == 0:
        return Path("/var/lib/opsconductor")
    return user_data_path("opsconductor")


@dataclass(frozen=True, slots=True)
class Home:
    """The folders and files of one machine."""

    root: Path

    @property
    def keyring(self) -> Path:
        """Key-encryption keys; 0600, of the service account."""
        return self.root / "keyring.json"

    @property
    def run(self) -> Path:
        """Sockets, locks and ready marks."""
        return self.root / "run"

    @property
    def lock(self) -> Path:
        """Held by the supervisor while it lives; says its pid and addresses."""
        return self.run / "up.json"

    @property
    def forkserver_socket(self) -> Path:
        """Where the worker asks for flow processes."""
        return self.run / "flows" / "forkserver.sock"

    @property
    def worker_ready(self) -> Path:
        """Locked by the worker while it listens."""
        return self.run / "worker.ready"

    @property
    def cluster(self) -> Path:
        """Data directory of the private PostgreSQL."""
        return self.root / "postgres" / "data"

    @property
    def prefect(self) -> Path:
        """Prefect's home, and the working directory of the parts that read its prefect.toml."""
        return self.root / "prefect"

    @property
    def flows(self) -> Path:
        """Working directory of flow processes, of the flow account."""
        return self.root / "flows"

    @property
    def logs(self) -> Path:
        """One file a part."""
        return self.root / "logs"
