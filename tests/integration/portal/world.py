"""What portal tests share: a job, a few targets, a credential."""

from collections.abc import Sequence
from typing import Any

import httpx
import psycopg
from fastapi import FastAPI
from psycopg.types.json import Jsonb
from sqlmodel import select

from portal.authz.models import Role, RoleGrant
from portal.identity.models import User
from portal.identity.repository import IdentityRepository
from tests.fixtures.portal import sign_in

JOB = """\
# looks at the machines
apiVersion: opsconductor/v1
kind: Job
name: look
parameters:
  unit: {type: string, default: nginx.service, pattern: '^[a-z.]+$'}
targets: {select: "group:web", at_most: 5}
steps:
  - {id: probe, uses: linux/command@1, with: {line: uptime}}
"""


async def add(api: httpx.AsyncClient, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = await api.post(f"/api/v1{path}", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def add_credential(api: httpx.AsyncClient, name: str = "root", password: str = "correct horse") -> dict[str, Any]:
    secret = {"kind": "ssh_password", "username": "ops", "password": password}
    return await add(api, "/credentials", {"name": name, "secret": secret})


async def add_target(api: httpx.AsyncClient, name: str, **facts: Any) -> dict[str, Any]:
    return await add(api, "/targets", {"name": name, "address": f"{name}.test", "groups": ["web"], **facts})


async def add_job(api: httpx.AsyncClient, yaml: str = JOB) -> dict[str, Any]:
    return await add(api, "/jobs", {"yaml": yaml})


def take_role(connection: psycopg.Connection[Any], name: str, permissions: Sequence[str] | None = None) -> None:
    """Give everybody one role; with permissions, a new one that has them."""
    if permissions is not None:
        _insert_role(connection, name, permissions)
    connection.execute("UPDATE users SET role_id = (SELECT id FROM roles WHERE name = %s)", (name,))


def add_role(dsn: str, name: str, permissions: Sequence[str]) -> None:
    """A role of these permissions."""
    with psycopg.connect(dsn) as connection:
        _insert_role(connection, name, permissions)


def _insert_role(connection: psycopg.Connection[Any], name: str, permissions: Sequence[str]) -> None:
    connection.execute(
        "INSERT INTO roles (id, name, description, permissions, built_in, created_at, updated_at) "
        "VALUES (gen_random_uuid(), %s, '', %s, false, now(), now())",
        (name, Jsonb(permissions)),
    )


async def add_user(app: FastAPI, username: str, role: str) -> str:
    """Somebody else, signed in; gives their access token."""
    async with app.state.sessions() as session, session.begin():
        identity = IdentityRepository(session)
        found = await identity.find_role(role)
        assert found is not None
        identity.add(User(username=username, role_id=found.id))
    return await sign_in(app, username)


async def add_member(app: FastAPI, username: str, grants: Sequence[tuple[str, str, str]]) -> str:
    """A user whose role permits nothing, with roles in one place only (role, kind, place); gives their token."""
    async with app.state.sessions() as session, session.begin():
        roles = {role.name: role.id for role in await session.scalars(select(Role))}
        nothing = Role(name=f"nothing-{username}", permissions=[])
        session.add(nothing)
        await session.flush()
        user = User(username=username, role_id=nothing.id)
        session.add(user)
        await session.flush()
        session.add_all(
            RoleGrant(user_id=user.id, role_id=roles[role], kind=kind, place=place) for role, kind, place in grants
        )
    return await sign_in(app, username)
