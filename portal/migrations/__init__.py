"""Versions of our database: one chain."""

from pathlib import Path

from alembic import command
from alembic.config import Config

from portal.kit.database import driver_url


def configuration(dsn: str) -> Config:
    """Alembic's configuration for a database."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["url"] = driver_url(dsn)
    return config


def upgrade(dsn: str, revision: str = "head") -> None:
    """Bring a database up to date; of several at once, one does the work and the others wait."""
    command.upgrade(configuration(dsn), revision)


def downgrade(dsn: str, revision: str) -> None:
    """Bring a database back to an earlier version."""
    command.downgrade(configuration(dsn), revision)
