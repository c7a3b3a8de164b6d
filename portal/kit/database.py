"""Sessions over our database: one request, one transaction."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends
from fastapi.requests import HTTPConnection
from sqlalchemy import make_url
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from .pool import WatchedPool

Sessions = async_sessionmaker[AsyncSession]


def driver_url(dsn: str) -> URL:
    """A libpq address as SQLAlchemy reads it, over psycopg."""
    return make_url(dsn).set(drivername="postgresql+psycopg")


def create_engine(dsn: str, *, pool_size: int = 10, statement_seconds: int = 0) -> AsyncEngine:
    """A pool of connections that survives a restart of the server.

    Args:
        dsn: Our database, as libpq writes it.
        pool_size: Connections that stay open; as many again may be opened for a while.
        statement_seconds: How long one statement may take; 0 means for ever.
    """
    options = f"-c timezone=UTC -c statement_timeout={statement_seconds}s"
    return create_async_engine(
        driver_url(dsn),
        poolclass=WatchedPool,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=True,
        pool_use_lifo=True,  # the connection used last has its statements prepared already
        pool_timeout=10,
        hide_parameters=True,  # else the log of a failed statement has its values: password hashes, tokens
        connect_args={"options": options, "application_name": "opsconductor-portal"},
    )


def pool_of(engine: AsyncEngine) -> WatchedPool:
    """The pool of an engine that was made here."""
    assert isinstance(engine.pool, WatchedPool)  # noqa: S101 (create_engine says so)
    return engine.pool


def create_sessions(engine: AsyncEngine) -> Sessions:
    """A maker of sessions whose objects stay readable after the commit."""
    return async_sessionmaker(engine, class_=AsyncSession, expire_on_commit=False)


async def get_sessions(connection: HTTPConnection) -> Sessions:
    """The app's maker of sessions, for what needs a transaction of its own."""
    return connection.app.state.sessions


SessionsDep = Annotated[Sessions, Depends(get_sessions)]


async def get_session(sessions: SessionsDep) -> AsyncIterator[AsyncSession]:
    """The request's transaction; it commits before the response leaves, and rolls back on any error."""
    async with sessions() as session, session.begin():
        yield session


SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]
