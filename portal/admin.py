"""`python -m portal.admin`: what the machine's operator does without signing in.

    prepare                 bring the database up to date and make the first admin
    reset-password USER     a new one-time password
    reset-second-factor USER  sign in by the password alone, after the app and the recovery codes were lost
    rotate-token-keys       let a new key sign access tokens; running portals take it at once
    rotate-keyring          seal all credentials again under a new key; says after each one how far it is
    note-backup FILE BYTES  put on record that everything, keys included, was written into a file
    settle-restored AT      after a restore: bring the database up to date, and end what was under way at that time

The last line printed is a JSON object: `password`, null when there was nothing to make, `reset`, `key`, `noted` or
`ended`.
"""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any, TypeVar

from sqlalchemy import text

from blocks.rotation import Rotation
from opsconductor.errors import OpsError

from . import keyring_rotation
from .audit.log import audited
from .identity.bootstrap import bootstrap, reset_password
from .identity.key_file import rotating
from .keyring_rotation import Rotated
from .kit.database import Sessions, create_engine, create_sessions
from .migrations import upgrade
from .prefect_gateway import open_gateway
from .second_factor.recovery import reset_second_factor
from .settings import Settings

Made = TypeVar("Made")

_END_ALL = text("""
UPDATE job_runs SET status = 'ended', outcome = 'unknown', owner = NULL, epoch = epoch + 1, finished_at = now(),
  summary = 'under way when the backup was made; what happened since is not known'
WHERE status <> 'ended' RETURNING id
""")


async def _with_sessions(dsn: str, work: Callable[[Sessions], Awaitable[Made]]) -> Made:
    engine = create_engine(dsn, pool_size=1)
    try:
        return await work(create_sessions(engine))
    finally:
        await engine.dispose()


def prepare(dsn: str) -> str | None:
    """Migrate, then make the first admin; gives the one-time password, once."""
    upgrade(dsn)
    return asyncio.run(_with_sessions(dsn, bootstrap))


def reset(dsn: str, username: str) -> str:
    """A new one-time password for a user."""
    return asyncio.run(_with_sessions(dsn, lambda sessions: reset_password(sessions, username)))


def reset_factor(dsn: str, username: str) -> None:
    """Remove a user's second factor."""
    asyncio.run(_with_sessions(dsn, lambda sessions: reset_second_factor(sessions, username)))


def rotate_keys(settings: Settings) -> str:
    """Let a new key sign access tokens, once that is on record; gives its id."""

    async def rotate_on_record(sessions: Sessions) -> str:
        with rotating(settings.token_keys_file, settings.access_token_seconds) as key:
            async with audited(sessions) as (_, audit):
                audit.record(None, "token_keys.rotated", "token_key", key)
            return key

    return asyncio.run(_with_sessions(settings.database_url, rotate_on_record))


def note_backup(dsn: str, file: str, size: int) -> None:
    """Put a backup on record, of so many bytes: whoever has it and its passphrase has every secret."""

    async def note(sessions: Sessions) -> None:
        async with audited(sessions) as (_, audit):
            audit.record(None, "backup.made", "backup", file, bytes=size)

    asyncio.run(_with_sessions(dsn, note))


def settle_restored(dsn: str, made_at: str) -> int:
    """Bring a restored database up to date and end its runs; gives how many were under way.

    What happened on the targets after the backup is not known here: nothing may go on by itself.
    """
    upgrade(dsn)

    async def settle(sessions: Sessions) -> int:
        async with audited(sessions) as (session, audit):
            ended = len((await session.execute(_END_ALL)).all())
            audit.record(None, "backup.restored", "backup", made_at, runs_ended=ended)
            return ended

    return asyncio.run(_with_sessions(dsn, settle))


def rotate_keyring(settings: Settings) -> dict[str, Any]:
    """Seal all credentials again under a new key; gives what came of it."""

    def tell(rotation: Rotation, total: int) -> None:
        sys.stdout.write(json.dumps({"done": rotation.seen, "total": max(total, rotation.seen)}) + "\n")
        sys.stdout.flush()

    async def rotate(sessions: Sessions) -> Rotated:
        gateway = open_gateway(settings)
        try:
            return await keyring_rotation.rotate_keyring(sessions, gateway, settings.keyring_file, tell)
        finally:
            await gateway.close()

    return asdict(asyncio.run(_with_sessions(settings.database_url, rotate)))


def main(arguments: list[str]) -> int:
    """Run one command; gives the exit code."""
    settings = Settings()  # pyright: ignore[reportCallIssue] (fields come from the environment)
    try:
        match arguments:
            case ["prepare"]:
                made: dict[str, Any] = {"password": prepare(settings.database_url)}
            case ["reset-password", username]:
                made = {"password": reset(settings.database_url, username)}
            case ["reset-second-factor", username]:
                reset_factor(settings.database_url, username)
                made = {"reset": username}
            case ["rotate-token-keys"]:
                made = {"key": rotate_keys(settings)}
            case ["rotate-keyring"]:
                made = rotate_keyring(settings)
            case ["note-backup", file, size]:
                note_backup(settings.database_url, file, int(size))
                made = {"noted": file}
            case ["settle-restored", made_at]:
                made = {"ended": settle_restored(settings.database_url, made_at)}
            case _:
                sys.stderr.write(__doc__ or "")
                return 2
    except OpsError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(json.dumps(made) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
