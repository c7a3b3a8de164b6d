"""The parts of one machine, in the order in which they are needed."""

import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .accounts import Accounts
from .cluster import Cluster
from .home import Home
from .part import Part
from .ready import answers_http, answers_sql, holds, listens


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the parts find each other.

    Attributes:
        host: Address that the portal listens on.
        port: TCP port of the portal.
        prefect_port: TCP port of the Prefect server, on loopback.
        database: DSN as the service role.
        run_database: DSN as the role of flow processes.
        work_pool: Prefect work pool that jobs are deployed to.
    """

    host: str
    port: int
    prefect_port: int
    database: str
    run_database: str
    work_pool: str

    @property
    def portal_url(self) -> str:
        """The portal's address for people."""
        host = "127.0.0.1" if self.host in ("0.0.0.0", "::") else self.host  # noqa: S104 (a comparison)
        return f"http://{host}:{self.port}"

    @property
    def prefect_api_url(self) -> str:
        """The Prefect server's API, on loopback."""
        return f"http://127.0.0.1:{self.prefect_port}/api"


def base_environment(home: Path) -> dict[str, str]:
    """The variables every part gets: no secret, nothing of the shell that `up` was typed in."""
    kept = {name: os.environ[name] for name in ("LANG", "TZ") if name in os.environ}
    return {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": str(home), **kept}


def tracing_environment() -> dict[str, str]:
    """The standard `OTEL_*` variables: where traces go. A header among them may be a token of the collector."""
    return {name: value for name, value in os.environ.items() if name.startswith("OTEL_")}


def database_part(home: Home, cluster: Cluster) -> Part:
    """The private PostgreSQL."""
    return Part(
        name="database",
        argv=cluster.command(),
        account=cluster.account,
        environment=base_environment(home.root),
        directory=Path("/"),
        log=home.logs / "database.log",
        ready=answers_sql(cluster.dsn("postgres", "postgres")),
        stop_signal=signal.SIGINT,  # PostgreSQL's fast shutdown
    )


def product_parts(home: Home, accounts: Accounts, addresses: Addresses) -> list[Part]:
    """Prefect server, portal, fork server and worker. They start side by side."""
    prefect = {"PREFECT_HOME": str(home.prefect)}
    common = {
        "OPSCONDUCTOR_HOME": str(home.root),
        "OPSCONDUCTOR_DATABASE_URL": addresses.database,
        "OPSCONDUCTOR_PREFECT_API_URL": addresses.prefect_api_url,
        "OPSCONDUCTOR_PORTAL_URL": addresses.portal_url,
        "OPSCONDUCTOR_FORKSERVER_SOCKET": str(home.forkserver_socket),
        "OPSCONDUCTOR_KEYRING": str(home.keyring),
    }
    common |= tracing_environment()  # flow processes get them from the worker, not from the fork server
    portal = {
        "OPSCONDUCTOR_HOST": addresses.host,
        "OPSCONDUCTOR_PORT": str(addresses.port),
        "OPSCONDUCTOR_WORK_POOL": addresses.work_pool,  # our worker stays in our pool: it reconciles and maintains
    }

    def service(name: str, module: str, environment: Mapping[str, str], ready: str | Path) -> Part:
        probe = answers_http(ready) if isinstance(ready, str) else holds(ready)
        return Part(
            name=name,
            argv=[sys.executable, "-m", module],
            account=accounts.service,
            environment={**base_environment(home.root), **prefect, **environment},
            directory=home.prefect,
            log=home.logs / f"{name}.log",
            ready=probe,
        )

    flows = Part(
        name="flows",
        argv=[sys.executable, "-m", "flows.worker.forkserver", "--socket", str(home.forkserver_socket)],
        account=accounts.flow,
        environment={
            **base_environment(home.flows),
            "PREFECT_HOME": str(home.flows / "prefect"),
            "OPSCONDUCTOR_RUN_DATABASE_URL": addresses.run_database,
            "OPSCONDUCTOR_WORKER_UID": str(accounts.service.uid),
        },
        directory=home.flows,
        log=home.logs / "flows.log",
        ready=listens(home.forkserver_socket),
    )
    return [
        service("prefect", "flows.prefect_server", {}, f"{addresses.prefect_api_url}/health"),
        service("portal", "portal", {**common, **portal}, f"{addresses.portal_url}/health/ready"),
        flows,
        service("worker", "flows.worker", common, home.worker_ready),
    ]
