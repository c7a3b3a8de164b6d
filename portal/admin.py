"""`python -m portal.admin`: what the machine's operator does without signing in.

    prepare                 bring the database up to date and make the first admin
    reset-password USER     a new one-time password

The last line printed is a JSON object; `password` is null when there was nothing to make.
"""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable

from opsconductor.errors import OpsError

from .identity.bootstrap import bootstrap, reset_password
from .kit.database import Sessions, create_engine, create_sessions
from .migrations import upgrade
from .settings import Settings


async def _with_sessions(dsn: str, work: Callable[[Sessions], Awaitable[str | None]]) -> str | None:
    engine = create_engine(dsn, pool_size=1)
    try:
        return await work(create_sessions(engine))
    finally:
        await engine.dispose()


def prepare(dsn: str) -> str | None:
    """Migrate, then make the first admin; gives the one-time password, once."""
    upgrade(dsn)
    return asyncio.run(_with_sessions(dsn, bootstrap))


def reset(dsn: str, username: str) -> str | None:
    """A new one-time password for a user."""
    return asyncio.run(_with_sessions(dsn, lambda sessions: reset_password(sessions, username)))


def main(arguments: list[str]) -> int:
    """Run one command; gives the exit code."""
    dsn = Settings().database_url  # pyright: ignore[reportCallIssue] (fields come from the environment)
    try:
        match arguments:
            case ["prepare"]:
                password = prepare(dsn)
            case ["reset-password", username]:
                password = reset(dsn, username)
            case _:
                sys.stderr.write(__doc__ or "")
                return 2
    except OpsError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(json.dumps({"password": password}) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
