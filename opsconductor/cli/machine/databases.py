"""Roles and databases of the private cluster."""

import psycopg
from psycopg import sql

from .cluster import Cluster

SERVICE_ROLE = "opsconductor"
FLOW_ROLE = "opsconductor_run"
PREFECT_ROLE = "prefect"

_DATABASES = {"opsconductor": SERVICE_ROLE, "prefect": PREFECT_ROLE}


def ensure_databases(cluster: Cluster) -> None:
    """Make the roles and databases that are absent; leave the others as they are."""
    with psycopg.connect(cluster.dsn("postgres", "postgres"), autocommit=True) as connection:
        for role in (SERVICE_ROLE, FLOW_ROLE, PREFECT_ROLE):
            if not _one(connection, "SELECT 1 FROM pg_roles WHERE rolname = %s", role):
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
        for database, owner in _DATABASES.items():
            if not _one(connection, "SELECT 1 FROM pg_database WHERE datname = %s", database):
                connection.execute(
                    sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(database), sql.Identifier(owner))
                )


def _one(connection: psycopg.Connection, query: sql.SQL | str, value: str) -> bool:
    return connection.execute(query, (value,)).fetchone() is not None  # pyright: ignore[reportArgumentType, reportCallIssue]
