"""Clients of the portal's API.

`Client` and `AsyncClient` are typed and for scripts; `PortalClient` speaks paths and plain JSON, for the command line.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .portal_client import PortalClient
from .problems import Json, PortalAwayError, PortalProblemError
from .token_file import ApiToken

if TYPE_CHECKING:
    from .calls import Retry
    from .typed import AsyncClient, Client

__all__ = [
    "ApiToken",
    "AsyncClient",
    "Client",
    "Json",
    "PortalAwayError",
    "PortalClient",
    "PortalProblemError",
    "Retry",
]

_LATER = {"AsyncClient": ".typed", "Client": ".typed", "Retry": ".calls"}


def __getattr__(name: str) -> Any:
    """The typed clients, once somebody asks for them: the command line starts sooner without their models."""
    if name not in _LATER:
        raise AttributeError(f"module {__name__} has no attribute {name}")
    return getattr(import_module(_LATER[name], __name__), name)
