"""What the fork server does before its first fork, so that no flow process has to."""

import gc
import ssl
from importlib import import_module
from typing import Final

from opsconductor.sdk.transport import Connector

from .fork_request import ChildMain

_MODULES: Final = (
    "asyncio.base_events",
    "asyncssh",
    "httpx._transports.default",
    "prefect.client.orchestration",
    "prefect.engine",
    "prefect.events.clients",
    "prefect.events.worker",
    "prefect.flow_engine",
    "prefect.flows",
    "prefect.logging.handlers",
    "prefect.results",
    "prefect.task_engine",
    "prefect.tasks",
    "psycopg",
    "websockets.asyncio.client",
    "flows.prefect_flow",
)


def warm_up(connector: Connector | None = None) -> ChildMain:
    """Import, load and build what every flow process needs; give what a child does.

    Args:
        connector: Makes connections to targets; SSH when absent.
    """
    for module in _MODULES:
        import_module(module)
    import certifi

    from flows import tracing
    from flows.stock_session import database_url
    from steplib.loader import load

    from .child import ChildParts, main_of

    tracing.warm_up()
    parts = ChildParts(
        database=database_url(),
        registry=load(),
        connector=connector or ssh_connector(),
        tls=ssl.create_default_context(cafile=certifi.where()),
    )
    gc.collect()
    gc.freeze()  # what is here lives for ever: children that collect garbage must not copy its pages
    return main_of(parts)


def ssh_connector() -> Connector:
    """Connections by SSH."""
    from steplib.transports.ssh.connector import SSHConnector

    return SSHConnector()
