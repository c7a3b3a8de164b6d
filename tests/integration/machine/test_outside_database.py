"""`up` on a PostgreSQL that somebody else runs."""

import psycopg
import pytest
from psycopg import sql

from opsconductor.cli.machine.cluster import Cluster
from tests.fixtures.machine import new_installation, remove

pytestmark = pytest.mark.real


def test_up_uses_an_outside_database(postgres: Cluster, database: str) -> None:
    name = database.rsplit("/", 1)[1].split("?", 1)[0]
    with psycopg.connect(postgres.dsn("postgres", "postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} OWNER prefect").format(sql.Identifier(f"{name}_prefect")))
    installation = new_installation()
    installation.environment = {
        "OPSCONDUCTOR_DATABASE_URL": database,
        "OPSCONDUCTOR_RUN_DATABASE_URL": postgres.dsn("opsconductor_run", name),
        "OPSCONDUCTOR_PREFECT_DATABASE_URL": f"postgresql+asyncpg://prefect@/{name}_prefect?host={postgres.sockets}",
    }
    try:
        installation.up()
        installation.login()
        assert not (installation.home / "postgres").exists()
        with psycopg.connect(database) as connection:
            assert connection.execute("SELECT username FROM users").fetchall() == [("admin",)]
        refused = installation.run("backup", str(installation.home.parent / "b"), check=False)
        assert refused.returncode == 2
        assert "its own tools" in refused.stderr
    finally:
        remove(installation)
        with psycopg.connect(postgres.dsn("postgres", "postgres"), autocommit=True) as connection:
            drop = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(f"{name}_prefect"))
            connection.execute(drop)


def test_without_a_place_for_prefect_it_says_what_is_missing(database: str) -> None:
    installation = new_installation()
    installation.environment = {"OPSCONDUCTOR_DATABASE_URL": database}
    try:
        refused = installation.run(
            "up", "--port", str(installation.port), "--prefect-port", str(installation.prefect_port), check=False
        )
        assert refused.returncode == 2
        assert "OPSCONDUCTOR_PREFECT_DATABASE_URL" in refused.stderr
    finally:
        remove(installation)
