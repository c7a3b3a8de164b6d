import psycopg
import pytest

from opsconductor.cli.machine.cluster import Cluster

pytestmark = pytest.mark.real


def test_serves_a_database_on_its_socket_only(postgres: Cluster, database: str) -> None:
    with psycopg.connect(database) as connection:
        row = connection.execute("SELECT current_user, current_setting('listen_addresses')").fetchone()
    assert row == ("opsconductor", "")


def test_an_os_user_takes_only_the_roles_of_the_map(postgres: Cluster) -> None:
    with pytest.raises(psycopg.OperationalError, match="failed for user"):
        psycopg.connect(postgres.dsn("somebody_else", "postgres"))


def test_making_it_twice_keeps_the_data(postgres: Cluster, database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS n")
    postgres.create()
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT n FROM kept").fetchone() == (1,)
