"""What the health endpoints depend on."""

from typing import Annotated

from fastapi import Depends
from fastapi.requests import HTTPConnection
from prometheus_client import CollectorRegistry
from sqlalchemy.ext.asyncio import AsyncEngine


def get_registry(connection: HTTPConnection) -> CollectorRegistry:
    """The app's own figures."""
    return connection.app.state.metrics.registry


RegistryDep = Annotated[CollectorRegistry, Depends(get_registry)]


def get_engine(connection: HTTPConnection) -> AsyncEngine:
    """The app's database."""
    return connection.app.state.engine


EngineDep = Annotated[AsyncEngine, Depends(get_engine)]
