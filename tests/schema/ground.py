"""The real app over a real database with several things of each kind, which can be had anew."""

import copy
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psycopg
from fastapi import FastAPI
from psycopg import sql
from sqlmodel import col, update

from blocks.keyring import Keyring
from opsconductor.cli.machine.cluster import Cluster
from portal.app import create_app
from portal.identity.models import User
from portal.identity.passwords import hash_password
from portal.settings import Settings
from tests.contracts.rights.identities import EVERYTHING, OPERATOR, VIEWER
from tests.contracts.rights.rows import MAKE
from tests.contracts.rights.world import absent, make_things, sign_in_all
from tests.doubles.gateway import RememberingGateway
from tests.fixtures.portal import Prepared, sign_in
from tests.integration.portal.world import add

from .people import PEOPLE

PLACES = ("own", "others", "third", "fourth")
NO_LIMIT = 10**9
PASSWORD = "lamp otter seventeen quarry"
Things = dict[str, str]
_HELD = """\
SELECT username, CASE WHEN built_in THEN roles.name END, permissions FROM users
JOIN (SELECT id AS user_id, role_id FROM users UNION ALL SELECT user_id, role_id FROM role_grants) held
  ON held.user_id = users.id
JOIN roles ON roles.id = held.role_id
"""
_BUILT_IN = {"viewer": VIEWER, "operator": OPERATOR, "admin": EVERYTHING}


@dataclass(frozen=True)
class Ground:
    """The app with its world, and everybody's tokens.

    Attributes:
        furnished: Name of the database as it was made; `database` is a copy of it.
        things: One thing of each kind in each of some places, and what does not exist.
        own: What belongs to each person.
    """

    app: FastAPI
    postgres: Cluster
    furnished: str
    database: str
    gateway: RememberingGateway
    things: list[Things]
    tokens: dict[str, str]
    own: dict[str, Things]

    async def renew(self) -> None:
        """Everything as it was made."""
        await self.app.state.engine.dispose()
        _copy_database(self.postgres, self.furnished, self.database)
        self.app.state.gateway.__dict__.update(copy.deepcopy(self.gateway.__dict__))

    def powers(self) -> dict[str, set[str]]:
        """What everybody may do somewhere, as the database has it."""
        with psycopg.connect(self.postgres.dsn("opsconductor", self.database)) as connection:
            rows: list[Any] = connection.execute(_HELD).fetchall()
        powers: defaultdict[str, set[str]] = defaultdict(set)
        for username, built_in, permissions in rows:
            powers[username] |= _BUILT_IN[built_in] if built_in else set(permissions)
        return powers


def _copy_database(postgres: Cluster, source: str, name: str) -> None:
    target = sql.Identifier(name)
    with psycopg.connect(postgres.dsn("postgres", "postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(target))
        connection.execute(
            sql.SQL("CREATE DATABASE {} OWNER opsconductor TEMPLATE {} STRATEGY file_copy").format(
                target, sql.Identifier(source)
            )
        )


def _settings(home: Path, dsn: str) -> Settings:
    return Settings(
        home=home,
        database_url=dsn,
        portal_url="http://portal.test",
        pool_size=4,
        failed_logins_per_user=NO_LIMIT,
        failed_logins_per_source=NO_LIMIT,
        reveals_per_hour=NO_LIMIT,
        requests_per_minute_per_address=NO_LIMIT,
        requests_per_minute_per_user=NO_LIMIT,
    )


async def _close(app: FastAPI) -> None:
    await app.state.prefect_proxy.close()
    await app.state.engine.dispose()


@asynccontextmanager
async def grounds(postgres: Cluster, prepared: Prepared, home: Path) -> AsyncIterator[Ground]:
    """A world to send cases to; `renew` it before the first one."""
    furnished, database = f"furnished_{uuid4().hex}", f"cases_{uuid4().hex}"
    _copy_database(postgres, prepared.name, furnished)
    Keyring.create(home / "keyring.json")
    gateway = RememberingGateway()
    maker = create_app(_settings(home, postgres.dsn("opsconductor", furnished)), lambda _: gateway)
    try:
        things, tokens, own = await _furnish(maker)
    finally:
        await _close(maker)
    app = create_app(_settings(home, postgres.dsn("opsconductor", database)), lambda _: copy.deepcopy(gateway))
    try:
        yield Ground(app, postgres, furnished, database, gateway, things, tokens, own)
    finally:
        await _close(app)
        with psycopg.connect(postgres.dsn("postgres", "postgres"), autocommit=True) as connection:
            for name in (database, furnished):
                connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


async def _furnish(app: FastAPI) -> tuple[list[Things], dict[str, str], dict[str, Things]]:
    transport = httpx.ASGITransport(app=app)
    headers = {"Authorization": f"Bearer {await sign_in(app)}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://portal.test", headers=headers) as client:
        things = [await make_things(app, client, place) for place in PLACES]
        for place in things:
            for make in MAKE:
                await make(client, place)
        signed_in = [who for who in PEOPLE.values() if who.signed_in]
        tokens = await sign_in_all(app, signed_in, things[0])
        await _give_passwords(app)
        own = {name: await _own(client, f"user-{name}", token) for name, token in tokens.items()}
    return [*things, absent()], tokens, own


async def _give_passwords(app: FastAPI) -> None:
    hashed = await hash_password(PASSWORD)
    async with app.state.sessions() as session, session.begin():
        named = col(User.username).startswith("user-")
        await session.execute(update(User).where(named).values(password_hash=hashed))


async def _own(client: httpx.AsyncClient, username: str, token: str) -> Things:
    """Somebody's own name, API token, and a sign-in besides the one that the cases use."""
    client.headers["Authorization"] = f"Bearer {token}"
    login = {"username": username, "password": PASSWORD}
    signed_in = (await client.post("/api/v1/auth/login", json=login)).json()
    made = await add(client, "/tokens", {"name": "own", "scopes": ["targets:view"]})
    sessions = (await client.get("/api/v1/auth/sessions")).json()["items"]
    other = next(session["id"] for session in sessions if not session["current"])
    me = (await client.get("/api/v1/profile")).json()
    return {
        "own_name": username, "own_user": me["id"], "refresh_token": signed_in["refresh_token"],
        "session": other, "token": made["id"],
    }  # fmt: skip
