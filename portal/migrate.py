"""`python -m portal.migrate`: bring the database up to date."""

from .migrations import upgrade
from .settings import Settings

if __name__ == "__main__":
    upgrade(Settings().database_url)  # pyright: ignore[reportCallIssue] (fields come from the environment)
