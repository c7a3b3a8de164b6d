"""Prefect's client and settings inside a flow process: from the worker's message, never the environment."""

import logging
import ssl
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from prefect.client.orchestration import PrefectClient
from prefect.context import AsyncClientContext
from prefect.settings import Settings, temporary_settings

from .handover import PrefectAddress


def prefect_settings(address: PrefectAddress) -> dict[Any, Any]:
    """Prefect's settings in a process of ours.

    Nothing of a run is sent to Prefect's log store: remote output has no place there. The two extra
    requests a new client makes (version check, CSRF token) serve no purpose on our own server.
    """
    auth = None if address.auth_string is None else address.auth_string.reveal()
    return {
        "api.url": address.api_url,
        "api.auth_string": auth,
        "client.csrf_support_enabled": False,
        "client.server_version_check_enabled": False,
        "flows.heartbeat_frequency": None,
        "logging.level": "WARNING",
        "logging.to_api.enabled": False,
        "results.persist_by_default": False,
    }


@contextmanager
def settings_for(address: PrefectAddress) -> Generator[Settings]:
    """Prefect's settings for this address, in this context."""
    with temporary_settings(updates=prefect_settings(address)) as settings:
        logging.getLogger("prefect").setLevel(logging.WARNING)
        yield settings


@asynccontextmanager
async def prefect_client(tls: ssl.SSLContext | None = None) -> AsyncGenerator[PrefectClient]:
    """A client under the current settings, which flows and tasks of this event loop share.

    Args:
        tls: A TLS context made beforehand; making one costs 20 to 60 ms.
    """
    context = AsyncClientContext(httpx_settings=None if tls is None else {"verify": tls})
    # Whoever asks `get_client` for a client names no settings, and is only given one that was made with none.
    context._httpx_settings = None  # pyright: ignore[reportPrivateUsage]
    async with context:
        yield context.client
