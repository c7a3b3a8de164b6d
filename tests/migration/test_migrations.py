"""The chain of migrations against the models."""

import psycopg
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine
from sqlmodel import SQLModel

import portal.app
import portal.groups.models
import portal.health.models  # noqa: F401
from portal.kit.database import driver_url
from portal.migrations import downgrade, upgrade


def test_the_migrated_database_is_what_the_models_say(database: str):
    upgrade(database)
    upgrade(database)
    engine = create_engine(driver_url(database))
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"version_table": "opsconductor_version", "compare_type": True}
        )
        differences = compare_metadata(context, SQLModel.metadata)
    engine.dispose()
    assert differences == []


def test_every_migration_can_be_undone(database: str):
    upgrade(database)
    downgrade(database, "base")
    with psycopg.connect(database) as connection:
        left = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        functions = connection.execute(
            "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
        ).fetchall()
    assert (left, functions) == ([("opsconductor_version",)], [])
    upgrade(database)
